"""Many cases as the page of a bulk decision shows them, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models import Max, Q

from comments.masking import mask_email
from moderation.admin.beside import Beside, beside, quotes_of_all
from moderation.admin.card import Told, effect_of, marks_of, tell
from moderation.admin.highlight import Mark, Segment, highlight
from moderation.admin.sentences import cause_in_words
from moderation.admin.veiling import Veils, veils_for
from moderation.models import Case, Decision, Finding, Quote
from moderation.quote_words import quote_in_words
from moderation.services.outcomes import Outcome
from moderation.services.second_eyes import Eyes, eyes_on

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from comments.models import Comment


@dataclass(frozen=True, slots=True)
class Item:
    """A case with the whole comment and what rules said of it.

    `obstacle` is why he can not decide it, an `Outcome`, or empty; `first` is
    what a person decided where somebody was faster.
    """

    case: Case
    comment: Comment
    body: tuple[Segment, ...]
    name: tuple[Segment, ...]
    email: str
    told: Sequence[Told]
    causes: Sequence[str]
    quotes: Sequence[Beside]
    edited_since: bool
    obstacle: str = ""
    eyes: Eyes = Eyes()  # noqa: RUF009 - frozen
    first: Decision | None = None


def find_cases(user: User, keys: Iterable[int]) -> QuerySet[Case]:
    """Those of the cases that he may see and that have a comment, open or closed, by due time."""
    rows = Case.objects.visible_to(user).filter(pk__in=list(keys), comment__isnull=False)
    return rows.select_related("site", "comment").order_by("due_at", "pk")


def items_of(user: User, keys: Sequence[int], language: str, now: datetime) -> tuple[list[Item], Veils]:
    """The cases of these keys that he may see, by due time, and what of them is blurred."""
    rows = find_cases(user, keys).select_related("comment__article")
    rows = rows.defer("comment__folded", "comment__user_agent", "comment__article__body")
    cases = list(rows.prefetch_related("causes"))
    told = _told(cases, language)
    quotes = quotes_of_all(case.comment_id or 0 for case in cases)
    firsts = first_decisions(case for case in cases if case.closed_at)
    sources = [each.source_comment_id for found in quotes.values() for each in found]
    veils = veils_for(user, [*(case.comment for case in cases), *sources])
    eyes = eyes_on(cases, user, now)
    items = []
    for case in cases:
        item = _item(case, told.get(case.pk, []), quotes.get(case.comment_id or 0, []), veils)
        seen = eyes.get(case.pk, Eyes())
        items.append(replace(item, obstacle=obstacle_of(case, seen), eyes=seen, first=firsts.get(case.pk)))
    return items, veils


def obstacle_of(case: Case, eyes: Eyes) -> str:
    """Why a case can not be decided by him as it stands: an `Outcome`, or nothing."""
    if case.closed_at is not None:
        return Outcome.CLOSED
    return Outcome.ESCALATED if eyes.needed else ""


def first_decisions(cases: Iterable[Case]) -> dict[int, Decision]:
    """`{case: what a person decided there last}`: one query."""
    comments = {case.comment_id for case in cases}
    rows = Decision.objects.filter(comment__in=comments, by__isnull=False, case__isnull=False)
    rows = rows.exclude(cause="undo").select_related("by", "reason")
    return {each.case_id or 0: each for each in rows.order_by("pk")}


def _item(case: Case, told: Sequence[Told], quotes: Sequence[Quote], veils: Veils) -> Item:
    comment = case.comment
    assert comment is not None
    current = [each for each in told if each.finding.decision.revision == comment.revision]
    marks = [mark for each in current for mark in marks_of(each, "body")]
    marks += [Mark(each.start, each.end, "quote", quote_in_words(each.verdict)) for each in quotes]
    names = [mark for each in current for mark in marks_of(each, "author_name")]
    return Item(
        case=case,
        comment=comment,
        body=veils.within(comment.body, comment.pk, marks),
        name=highlight(comment.author_name, names + veils.marks(comment.pk, "author_name")),
        # Who needs more of it opens the card, where it is recorded that he saw it.
        email=mask_email(comment.author_email),
        told=told,
        causes=[cause_in_words(cause.kind) for cause in case.causes.all() if cause.finding_id is None],
        quotes=beside(quotes, comment),
        edited_since=bool(told) and not current,
    )


def _told(cases: Sequence[Case], language: str) -> dict[int, list[Told]]:
    """`{case: the findings of its comment's newest judgement, and those that opened it}`."""
    comments = [case.comment_id for case in cases]
    judged = Decision.objects.filter(comment__in=comments, by=None).order_by().values("comment")
    newest = {last for _, last in judged.annotate(last=Max("pk")).values_list("comment", "last")}
    opened = {finding for case in cases for finding in _opening(case)}
    rows = Finding.objects.filter(Q(decision__in=newest) | Q(pk__in=opened), decision__comment__in=comments)
    rows = rows.select_related("decision", "rule_version__reason").prefetch_related("evidence")
    of_comment: dict[int, list[Told]] = {}
    for finding in sorted(rows.order_by("pk"), key=effect_of):
        of_comment.setdefault(finding.decision.comment_id, []).append(tell(finding, language))
    return {
        case.pk: [
            each
            for each in of_comment.get(case.comment_id or 0, [])
            if each.finding.decision_id in newest or each.finding.pk in _opening(case)
        ]
        for case in cases
    }


def _opening(case: Case) -> set[int]:
    return {cause.finding_id for cause in case.causes.all() if cause.finding_id}
