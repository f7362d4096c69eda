"""All that the page of a case shows, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from comments import bulk
from comments.disclosing import kinds_of
from comments.imports.grouping import group, shape
from comments.masking import DOTS, mask_address, mask_email
from comments.models import Comment, ImportProblem
from moderation.admin.author import History, history_of, newest_first
from moderation.admin.beside import Beside, beside, quotes_of
from moderation.admin.highlight import Mark, Segment, highlight
from moderation.admin.quoting import Quoting, who_quotes
from moderation.admin.references import Refers, references_of
from moderation.admin.sentences import cause_in_words, notice_in_words, sentence, services_in_words
from moderation.admin.veiling import NONE, Veils, is_harsh, veils_for
from moderation.models import Action, Case, Decision, Finding, Mode, Note
from moderation.models.notes import NoteKind
from moderation.quote_words import quote_in_words

if TYPE_CHECKING:
    from django.contrib.auth.models import User

REPLIES = 5
# What is shown of the thread above the comment that is replied to.
ABOVE = 5
# Decisions and notes of a comment that its card shows.
LOG = 20
# Notices of an import run that its case shows.
NOTICES = 100
GUESSED = "guessed-"


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in words, with the rule that made it."""

    finding: Finding
    sentence: str
    evidence: tuple[str, ...]
    is_harsh: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A comment's case as its page shows it."""

    case: Case
    comment: Comment
    body: tuple[Segment, ...]
    name: tuple[Segment, ...]
    email: str
    address: str
    user_agent: str
    # Whether there is any data of the reader's to be masked, and whether it stands here in full.
    has_personal: bool
    in_full: bool
    told: list[Told]
    causes: list[str]
    quotes: list[Beside]
    references: list[Refers]
    quoting: Quoting
    # The thread above the comment that this one replies to, the oldest first.
    above: list[Comment]
    replies: list[Comment]
    history: History | None
    decisions: list[Decision]
    notes: list[Note]
    # The findings judge a text that has been edited since.
    edited_since: bool = False
    veils: Veils = NONE

    @property
    def log(self) -> list[Decision | Note]:
        """What was decided and noted, the newest first."""
        return newest_first(self.decisions, self.notes)

    @property
    def passed_on(self) -> Note | None:
        """Why it waits for a second pair of eyes, if it does."""
        of_case = self.case.escalated_at and self.case.closed_at is None
        return (
            next((each for each in self.notes if each.kind == NoteKind.ESCALATED), None) if of_case else None
        )

    @property
    def suggested_reason(self) -> int | None:
        """The reason of the strictest rule that hit: it is told first."""
        enforced = (told.finding for told in self.told if told.finding.mode == Mode.ENFORCE)
        hardest = next(enforced, None)
        return hardest.rule_version.reason_id if hardest else None


def find_case(user: User, key: int) -> Case | None:
    """A case, open or closed, with the rows that its page begins with."""
    rows = Case.objects.visible_to(user).select_related(
        "site",
        "comment__article",
        "comment__parent",
        "import_run__source",
        "closed_by",
        "escalated_by",
        "claimed_by",
    )
    return (
        rows.defer("comment__folded", "comment__article__body", "comment__parent__folded")
        .filter(pk=key)
        .first()
    )


@dataclass(frozen=True, slots=True)
class Look:
    """How a card is looked at.

    With `full` personal data is not masked: who asks for that records it (`comments.disclosing`).
    Without `veiled` nothing is blurred, whatever the user's setting is.
    """

    full: bool = False
    veiled: bool = True


AS_USUAL = Look()


def make_card(case: Case, comment: Comment, user: User, language: str, look: Look = AS_USUAL) -> Card:
    """The card of a comment's case; sentences in `language`."""
    full = look.full
    decisions = _decisions(comment)
    told = _told(case, comment, decisions, language)
    current = [each for each in told if each.finding.decision.revision == comment.revision]
    quotes = quotes_of(comment)
    marks = [mark for each in current for mark in marks_of(each, "body")]
    marks += [Mark(each.start, each.end, "quote", quote_in_words(each.verdict)) for each in quotes]
    history, replies, above = history_of(comment, user), _replies(comment, user), _above(comment, user)
    references, quoting = references_of(comment), who_quotes(comment, user, most=REPLIES)
    others = [comment.parent, *above, *replies, *(history.comments if history else [])]
    others += [each.comment for each in references] + [each.quote.comment for each in quoting.quotes]
    sources = [each.source_comment_id for each in quotes]
    veils = veils_for(user, [comment, *others, *sources]) if look.veiled else NONE
    names = [mark for each in current for mark in marks_of(each, "author_name")]
    return Card(
        case=case,
        comment=comment,
        body=veils.within(comment.body, comment.pk, marks),
        name=highlight(comment.author_name, names + veils.marks(comment.pk, "author_name")),
        email=comment.author_email if full else mask_email(comment.author_email),
        address=(comment.ip or "") if full else mask_address(comment.ip),
        user_agent=comment.user_agent if full or not comment.user_agent else DOTS,
        has_personal=bool(kinds_of(comment)),
        in_full=full,
        told=told,
        causes=[cause_in_words(cause.kind) for cause in case.causes.all() if cause.finding_id is None]
        + next((services_in_words(each.facts) for each in decisions if each.by_id is None), []),
        quotes=beside(quotes, comment),
        references=references,
        quoting=quoting,
        above=above,
        replies=replies,
        history=history,
        decisions=decisions,
        notes=list(comment.staff_notes.select_related("by").order_by("-pk")[:LOG]),
        edited_since=bool(told) and not current,
        veils=veils,
    )


