"""What people decide: cases closed, and decisions undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from comments import counters
from comments.models import Comment, Status
from comments.services import set_status
from moderation.models import Case, Decision, Evidence, EvidenceKind
from moderation.services.case_texts import write_texts
from moderation.services.escalating import needs_another
from moderation.services.judgements import judge_again
from moderation.services.noting import note_hidden_or_shown
from moderation.services.outcomes import Outcome
from moderation.services.writing import is_hidden_or_shown

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# So long one takes back what one decided; after that it is for a Lead, who may always.
OWN_UNDO = timedelta(hours=24)
UNDO_ANY = "moderation.undo_any"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants done with a case: `publish`, or `reject` with a reason.

    `seen_version` is the comment's version that he had before him. `note` is
    for colleagues; `message` goes to the comment's author in place of the
    reason's own text.
    """

    case_id: int
    action: str
    seen_version: int
    reason_id: int | None = None
    note: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of it, and the comment's state after."""

    case_id: int | None
    outcome: Outcome
    status: str = ""
    version: int = 0
    decision_id: int | None = None


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
    taken = [_decide(each, cases.get(each.case_id), comments, by, now) for each in wanted]
    decided = [each for each in taken if isinstance(each, Decision)]
    shadow(decided)
    judge_again(each.comment_id for each in decided)
    return [_done(each) if isinstance(each, Decision) else each for each in taken]


def lock(ids: Sequence[int]) -> dict[int, Comment]:
    """Comments by id, locked in the order in which everybody locks them."""
    locked = Comment.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return {comment.pk: comment for comment in locked}


def _decide(
    wanted: Wanted, case: Case | None, comments: Mapping[int, Comment], by: User, now: datetime
) -> Decision | Result:
    if case is None or case.comment_id is None:
        return Result(wanted.case_id, Outcome.DENIED)
    comment = comments[case.comment_id]
    if case.closed_at is not None or comment.version != wanted.seen_version:
        outcome = Outcome.CLOSED if case.closed_at else Outcome.STALE
        return Result(case.pk, outcome, comment.status, comment.version)
    if needs_another(case, by):
        return Result(case.pk, Outcome.ESCALATED, comment.status, comment.version)
    decision = Decision.objects.create(
        comment=comment,
        revision=comment.revision,
        from_status=comment.status,
        to_status=STATUS_OF[wanted.action],
        cause="person",
        reason_id=wanted.reason_id,
        by=by,
        case=case,
        supersedes=comment.decisions.order_by("-pk").first(),
        created_at=now,
    )
    typed = {EvidenceKind.NOTE: wanted.note, EvidenceKind.MESSAGE: wanted.message}
    Evidence.objects.bulk_create(
        Evidence(decision=decision, kind=kind, text=text) for kind, text in typed.items() if text
    )
    case.closed_at, case.closed_by = now, by
    case.claimed_by = case.claimed_until = None
    case.save(update_fields=["closed_at", "closed_by", "claimed_by", "claimed_until"])
    comment.version += 1
    return decision


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
    # A case that was opened since stays the one open case of the comment.
    if not Case.objects.filter(Q(comment=comment), closed_at=None).exists():
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
    fresh = decision.by_id == user.pk and decision.created_at > now - OWN_UNDO
    return fresh or user.has_perm(UNDO_ANY)


def close_run_case(case_id: int, *, by: User, now: datetime) -> bool:
    """Close the case of an import run that a person has looked at; whether it was open."""
    cases = Case.objects.visible_to(by).filter(pk=case_id, import_run__isnull=False, closed_at=None)
    return bool(cases.update(closed_at=now, closed_by=by))
