"""What is done with a case without deciding it: noted, passed on for a second look, given back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from moderation.models import Case, Note, NoteKind
from moderation.services.outcomes import Outcome

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DECIDE_ESCALATED = "moderation.decide_escalated"
UNDO_ANY = "moderation.undo_any"
# So long one takes back what one did; after that it is for a Lead, who may always.
OWN_UNDO = timedelta(hours=24)


def add_note(case_id: int, text: str, *, by: User, now: datetime) -> Outcome:
    """Keep a note with the comment of a case, open or closed. Raises `ValueError` for an empty one."""
    if not text.strip():
        raise ValueError("a note needs words.")
    case = Case.objects.visible_to(by).filter(pk=case_id, comment__isnull=False).first()
    if case is None:
        return Outcome.DENIED
    _keep(case, NoteKind.NOTE, text, by, now)
    return Outcome.DONE


@transaction.atomic
def escalate(case_id: int, why: str, *, by: User, now: datetime) -> Outcome:
    """Pass an open case on to the Leads, with the reason as a note; STALE where somebody has already.

    Raises `ValueError` without a reason.
    """
    if not why.strip():
        raise ValueError("an escalation needs a reason.")
    case = _locked(case_id, by)
    if case is None:
        return Outcome.DENIED
    if case.closed_at or case.escalated_at:
        return Outcome.CLOSED if case.closed_at else Outcome.STALE
    Case.objects.filter(pk=case.pk).update(
        escalated_at=now, escalated_by=by, claimed_by=None, claimed_until=None
    )
    _keep(case, NoteKind.ESCALATED, why, by, now)
    return Outcome.DONE


@transaction.atomic
def release(case_id: int, text: str, *, by: User, now: datetime) -> Outcome:
    """Give an escalated case back to everybody's queue; its escalator and a Lead may."""
    case = _locked(case_id, by)
    if case is None:
        return Outcome.DENIED
    if case.closed_at or case.escalated_at is None:
        return Outcome.CLOSED if case.closed_at else Outcome.STALE
    if not may_release(case, by):
        return Outcome.DENIED
    Case.objects.filter(pk=case.pk).update(escalated_at=None, escalated_by=None)
    _keep(case, NoteKind.RELEASED, text, by, now)
    return Outcome.DONE


def may_release(case: Case, user: User) -> bool:
    """Whether he passed it on himself, or is a Lead."""
    return case.escalated_by_id == user.pk or user.has_perm(DECIDE_ESCALATED)


def is_his_to_undo(done_by: int | None, at: datetime, user: User, now: datetime) -> bool:
    """Whether what somebody did is his to take back."""
    return (done_by == user.pk and at > now - OWN_UNDO) or user.has_perm(UNDO_ANY)


@transaction.atomic
def take_note_back(note_id: int, *, by: User, now: datetime) -> Outcome:
    """Take away what a note says; that one was taken back stays in the log."""
    note = Note.objects.visible_to(by).filter(pk=note_id, kind=NoteKind.NOTE).select_for_update().first()
    if note is None or not (note.by_id == by.pk or by.has_perm(UNDO_ANY)):
        return Outcome.DENIED
    if not is_his_to_undo(note.by_id, note.created_at, by, now):
        return Outcome.LATE
    note.delete()
    Note.objects.create(comment_id=note.comment_id, kind=NoteKind.WITHDRAWN, by=by, created_at=now)
    return Outcome.DONE


@transaction.atomic
def pass_on_again(case_id: int, *, by: User, now: datetime) -> Outcome:
    """Take back that a case was given back: it is with the Leads again, by whom and since when it was."""
    case = _locked(case_id, by)
    if case is None or case.comment_id is None:
        return Outcome.DENIED
    # Notes are of the comment: before this case was opened they were of an earlier one.
    notes = Note.objects.filter(comment=case.comment_id, created_at__gte=case.opened_at).filter(
        kind__in=(NoteKind.ESCALATED, NoteKind.RELEASED)
    )
    newest, before = [*notes.order_by("-pk")[:2], None, None][:2]
    if case.closed_at or case.escalated_at:
        return Outcome.CLOSED if case.closed_at else Outcome.STALE
    if newest is None or before is None or newest.kind != NoteKind.RELEASED:
        return Outcome.STALE
    if not is_his_to_undo(newest.by_id, newest.created_at, by, now):
        return Outcome.LATE if newest.by_id == by.pk else Outcome.DENIED
    Case.objects.filter(pk=case.pk).update(escalated_at=before.created_at, escalated_by=before.by_id)
    _keep(case, NoteKind.ESCALATED, before.text, by, now)
    return Outcome.DONE


def _locked(case_id: int, by: User) -> Case | None:
    rows = Case.objects.visible_to(by).filter(pk=case_id, comment__isnull=False)
    return rows.select_for_update(no_key=True).first()


def _keep(case: Case, kind: NoteKind, text: str, by: User, now: datetime) -> None:
    assert case.comment_id is not None
    Note.objects.create(comment_id=case.comment_id, kind=kind, by=by, text=text, created_at=now)
