"""What is done with a case without deciding it: noted, passed on for a second look, given back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from moderation.models import Case, Note, NoteKind
from moderation.services.outcomes import Outcome

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DECIDE_ESCALATED = "moderation.decide_escalated"


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


def needs_another(case: Case, user: User) -> bool:
    """Whether it waits for a second pair of eyes, and his were the first."""
    return case.escalated_by_id == user.pk and not user.has_perm(DECIDE_ESCALATED)


def _locked(case_id: int, by: User) -> Case | None:
    rows = Case.objects.visible_to(by).filter(pk=case_id, comment__isnull=False)
    return rows.select_for_update(no_key=True).first()


def _keep(case: Case, kind: NoteKind, text: str, by: User, now: datetime) -> None:
    assert case.comment_id is not None
    Note.objects.create(comment_id=case.comment_id, kind=kind, by=by, text=text, created_at=now)
