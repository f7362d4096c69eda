"""What people ask of try-outs: begin, pause, go on, cancel."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction

from moderation import doorbell
from moderation.backtest.drafts import freeze_draft, freeze_versions, version_of, versions_of
from moderation.backtest.running import end
from moderation.engine import ActiveRule
from moderation.models import Mode, Rule, RuleSet, RuleVersion, Tryout, TryoutStatus
from moderation.rules import active

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from comments.models import Site

# A season of a newspaper, and as far back as a moderator remembers what he decided.
DAYS = 90
MOST_DAYS = 3_650


@dataclass(frozen=True, slots=True)
class Period:
    """The comments received in [since, until)."""

    since: datetime
    until: datetime

    @classmethod
    def days(cls, days: int, now: datetime) -> Period:
        """So many days back from now. Raises ValueError for less than one or more than ten years."""
        if not 1 <= days <= MOST_DAYS:
            raise ValueError(f"a try-out goes back from 1 to {MOST_DAYS:,} days, not {days:,}.")
        return cls(now - timedelta(days=days), now)


def in_force_of(rule: Rule) -> RuleVersion | None:
    """The version of a rule that is in force; None for a rule that is off, or was never saved."""
    newest = rule.versions.order_by("-number").first() if rule.pk else None
    return newest if newest and newest.mode != Mode.OFF else None


def try_rule(rule: Rule, period: Period, *, site: Site | None = None, by: User | None = None) -> Tryout:
    """Begin to try a rule as it stands in memory, saved or not, beside its version in force.

    A rule that says what that version says is tried as the version itself,
    and so compared with what is stored of it.
    """
    version = in_force_of(rule)
    frozen = freeze_draft(rule)
    if version and _same(frozen, version):
        frozen = {"version": version.pk}
    return _begin(
        period,
        by,
        site=rule.site or site,
        rule=rule if rule.pk else None,
        drafts=[frozen],
        against=[version.pk] if version else [],
    )


def try_version(version: RuleVersion, period: Period, *, by: User | None = None) -> Tryout:
    """Begin to try a version, beside the one of its rule that is in force."""
    newest = in_force_of(version.rule)
    return _begin(
        period,
        by,
        site=version.site,
        rule=version.rule,
        drafts=freeze_versions([version]),
        against=[newest.pk] if newest else [],
    )


def try_rule_set(
    rule_set: RuleSet, period: Period, *, site: Site | None = None, by: User | None = None
) -> Tryout:
    """Begin to try a rule set, beside the one in force."""
    newest = RuleSet.objects.order_by("-pk").first()
    return _begin(
        period,
        by,
        site=site,
        rule_set=rule_set,
        drafts=freeze_versions(versions_of(rule_set)),
        against=[version.pk for version in versions_of(newest)],
    )


def try_drafts(
    rules: Collection[Rule], period: Period, *, site: Site | None = None, by: User | None = None
) -> Tryout:
    """Begin to try rules that may all be unsaved, as a file has them, beside the rule set in force."""
    newest = RuleSet.objects.order_by("-pk").first()
    return _begin(
        period,
        by,
        site=site,
        drafts=[freeze_draft(rule) for rule in rules if rule.mode != Mode.OFF],
        against=[version.pk for version in versions_of(newest)],
    )


def _same(frozen: dict[str, Any], version: RuleVersion) -> bool:
    """Whether a draft does what a version does, however its parameters are spelled and its name is."""
    return _unnumbered(active(version_of(frozen))) == _unnumbered(active(version))


def _unnumbered(rule: ActiveRule) -> ActiveRule:
    return replace(rule, version=0, rule=0)


def _begin(period: Period, by: User | None, **fields: Any) -> Tryout:
    tryout = Tryout.objects.create(since=period.since, until=period.until, created_by=by, **fields)
    transaction.on_commit(doorbell.ring_for_tryouts)
    return tryout


def pause(tryout: int) -> bool:
    """Let no further chunk be begun; whether it went on until now."""
    going = Tryout.objects.filter(pk=tryout, status=TryoutStatus.RUNNING)
    return bool(going.update(status=TryoutStatus.PAUSED))


def go_on(tryout: int) -> bool:
    """Go on with a paused try-out; whether it was."""
    done = Tryout.objects.filter(pk=tryout, status=TryoutStatus.PAUSED).update(status=TryoutStatus.RUNNING)
    transaction.on_commit(partial(doorbell.ring_for_tryouts))
    return bool(done)


OPEN = (TryoutStatus.WAITING, TryoutStatus.RUNNING, TryoutStatus.PAUSED)


@transaction.atomic
def cancel(tryout: int, now: datetime) -> bool:
    """End a try-out before its time, what it has found until now kept; whether it was going on.

    Chunks that are being tried at this moment are waited for, and counted.
    """
    locked = Tryout.objects.select_for_update(no_key=True).filter(pk=tryout, status__in=OPEN).first()
    if locked is None:
        return False
    list(locked.chunks.select_for_update().order_by("pk").values_list("pk", flat=True))
    end(locked, TryoutStatus.CANCELLED, now)
    return True
