"""Holds verdicts to the limits of `moderation.limits`, exactly, however many workers decide at once.

The counts are rows, read and written in the transaction that writes the
decisions. Whoever has a live comment that a rule stops locks the rule's
version first, so that the next reads what he wrote; nobody waits where no
rule stops anything. Locks are taken in one order everywhere: comments, rule
versions by id, the day's rows by site and rule, articles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import transaction

from comments import bulk
from moderation.limits import REJECTIONS_A_DAY, State, pair_of, stopping, with_actions
from moderation.models import Lane

if TYPE_CHECKING:
    from moderation.engine import ActiveRule, Verdict
    from moderation.facts import Claimed
    from moderation.services.writing import Judged

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Site:
    """What of a site its limits hang on."""

    day: date
    quota: int


def restrain(judged: Sequence[Judged], now: datetime) -> list[Judged]:
    """The same verdicts, none going further than its rules may by now; what they count is written."""
    stopped = {each.claimed.row.id: stopping(each.verdict, each.claimed.context) for each in judged}
    if not any(stopped.values()):
        return list(judged)
    rules = {rule.rule for each in stopped.values() for rule in each.values()}
    state = State(fallen=_fallen(rules))
    live = [each for each in judged if each.claimed.row.lane == Lane.LIVE and stopped[each.claimed.row.id]]
    counted = {version: rule for each in live for version, rule in stopped[each.claimed.row.id].items()}
    sites = _sites({each.claimed.row.site_id for each in live}, now) if live else {}
    if live:
        # One that has fallen is not counted any more: nobody waits for it.
        _lock(version for version, rule in counted.items() if rule.rule not in state.fallen)
        state.fallen |= _fallen(rules)
        _read_counts(state, counted, sites, now)
    in_order = sorted(judged, key=lambda each: each.claimed.row.id)
    restrained = {
        each.claimed.row.id: _restrain(each, state) if stopped[each.claimed.row.id] else each
        for each in in_order
    }
    _write_counts(state, counted, sites, now)
    return [restrained[each.claimed.row.id] for each in judged]


def foreseen(verdict: Verdict, claimed: Claimed, now: datetime) -> Verdict:
    """The verdict on a comment that is not stored, by the limits as they are; nothing is counted."""
    rules = stopping(verdict, claimed.context)
    if not rules:
        return verdict
    state = State(fallen=_fallen({rule.rule for rule in rules.values()}))
    if any(rule.action == "reject" for rule in rules.values()):
        sites = _sites([claimed.row.site_id], now)
        state.quotas = {key: site.quota for key, site in sites.items()}
        state.rejected = _rejected(sites)
    actions = state.actions(verdict, claimed.context, live=True)
    return with_actions(verdict, actions, claimed.context) if actions else verdict


def _restrain(judged: Judged, state: State) -> Judged:
    """A verdict that rules stopped, going no further than they may by now."""
    row, context, verdict = judged.claimed.row, judged.claimed.context, judged.verdict
    live = row.lane == Lane.LIVE
    actions = state.actions(verdict, context, live=live)
    if actions:
        verdict = with_actions(verdict, actions, context)
        judged = replace(judged, verdict=verdict, restrained=actions)
    if live:
        secret = (settings.AUTHOR_KEY_SECRET or settings.SECRET_KEY).encode()
        pair = pair_of(row.author_key, row.ip, secret, row.author_name)
        state.count(verdict, context, pair)
    return judged


def _lock(versions: Iterable[int]) -> None:
    bulk.fetch(
        "SELECT id FROM moderation_ruleversion WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
        [sorted(versions)],
    )


def _fallen(rules: Iterable[int]) -> set[int]:
    sql = "SELECT rule_id FROM moderation_breakertrip WHERE rule_id = ANY(%s) AND reset_at IS NULL"
    return {rule for (rule,) in bulk.fetch(sql, [sorted(rules)])}


def _sites(keys: Iterable[int], now: datetime) -> dict[int, Site]:
    rows = bulk.fetch(
        """SELECT s.id, s.zone, coalesce(g.rejections_a_day, %s) FROM comments_site s
           LEFT JOIN moderation_safeguards g ON g.site_id = s.id WHERE s.id = ANY(%s)""",
        [REJECTIONS_A_DAY, sorted(keys)],
    )
    return {key: Site(now.astimezone(ZoneInfo(zone)).date(), quota) for key, zone, quota in rows}


def _read_counts(
    state: State, counted: Mapping[int, ActiveRule], sites: Mapping[int, Site], now: datetime
) -> None:
    watched = {version: rule for version, rule in counted.items() if rule.rule not in state.fallen}
    since = [now - timedelta(minutes=rule.breaker_minutes) for rule in watched.values()]
    keys = list(watched)
    bulk.execute(
        """DELETE FROM moderation_breakerpair p USING unnest(%s::bigint[], %s::timestamptz[]) AS k(id, since)
           WHERE p.rule_version_id = k.id AND p.hit_at <= k.since""",
        [keys, since],
    )
    pairs = bulk.fetch(
        "SELECT rule_version_id, pair FROM moderation_breakerpair WHERE rule_version_id = ANY(%s)", [keys]
    )
    for version, pair in pairs:
        state.pairs.setdefault(version, set()).add(pair)
    state.quotas = {key: site.quota for key, site in sites.items()}
    rejecting = {rule.rule for rule in counted.values() if rule.action == "reject"}
    if rejecting:
        _lock_days(sites, rejecting)
        state.rejected = _rejected(sites)


def _lock_days(sites: Mapping[int, Site], rules: Iterable[int]) -> None:
    """The day's rows, made if they are not there; by site, the whole site's before those of its rules."""
    rows = [(key, rule, site.day) for key, site in sorted(sites.items()) for rule in (None, *sorted(rules))]
    columns = {"site_id": "bigint", "rule_id": "bigint", "day": "date"}
    source, arrays = bulk.unnest(columns, rows)
    bulk.execute(
        f"""INSERT INTO moderation_automaticrejections (site_id, rule_id, day, count)
            SELECT *, 0 FROM {source} ON CONFLICT DO NOTHING""",  # noqa: S608
        arrays,
    )
    bulk.fetch(
        f"""SELECT a.id FROM moderation_automaticrejections a JOIN {source} AS k(site_id, rule_id, day)
            ON a.site_id = k.site_id AND a.day = k.day AND a.rule_id IS NOT DISTINCT FROM k.rule_id
            ORDER BY a.site_id, a.rule_id NULLS FIRST FOR NO KEY UPDATE OF a""",  # noqa: S608
        arrays,
    )


def _rejected(sites: Mapping[int, Site]) -> dict[tuple[int, int | None], int]:
    rows = bulk.fetch(
        """SELECT a.site_id, a.rule_id, a.count FROM moderation_automaticrejections a
           JOIN unnest(%s::bigint[], %s::date[]) AS k(id, day) ON a.site_id = k.id AND a.day = k.day""",
        [list(sites), [site.day for site in sites.values()]],
    )
    return {(site, rule): count for site, rule, count in rows}


def _write_counts(
    state: State, counted: Mapping[int, ActiveRule], sites: Mapping[int, Site], now: datetime
) -> None:
    if state.hit:
        pairs: list[tuple[int, UUID, datetime]] = [
            (version, pair, now) for version, pair in sorted(state.hit)
        ]
        columns = {"rule_version_id": "bigint", "pair": "uuid", "hit_at": "timestamptz"}
        conflict = "ON CONFLICT (rule_version_id, pair) DO UPDATE SET hit_at = excluded.hit_at"
        bulk.insert("moderation_breakerpair", columns, pairs, conflict=conflict)
    if state.opened:
        _open(state.opened, now)
    if state.counted:
        quotas = {rule.rule: rule.quota for rule in counted.values()}
        _count_rejections(state, quotas, sites, now)


def _open(opened: Mapping[int, tuple[int, int]], now: datetime) -> None:
    columns = {"rule_id": "bigint", "rule_version_id": "bigint", "pairs": "int", "opened_at": "timestamptz"}
    rows = [(rule, version, pairs, now) for rule, (version, pairs) in sorted(opened.items())]
    source, arrays = bulk.unnest(columns, rows)
    bulk.execute(
        f"""INSERT INTO moderation_breakertrip (rule_id, rule_version_id, pairs, opened_at, reset_reason)
            SELECT *, '' FROM {source} ON CONFLICT DO NOTHING""",  # noqa: S608
        arrays,
    )
    for rule, version, pairs, _ in rows:
        tell = partial(log.warning, "breaker-opened", rule=rule, rule_version=version, pairs=pairs)
        transaction.on_commit(tell)


def _count_rejections(
    state: State, quotas: Mapping[int, int | None], sites: Mapping[int, Site], now: datetime
) -> None:
    rows = [
        (site, rule, sites[site].day, state.rejected[site, rule], _full(state, quotas, site, rule, now))
        for site, rule in sorted(state.counted, key=lambda each: (each[0], each[1] or 0))
    ]
    columns = {
        "site_id": "bigint",
        "rule_id": "bigint",
        "day": "date",
        "count": "int",
        "full_at": "timestamptz",
    }
    source, arrays = bulk.unnest(columns, rows)
    bulk.execute(
        f"""UPDATE moderation_automaticrejections a
            SET count = k.count, full_at = coalesce(a.full_at, k.full_at)
            FROM {source} AS k(site_id, rule_id, day, count, full_at)
            WHERE a.site_id = k.site_id AND a.day = k.day
              AND a.rule_id IS NOT DISTINCT FROM k.rule_id""",  # noqa: S608
        arrays,
    )


def _full(
    state: State, quotas: Mapping[int, int | None], site: int, rule: int | None, now: datetime
) -> datetime | None:
    quota = state.quotas[site] if rule is None else quotas[rule]
    return now if quota is not None and state.rejected[site, rule] >= quota else None
