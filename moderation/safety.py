"""Rules that have fallen back, and how a person puts them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_noop

from comments import bulk
from comments.recording import record_change
from moderation.models import AutomaticRejections, BreakerPair, BreakerTrip, RuleVersion
from moderation.rules import lock_rules, renew_rule_set

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


@dataclass(frozen=True, slots=True)
class Warnings:
    """What everybody at the desk should know: rules that only flag, and quotas that are spent."""

    trips: Sequence[BreakerTrip]
    quotas: Sequence[AutomaticRejections]

    def of_rule(self, rule: int | None) -> Warnings:
        """Those of one rule."""
        return Warnings(
            [each for each in self.trips if each.rule_id == rule],
            [each for each in self.quotas if each.rule_id == rule],
        )

    def __bool__(self) -> bool:
        return bool(self.trips or self.quotas)


_ANY = """
SELECT EXISTS (SELECT FROM moderation_breakertrip WHERE reset_at IS NULL)
    OR EXISTS (SELECT FROM moderation_automaticrejections WHERE day = ANY(%s) AND full_at IS NOT NULL)
"""


def warnings_for(user: User | AnonymousUser, now: datetime) -> Warnings:
    """Those of the sites that `user` is a member of, and of all sites. As a rule there are none at all."""
    # A site's day may begin fourteen hours before that of Greenwich, or end twelve after it.
    days = [(now + timedelta(days=each)).date() for each in (-1, 0, 1)]
    if not bulk.fetch(_ANY, [days])[0][0]:
        return Warnings([], [])
    trips = BreakerTrip.objects.visible_to(user).filter(reset_at=None).select_related("rule__site")
    full = AutomaticRejections.objects.visible_to(user).filter(day__in=days, full_at__isnull=False)
    spent = [
        each
        for each in full.select_related("site", "rule").order_by("site", "rule")
        if now.astimezone(ZoneInfo(each.site.zone)).date() == each.day
    ]
    return Warnings(list(trips.order_by("opened_at")), spent)


class NoReason(ValueError):
    """A breaker is reset for a reason that others can read later."""


@transaction.atomic
def reset_breaker(trip_id: int, *, by: User, reason: str, now: datetime) -> bool:
    """Let a rule act again; whether it was still kept from it. What was counted counts no more.

    Raises `NoReason`.
    """
    if not reason.strip():
        raise NoReason("A breaker is reset for a reason: say why the rule may act again.")
    trip = BreakerTrip.objects.filter(pk=trip_id).first()
    if trip is None:
        return False
    lock_rules()
    # The workers' order: the versions, then what hangs on them.
    versions = RuleVersion.objects.filter(rule=trip.rule_id).order_by("pk")
    keys = list(versions.select_for_update(no_key=True).values_list("pk", flat=True))
    open_ = BreakerTrip.objects.filter(pk=trip_id, reset_at=None)
    if not open_.update(reset_at=now, reset_by=by, reset_reason=reason.strip()):
        return False
    BreakerPair.objects.filter(rule_version__in=keys).delete()
    record_change(trip.rule, gettext_noop("allowed to act again"), by=by)
    # What was flagged meanwhile may be screened again.
    renew_rule_set(by)
    return True
