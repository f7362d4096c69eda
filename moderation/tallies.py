"""The figures of the dashboard, read from the tallies: the same few statements however much there is.

What the last minute has appended is added to the rows that hold the rest, so the figures are
those of this moment. See `models.tallies` and docs/decisions/017.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from comments import bulk

HOUR = timedelta(hours=1)
# From when on hours are counted at a site, by its clock: see `services.tallying.SPANS`.
_FIRST_HOUR = datetime(2000, 1, 3)  # noqa: DTZ001 - the zone is the site's


class Unit(StrEnum):
    """What one point of a chart stands for."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


class Period(NamedTuple):
    """How far back the figures go: so many of `whole`, the present one included.

    What comes and goes is shown by `flow`; all else is counted by `whole`.
    """

    slug: str
    flow: Unit
    whole: Unit
    number: int


PERIODS = {
    period.slug: period
    for period in (
        Period("24h", Unit.HOUR, Unit.HOUR, 24),
        Period("7d", Unit.HOUR, Unit.DAY, 7),
        Period("28d", Unit.DAY, Unit.DAY, 28),
        Period("12w", Unit.WEEK, Unit.WEEK, 12),
    )
}
# Quotes are of one article and its readers, and too few for days.
QUOTE_WEEKS = Period("quotes", Unit.WEEK, Unit.WEEK, 12)


class Place(NamedTuple):
    """A site and its time zone."""

    site: int
    zone: str


