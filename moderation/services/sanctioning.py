"""Sanctions, set and lifted by people; the only writer of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.admin.models import ADDITION
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from comments.models import Site
from comments.recording import record_change
from moderation.models import Sanction
from moderation.rules import in_force, renew_rule_set
from moderation.services.deciding import Result, Wanted, decide
from moderation.services.outcomes import Outcome
from moderation.targets import NotSanctionable

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

    from comments.models import Comment
    from moderation.models import Reason
    from moderation.targets import Target

ADD, LIFT = "moderation.add_sanction", "moderation.lift_sanction"


class AlreadySanctionedError(Exception):
    """The target is under a sanction of the same site already: `sanction`."""

    def __init__(self, sanction: Sanction) -> None:
        super().__init__(f"sanction {sanction.pk} is against the same target.")
        self.sanction = sanction


def may_sanction(user: User, site_id: int | None) -> bool:
    """Members set sanctions at their sites; those for all sites ask for membership of every site."""
    if not user.has_perm(ADD):
        return False
    mine = Site.objects.visible_to(user)
    if site_id is not None:
        return mine.filter(pk=site_id).exists()
    return not Site.objects.exclude(pk__in=mine.values("pk")).exists()


def may_lift(user: User, row: Sanction) -> bool:
    """Whoever set it may lift it again, as may who lifts anybody's; within their sites."""
    return may_sanction(user, row.site_id) and (row.created_by_id == user.pk or user.has_perm(LIFT))


@dataclass(frozen=True, slots=True, kw_only=True)
class SanctionTerms:
    """Where, why and how long: `site_id` None is all sites, `until` None for ever.

    `comment` is the one that gave occasion to it, if one did.
    """

    site_id: int | None
    reason: Reason
    until: datetime | None = None
    note: str = ""
    comment: Comment | None = None


@transaction.atomic
def sanction(target: Target, terms: SanctionTerms, *, by: User, now: datetime) -> Sanction:
    """Put a target (`moderation.targets.target_of`, `target_in`) under a sanction, at once in force.

    Raises `PermissionDenied`, `NotSanctionable` for
    an end that is past, and `AlreadySanctionedError`.
    """
    if not may_sanction(by, terms.site_id):
        raise PermissionDenied
    if terms.until is not None and terms.until <= now:
        raise NotSanctionable(_("Its end is past already."))
    same = Sanction.objects.filter(kind=target.kind, match=target.match, site=terms.site_id, lifted_at=None)
    for each in same.order_by("pk"):
        if each.in_force(now):
            raise AlreadySanctionedError(each)
    made = Sanction.objects.create(
        site_id=terms.site_id,
        kind=target.kind,
        match=target.match,
        shown=target.shown,
        near=list(target.near),
        until=terms.until,
        reason=terms.reason,
        note=terms.note.strip(),
        comment=terms.comment,
        created_by=by,
        created_at=now,
    )
    record_change(made, "", by=by, flag=ADDITION)
    _renew(by)
    return made


def sanction_and_decide(
    target: Target, terms: SanctionTerms, wanted: Wanted, *, by: User, now: datetime
) -> tuple[Sanction | None, Result]:
    """Both or neither: where the decision is refused, no sanction is set. Raises as `sanction` does."""
    with transaction.atomic():
        made = sanction(target, terms, by=by, now=now)
        (result,) = decide([wanted], by=by, now=now)
        if result.outcome is Outcome.DONE:
            return made, result
        transaction.set_rollback(True)
    return None, result


class NoReasonError(ValueError):
    """A sanction is lifted for a reason that others can read later."""


@transaction.atomic
def lift(sanction_id: int, *, by: User, why: str, now: datetime) -> bool:
    """End a sanction for good; whether it was still there to be lifted.

    Raises `PermissionDenied` and `NoReasonError`.
    """
    row = Sanction.objects.filter(pk=sanction_id).first()
    if row is None or not may_lift(by, row):
        raise PermissionDenied
    if not why.strip():
        raise NoReasonError("A sanction is lifted for a reason: say why.")
    rows = Sanction.objects.filter(pk=sanction_id, lifted_at=None)
    if not rows.update(lifted_at=now, lifted_by=by, lifted_why=why.strip()):
        return False
    record_change(row, gettext_noop("lifted"), by=by)
    _renew(by)
    return True


def _renew(by: User) -> None:
    """A rule set decides a text once; what waits may be screened again by the sanctions of now."""
    if in_force().needs.sanctions:
        renew_rule_set(by)
