"""What people decide: cases closed, and decisions undone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import Q

from comments import counters
from comments.models import Comment, Status
from comments.services import set_status
from moderation.models import Case, Decision, Evidence, EvidenceKind
from moderation.services.case_texts import write_texts
from moderation.services.escalating import UNDO_ANY, is_his_to_undo
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

    Raises `ValueError` for an unknown action or a rejection without a reason.
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
    decided = [each for each in taken if isinstance(each, Decision)]
    shadow(decided)
    judge_again(each.comment_id for each in decided)
    return [_done(each) if isinstance(each, Decision) else each for each in taken]


def lock(ids: Sequence[int]) -> dict[int, Comment]:
    """Comments by id, locked in the order in which everybody locks them."""
    locked = Comment.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return {comment.pk: comment for comment in locked}


class _Decider(NamedTuple):
    """Who decides when; cases that are another's to decide, and closed ones that he may decide anew."""

    by: User
    now: datetime
    others: Collection[int]
    anew: Collection[int]


def _decider(wanted: Sequence[Wanted], cases: Mapping[int, Case], by: User, now: datetime) -> _Decider:
    eyes = eyes_on(list(cases.values()), by, now)
    closed = [case for each in wanted if each.anew and (case := cases.get(each.case_id)) and case.closed_at]
    others = {key for key, each in eyes.items() if each.needed}
    return _Decider(by, now, others, _decidable(closed, by, now))


def _decide(wanted: Wanted, case: Case | None, decider: _Decider) -> Decision | Result:
    if case is None or case.comment is None:
        return Result(wanted.case_id, Outcome.DENIED)
    comment, is_anew = case.comment, case.pk in decider.anew
    if (case.closed_at is not None and not is_anew) or comment.version != wanted.seen_version:
        outcome = Outcome.CLOSED if case.closed_at and not is_anew else Outcome.STALE
        return Result(case.pk, outcome, comment.status, comment.version)
    if case.pk in decider.others:
        return Result(case.pk, Outcome.ESCALATED, comment.status, comment.version)
    decision = Decision.objects.create(
        comment=comment,
        revision=comment.revision,
        from_status=comment.status,
        to_status=STATUS_OF[wanted.action],
        cause=ANEW if is_anew else "person",
        reason_id=wanted.reason_id,
        by=decider.by,
        case=case,
        supersedes=comment.decisions.order_by("-pk").first(),
        created_at=decider.now,
    )
    typed = {EvidenceKind.NOTE: wanted.note, EvidenceKind.MESSAGE: wanted.message}
    Evidence.objects.bulk_create(
        Evidence(decision=decision, kind=kind, text=text) for kind, text in typed.items() if text
    )
    comment.version += 1
    if is_anew:
        # Who closed the case, and when, stays true.
        return decision
    case.closed_at, case.closed_by = decider.now, decider.by
    case.claimed_by = case.claimed_until = None
    case.save(update_fields=["closed_at", "closed_by", "claimed_by", "claimed_until"])
    return decision


def may_decide_anew(case: Case, user: User, now: datetime) -> bool:
    """Whether a closed case is his to decide once more: see `_decidable`."""
    return bool(case.closed_at and _decidable([case], user, now))


def _decidable(cases: Sequence[Case], user: User, now: datetime) -> set[int]:
    """Of closed cases those that he may decide anew.

    His own for a while, a Lead any, and what no person has decided. Not where
    another case of the comment is open: it is decided there. Nothing is left to
    decide of a text that was erased or withdrawn.
    """
    comments = {case.comment_id: case.comment for case in cases if case.comment}
    if not comments:
        return set()
    busy = set(Case.objects.filter(comment__in=comments, closed_at=None).values_list("comment", flat=True))
    said = Decision.objects.filter(comment__in=comments, by__isnull=False).order_by("comment", "-pk")
    newest = {each.comment_id: each for each in said.distinct("comment")}
    return {
        case.pk
        for case in cases
        if case.comment
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
    for each in decisions:
        transaction.on_commit(partial(counters.add, counters.DECISIONS, each.to_status, "person"))


def _done(decision: Decision) -> Result:
    version = decision.comment.version
    return Result(decision.case_id, Outcome.DONE, decision.to_status, version, decision.pk)


@transaction.atomic
def undo(decision_id: int, *, by: User, now: datetime) -> Result:
    """Supersede a person's decision and open its case again, as it was.

    Stale if something has been decided on the comment since, or its text is
    another: to go back would show a text that nobody has judged. Denied to
    everyone but the one who took it, late after `OWN_UNDO`, and those with
    `moderation.undo_any`.
    """
    decision = Decision.objects.visible_to(by).filter(pk=decision_id, by__isnull=False).first()
    if decision is None or not (decision.by_id == by.pk or by.has_perm(UNDO_ANY)):
        return Result(None, Outcome.DENIED)
    if not may_undo(decision, by, now):
        return Result(decision.case_id, Outcome.LATE)
    comment = lock([decision.comment_id])[decision.comment_id]
    newest = comment.decisions.order_by("-pk").first()
    if newest != decision or decision.cause == "undo" or decision.revision != comment.revision:
        return Result(decision.case_id, Outcome.STALE, comment.status, comment.version)
    # What stood there before was of an earlier text, if nobody else has judged this one.
    alone = not comment.decisions.filter(revision=comment.revision).exclude(pk=decision.pk).exists()
    before = Status.HELD if alone and decision.from_status == Status.PUBLISHED else decision.from_status
    undone = Decision.objects.create(
        comment=comment,
        revision=comment.revision,
        from_status=comment.status,
        to_status=before,
        cause="undo",
        by=by,
        case=decision.case,
        supersedes=decision,
        created_at=now,
    )
    # A case that was opened since stays the comment's one open case; one that was closed before stays so.
    if decision.cause != ANEW and not Case.objects.filter(Q(comment=comment), closed_at=None).exists():
        Case.objects.filter(decisions=decision).update(closed_at=None, closed_by=None, closed_why="")
        write_texts([comment.pk])
    comment.version += 1
    shadow([undone])
    judge_again([comment.pk])
    return _done(undone)


def may_undo(decision: Decision, user: User, now: datetime) -> bool:
    """Whether a person's decision is his to take back, if nothing was decided since."""
    if decision.by_id is None or decision.cause == "undo":
        return False
    return is_his_to_undo(decision.by_id, decision.created_at, user, now)


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