def beginning(unit: Unit, number: int, now: datetime, zone: str) -> datetime:
    """When the first of the last so many hours, days or weeks began, by the clock of a zone."""
    clock = ZoneInfo(zone)
    if unit is Unit.HOUR:
        first = _FIRST_HOUR.replace(tzinfo=clock).astimezone(UTC)
        return first + ((now - first) // HOUR - (number - 1)) * HOUR
    today = now.astimezone(clock).date()
    if unit is Unit.WEEK:
        day = today - timedelta(days=today.weekday(), weeks=number - 1)
    else:
        day = today - timedelta(days=number - 1)
    return datetime.combine(day, time.min, clock)


def starts(unit: Unit, since: datetime, now: datetime, zone: str) -> list[datetime]:
    """The beginnings of all hours, days or weeks from `since` to the present one."""
    clock = ZoneInfo(zone)
    if unit is Unit.HOUR:
        return [
            (since.astimezone(UTC) + at * HOUR).astimezone(clock) for at in range((now - since) // HOUR + 1)
        ]
    step = timedelta(days=7 if unit is Unit.WEEK else 1)
    first, today = since.astimezone(clock).date(), now.astimezone(clock).date()
    return [datetime.combine(first + at * step, time.min, clock) for at in range((today - first) // step + 1)]


# Each site's own clock says which day it is; hours are the same everywhere.
_NUMBER_OF = {
    Unit.HOUR: "floor(extract(epoch FROM t.starts_at - p.since) / 3600)::int",
    Unit.DAY: "(t.starts_at AT TIME ZONE p.zone)::date - (p.since AT TIME ZONE p.zone)::date",
    Unit.WEEK: "((t.starts_at AT TIME ZONE p.zone)::date - (p.since AT TIME ZONE p.zone)::date) / 7",
}
_STARTS = {
    Unit.HOUR: "date_bin('1 hour', {at}, timestamp '2000-01-03' AT TIME ZONE {zone})",
    Unit.DAY: "date_trunc('day', {at}, {zone})",
    Unit.WEEK: "date_trunc('week', {at}, {zone})",
}
_READ = """
SELECT CASE WHEN t.kind = ANY(%s) THEN {number} ELSE 0 END, t.kind, t.key, sum(t.number)::bigint
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS p(site, zone, since)
CROSS JOIN LATERAL (
    SELECT starts_at, kind, key, number FROM moderation_tally
    WHERE site_id = p.site AND span = '{unit}' AND kind = ANY(%s) AND starts_at >= p.since
    UNION ALL
    SELECT {starts}, kind, key, number FROM moderation_tallychange c
    WHERE c.site_id = p.site AND c.kind = ANY(%s) AND {starts} >= p.since
) t
GROUP BY 1, 2, 3 HAVING sum(t.number) <> 0
"""


class Read(NamedTuple):
    """So many of a kind and a key in the nth hour, day or week."""

    at: int
    kind: str
    key: str
    number: int


def read(
    places: Sequence[Place],
    unit: Unit,
    since: Mapping[int, datetime],
    kinds: Sequence[str],
    apart: Sequence[str] | None = None,
) -> list[Read]:
    """The tallies of these kinds, of each site from its own beginning on. One statement.

    Those of the kinds `apart`, of all if none are named, are told apart by time; others are sums.
    """
    statement = _READ.format(
        number=_NUMBER_OF[unit], unit=unit, starts=_STARTS[unit].format(at="c.at", zone="p.zone")
    )
    sites, zones = [place.site for place in places], [place.zone for place in places]
    beginnings = [since[place.site] for place in places]
    by_time = list(kinds if apart is None else apart)
    rows = bulk.fetch(statement, [by_time, sites, zones, beginnings, list(kinds), list(kinds)])
    return [Read(*row) for row in rows]


FLOW = ("in", "out", "rules", "import")
WHOLE = ("decided", "by", "reason", "late", "wait", "rule", "undone")
QUOTES = ("quote", "oldquote")


@dataclass(slots=True)
class Figures:
    """What a period's tallies say.

    `flow` and `quotes` are numbers by `(kind, key)`, one for each of their
    beginnings; `waits` are counts by bucket (`moderation.durations`), one
    mapping for each of `whole_starts`; `totals` are of the whole period.
    """

    flow_starts: list[datetime]
    whole_starts: list[datetime]
    quote_starts: list[datetime]
    flow: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    quotes: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    waits: list[Counter[int]] = field(default_factory=list)
    totals: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def all_waits(self) -> Counter[int]:
        """The waits of the whole period."""
        return sum(self.waits, start=Counter())

    def of(self, kind: str) -> dict[str, int]:
        """`{key: number}` of a kind in the whole period."""
        return {key: number for (each, key), number in self.totals.items() if each == kind and number}


def figures(places: Sequence[Place], period: Period, now: datetime, zone: str) -> Figures:
    """All figures of these sites in a period; `zone` is the clock of the page. Three statements."""

    since, weeks = _beginnings(places, period, now), _beginnings(places, QUOTE_WEEKS, now)
    first = beginning(period.whole, period.number, now, zone)
    found = Figures(
        starts(period.flow, first, now, zone),
        starts(period.whole, first, now, zone),
        starts(Unit.WEEK, beginning(Unit.WEEK, QUOTE_WEEKS.number, now, zone), now, zone),
    )
    found.waits = [Counter() for _ in found.whole_starts]
    found.flow = _by_key(read(places, period.flow, since, FLOW), len(found.flow_starts))
    for row in read(places, period.whole, since, WHOLE, apart=("wait",)):
        found.totals[row.kind, row.key] += row.number
        if row.kind == "wait":
            found.waits[_within(row.at, len(found.waits))][int(row.key)] += row.number
    found.quotes = _by_key(read(places, Unit.WEEK, weeks, QUOTES), len(found.quote_starts))
    return found


def _beginnings(places: Sequence[Place], period: Period, now: datetime) -> dict[int, datetime]:
    """When the period began at each site."""
    return {place.site: beginning(period.whole, period.number, now, place.zone) for place in places}


def _by_key(rows: Sequence[Read], length: int) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * length)
    for row in rows:
        found[row.kind, row.key][_within(row.at, length)] += row.number
    return dict(found)


def _within(at: int, length: int) -> int:
    """Where clocks of sites differ, a day of one may be the page's next: it counts with the last."""
    return min(max(at, 0), length - 1)