@dataclass(frozen=True, slots=True)
class Guessed:
    """Rows of an import run about which the same was guessed: the first of them, and how many there are."""

    sentence: str
    code: str
    number: int
    rows: list[ImportProblem]


def guessed_in(case: Case) -> list[Guessed]:
    """What was guessed in an import run, each reason once; other notices open no case."""
    run = case.import_run
    if run is None:
        return []
    rows = ImportProblem.objects.filter(run=run, refused=False, code__startswith=GUESSED)
    shown: dict[tuple[str, str], list[ImportProblem]] = {}
    for row in rows.order_by("position", "pk")[:NOTICES]:
        shown.setdefault((row.code, shape(row.reason)), []).append(row)
    return [
        Guessed(
            notice_in_words(each.code, each.reason),
            each.code,
            each.number,
            shown.get((each.code, shape(each.reason)), []),
        )
        for each in group(run, refused=False, code=GUESSED).groups
    ]


def _decisions(comment: Comment) -> list[Decision]:
    rows = comment.decisions.select_related("by", "reason").prefetch_related("notes")
    return list(rows.order_by("-pk")[:LOG])


def _told(case: Case, comment: Comment, decisions: Sequence[Decision], language: str) -> list[Told]:
    """The findings of the newest judgement, and those that opened the case: what has most effect first."""
    newest = next((each.pk for each in decisions if each.by_id is None), None)
    causes = [cause.finding_id for cause in case.causes.all() if cause.finding_id]
    findings = (
        Finding.objects.filter(Q(decision=newest) | Q(pk__in=causes), decision__comment=comment)
        .select_related("decision", "rule_version__reason")
        .prefetch_related("evidence")
        .order_by("pk")
    )
    return [tell(finding, language) for finding in sorted(findings, key=effect_of)]


def effect_of(finding: Finding) -> tuple[bool, int]:
    """Sorts by it: what rejects, holds, flags, and what only observes."""
    return finding.mode != Mode.ENFORCE, [Action.REJECT, Action.HOLD, Action.FLAG].index(
        Action(finding.action)
    )


def tell(finding: Finding, language: str) -> Told:
    """A finding as it is told; its rule version and its evidence come with it."""
    evidence = sorted(finding.evidence.all(), key=lambda row: row.position)
    return Told(
        finding,
        sentence(finding, language),
        tuple(row.text for row in evidence),
        is_harsh(finding.rule_version),
    )


def marks_of(told: Told, name: str) -> list[Mark]:
    """Where a finding points in the field `name` of its comment."""
    kind = told.finding.action if told.finding.mode == "enforce" else "observe"
    return [
        Mark(start, end, kind, f"{told.finding.rule_version}: {told.sentence}")
        for where, start, end in told.finding.spans
        if where == name
    ]


_THREAD = """
WITH RECURSIVE up AS (
    SELECT parent_id, 1 AS steps FROM comments_comment WHERE id = %s
    UNION ALL
    SELECT c.parent_id, up.steps + 1 FROM up JOIN comments_comment c ON c.id = up.parent_id
    WHERE up.steps < %s)
SELECT parent_id FROM up WHERE parent_id IS NOT NULL ORDER BY steps DESC
"""


def _above(comment: Comment, user: User) -> list[Comment]:
    if comment.parent is None or comment.parent.parent_id is None:
        return []
    keys = [key for (key,) in bulk.fetch(_THREAD, [comment.parent_id, ABOVE])]
    found = Comment.objects.visible_to(user).defer("folded", "user_agent").in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _replies(comment: Comment, user: User) -> list[Comment]:
    rows = Comment.objects.visible_to(user).filter(parent=comment).defer("folded", "user_agent")
    return list(rows.order_by("posted_at", "pk")[:REPLIES])
