"""What people decide: cases closed, and comments shown or hidden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import Max

from comments import counters
from comments.models import Comment, Status
from comments.statuses import set_status
from moderation.models import Case, Decision, Evidence, EvidenceKind
from moderation.services.escalating import is_his_to_undo
from moderation.services.judgements import judge_again
from moderation.services.noting import note_hidden_or_shown
from moderation.services.outcomes import Outcome
from moderation.services.second_eyes import eyes_on
from moderation.services.writing import is_hidden_or_shown

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants done with a case: `publish`, or `reject` with a reason.

    `seen_version` is the comment's version that he had before him. `note` is
    for colleagues; `message` goes to the comment's author in place of the
    reason's own text. `anew` decides a closed case once more.
    """

    case_id: int
    action: str
    seen_version: int
    reason_id: int | None = None
    note: str = ""
    message: str = ""
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What became of it, and the comment's state after."""

    case_id: int | None
    outcome: Outcome
    status: str = ""
    version: int = 0
    decision_id: int | None = None


# The cause of a decision that takes the place of another on a closed case.
ANEW = "anew"
STATUS_OF: Mapping[str, str] = {"publish": Status.PUBLISHED, "reject": Status.REJECTED}


@transaction.atomic
def decide(wanted: Sequence[Wanted], *, by: User, now: datetime) -> list[Result]:
    """Decide cases; a stale or closed one is refused with its present state.

    However many they are, each kind of row is one statement. Raises
    `ValueError` for an unknown action or a rejection without a reason.
    """
    for each in wanted:
        if each.action not in STATUS_OF:
            raise ValueError(f"unknown action {each.action!r}: publish or reject.")
        if each.action == "reject" and each.reason_id is None:
            raise ValueError("a rejection needs a reason.")
    cases = {
        case.pk: case
        for case in Case.objects.visible_to(by).filter(
            pk__in=[each.case_id for each in wanted], import_run=None
        )
    }
    comments = lock([case.comment_id for case in cases.values() if case.comment_id])
    # Read again under the comments' locks: whoever decided first has written by now.
    cases = {
        case.pk: case for case in Case.objects.filter(pk__in=cases).select_for_update().order_by("comment_id")
    }
    for found in cases.values():
        found.comment = comments[found.comment_id] if found.comment_id else None
    decider = _decider(wanted, cases, by, now)
    taken = [_decide(each, cases.get(each.case_id), decider) for each in wanted]
    _write([(asked, each) for asked, each in zip(wanted, taken, strict=True) if isinstance(each, Decision)])
    return [done(each) if isinstance(each, Decision) else each for each in taken]


def lock(ids: Sequence[int]) -> dict[int, Comment]:
    """Comments by id, locked in the order in which everybody locks them."""
    locked = Comment.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return {comment.pk: comment for comment in locked}


class _Decider(NamedTuple):
    """Who decides when; and of the cases that are another's to decide, and closed ones that are his.

    `newest` has the decision that stands of each comment that he may still decide on: a comment
    is decided once.
    """

    by: User
    now: datetime
    others: Collection[int]
    anew: Collection[int]
    newest: dict[int, int | None]


def _decider(wanted: Sequence[Wanted], cases: Mapping[int, Case], by: User, now: datetime) -> _Decider:
    eyes = eyes_on(list(cases.values()), by, now)
    closed = [case for each in wanted if each.anew and (case := cases.get(each.case_id)) and case.closed_at]
    others = {key for key, each in eyes.items() if each.needed}
    comments = [case.comment_id for case in cases.values() if case.comment_id]
    newest = {**dict.fromkeys(comments), **newest_of(comments)}
    return _Decider(by, now, others, _decidable(closed, by, now), newest)


def newest_of(comments: Iterable[int]) -> dict[int, int]:
    """The newest decision of each comment that has one: one query."""
    rows = Decision.objects.filter(comment__in=set(comments)).order_by().values("comment")
    return dict(rows.annotate(newest=Max("pk")).values_list("comment", "newest"))


def _decide(wanted: Wanted, case: Case | None, decider: _Decider) -> Decision | Result:
    """A decision that is still to be written, or why there is none."""
    if case is None or case.comment is None:
        return Result(wanted.case_id, Outcome.DENIED)
    comment, is_anew = case.comment, case.pk in decider.anew
    if case.closed_at is not None and not is_anew:
        return Result(case.pk, Outcome.CLOSED, comment.status, comment.version)
    if comment.version != wanted.seen_version or comment.pk not in decider.newest:
        return Result(case.pk, Outcome.STALE, comment.status, comment.version)
    if case.pk in decider.others:
        return Result(case.pk, Outcome.ESCALATED, comment.status, comment.version)
    comment.version += 1
    return Decision(
        comment=comment,
        revision=comment.revision,
        from_status=comment.status,
        to_status=STATUS_OF[wanted.action],
        cause=ANEW if is_anew else "person",
        reason_id=wanted.reason_id,
        by=decider.by,
        case=case,
        supersedes_id=decider.newest.pop(comment.pk),
        created_at=decider.now,
    )


def _write(decided: Sequence[tuple[Wanted, Decision]]) -> None:
    """What was decided, by one person at one time: rows of the log, their cases, their comments."""
    decisions = [decision for _, decision in decided]
    if not decisions:
        return
    Decision.objects.bulk_create(decisions)
    Evidence.objects.bulk_create(
        Evidence(decision=decision, kind=kind, text=text)
        for wanted, decision in decided
        for kind, text in ((EvidenceKind.NOTE, wanted.note), (EvidenceKind.MESSAGE, wanted.message))
        if text
    )
    # Of a case that is decided anew it stays true who closed it, and when.
    closed = [each.case_id for each in decisions if each.case_id and each.cause != ANEW]
    first = decisions[0]
    Case.objects.filter(pk__in=closed).update(
        closed_at=first.created_at, closed_by=first.by, claimed_by=None, claimed_until=None
    )
    shadow(decisions)
    judge_again(each.comment_id for each in decisions)


def may_decide_anew(case: Case, user: User, now: datetime) -> bool:
    """Whether a closed case is his to decide once more: see `_decidable`."""
    return bool(case.closed_at and _decidable([case], user, now))


def _decidable(cases: Sequence[Case], user: User, now: datetime) -> set[int]:
    """Of closed cases those that he may decide anew.

    His own for a while, a Lead any, and what no person has decided. Not where
    another case of the comment is open: it is decided there. Nor where another's
    eyes are needed. Nothing is left to decide of a text that was erased or withdrawn.
    """
    comments = {case.comment_id: case.comment for case in cases if case.comment}
    if not comments:
        return set()
    busy = set(Case.objects.filter(comment__in=comments, closed_at=None).values_list("comment", flat=True))
    said = Decision.objects.filter(comment__in=comments, by__isnull=False).order_by("comment", "-pk")
    newest = {each.comment_id: each for each in said.distinct("comment")}
    eyes = eyes_on([case for case in cases if case.comment_id not in busy], user, now, closed=True)
    others = {key for key, each in eyes.items() if each.needed}
    return {
        case.pk
        for case in cases
        if case.comment
        and case.pk not in others
        and case.comment_id not in busy
        and case.comment.erased_at is None
        and case.comment.withdrawn_at is None
        and (
            (last := newest.get(case.comment.pk)) is None
            or is_his_to_undo(last.by_id, last.created_at, user, now)
        )
    }


def shadow(decisions: Sequence[Decision]) -> None:
    """Write the comments' statuses as the decisions have them; the articles once and last of all."""
    seen = [
        each.comment.article_id for each in decisions if is_hidden_or_shown(each.from_status, each.to_status)
    ]
    set_status({each.comment_id: each.to_status for each in decisions}, hidden_or_shown=seen)
    note_hidden_or_shown(
        {
            each.comment_id: each.to_status != Status.REJECTED
            for each in decisions
            if is_hidden_or_shown(each.from_status, each.to_status)
        }
    )
    for status, number in Counter(each.to_status for each in decisions).items():
        transaction.on_commit(partial(counters.add, counters.DECISIONS, status, "person", by=number))


def done(decision: Decision) -> Result:
    """What became of a case that a decision was written of."""
    version = decision.comment.version
    return Result(decision.case_id, Outcome.DONE, decision.to_status, version, decision.pk)


def close_run_case(case_id: int, *, by: User, now: datetime) -> bool:
    """Close the case of an import run that a person has looked at; whether it was open."""
    cases = Case.objects.visible_to(by).filter(pk=case_id, import_run__isnull=False, closed_at=None)
    return bool(cases.update(closed_at=now, closed_by=by))


def reopen_run_case(case_id: int, *, by: User, now: datetime) -> Outcome:
    """Open the case of an import run again that was closed by mistake."""
    cases = Case.objects.visible_to(by).filter(pk=case_id, import_run__isnull=False)
    case = cases.first()
    if case is None:
        return Outcome.DENIED
    if case.closed_at is None or case.closed_by_id is None:
        return Outcome.STALE
    if not is_his_to_undo(case.closed_by_id, case.closed_at, by, now):
        return Outcome.LATE if case.closed_by_id == by.pk else Outcome.DENIED
    # Of two who take it back at once the second finds it open.
    done = cases.filter(closed_at=case.closed_at).update(closed_at=None, closed_by=None)
    return Outcome.DONE if done else Outcome.STALE
