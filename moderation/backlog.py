"""What waits now, by severity and age, and how much of it is overdue. One statement, however much waits.

Open cases are kept as tallies of the hours in which they were opened and in
which they fall due. The few hours in which an age ends, or the present moment
lies, are counted from the cases themselves: so the numbers are exact, and
those that the queue has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from comments import bulk
from moderation.tallies import Place

# An age ends where a filter of the queue does; the last has no end.
AGES = (timedelta(hours=1), timedelta(hours=8), timedelta(days=1), timedelta(days=3), timedelta(days=7))
# The row of those that wait for a second pair of eyes, whatever their severity.
ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Backlog:
    """Open cases: `ages` by severity, or `escalated`, and the number of the age in `AGES`."""

    ages: Counter[tuple[str, int]] = field(default_factory=Counter)
    overdue: Counter[str] = field(default_factory=Counter)

    def number(self, key: str) -> int:
        """How many of a severity wait."""
        return sum(number for (each, _), number in self.ages.items() if each == key)

    @property
    def common(self) -> int:
        """How many are in the common queue."""
        return self.total - self.number(ESCALATED)

    @property
    def total(self) -> int:
        return self.ages.total()

    @classmethod
    def of(cls, parts: Iterable[Backlog]) -> Backlog:
        """That of several sites."""
        found = cls()
        for part in parts:
            found.ages.update(part.ages)
            found.overdue.update(part.overdue)
        return found


_WAITING = """
SELECT site_id, key, sum(number)::bigint FROM (
    SELECT site_id, key, number FROM moderation_tally
    WHERE site_id = ANY(%s) AND span = 'hour' AND kind = 'open'
    UNION ALL
    SELECT site_id, key, number FROM moderation_tallychange WHERE site_id = ANY(%s) AND kind = 'open'
) w
GROUP BY site_id, key
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many cases wait now, by `(site, severity)`, or `(site, ESCALATED)`.

    The tallies say it in a millisecond or two, where counting a hundred thousand takes eight (measured).
    """

    numbers: Counter[tuple[int, str]] = field(default_factory=Counter)

    def common(self, site: int | None = None, severity: int | None = None) -> int:
        """Those of the common queue, of one site and severity or of all."""
        wanted = None if severity is None else str(severity)
        return sum(
            number
            for (of, key), number in self.numbers.items()
            if key != ESCALATED and site in {None, of} and wanted in {None, key}
        )

    def escalated(self, site: int | None = None) -> int:
        """Those that wait for a second pair of eyes."""
        return sum(
            number for (of, key), number in self.numbers.items() if key == ESCALATED and site in {None, of}
        )


def waiting(sites: Sequence[int]) -> Waiting:
    """What waits at these sites. One statement."""
    rows = bulk.fetch(_WAITING, [list(sites), list(sites)])
    return Waiting(Counter({(site, key): number for site, key, number in rows}))


# Which of their times, and the tallies of the hours in which it is.
OPENED, DUE = ("opened_at", "open"), ("due_at", "due")


def waiting_before(sites: Sequence[int], time: tuple[str, str], before: datetime) -> Waiting:
    """What waits at these sites that was `OPENED`, or is `DUE`, before a moment. One statement."""
    column, kind = time
    rows = bulk.fetch(_BEFORE.format(column=column, key=_KEY), [before, list(sites), kind, kind, before])
    return Waiting(Counter({(site, key): number for site, key, number in rows}))


_KEY = "CASE WHEN k.escalated_at IS NULL THEN k.severity::text ELSE 'escalated' END"
_BEFORE = """
WITH p AS MATERIALIZED (
    SELECT id AS site, date_bin('1 hour', %s, timestamp '2000-01-03' AT TIME ZONE zone) AS hour
    FROM comments_site WHERE id = ANY(%s)
)
SELECT site_id, key, sum(number)::bigint FROM (
    SELECT t.site_id, t.key, t.number FROM p JOIN moderation_tally t
        ON t.site_id = p.site AND t.span = 'hour' AND t.kind = %s AND t.starts_at < p.hour
    UNION ALL
    SELECT c.site_id, c.key, c.number FROM p JOIN moderation_tallychange c
        ON c.site_id = p.site AND c.kind = %s AND c.at < p.hour
    UNION ALL
    SELECT k.site_id, {key}, 1 FROM p CROSS JOIN LATERAL (
        SELECT * FROM moderation_case k WHERE k.site_id = p.site AND k.closed_at IS NULL
        AND k.{column} >= p.hour AND k.{column} < %s OFFSET 0) k
) w
GROUP BY site_id, key
"""
_BACKLOG = f"""
WITH p AS (
    SELECT site, timestamp '2000-01-03' AT TIME ZONE zone AS origin
    FROM unnest(%s::bigint[], %s::text[]) AS p(site, zone)
), ends AS (
    SELECT DISTINCT p.site, date_bin('1 hour', e.at, p.origin) AS starts_at
    FROM p CROSS JOIN unnest(%s::timestamptz[]) AS e(at)
), present AS (
    SELECT p.site, date_bin('1 hour', t.now, p.origin) AS starts_at, t.now
    FROM p CROSS JOIN (VALUES (%s::timestamptz)) AS t(now)
), kept AS (
    SELECT t.site_id, t.kind, t.key, t.starts_at, t.number FROM p
    JOIN moderation_tally t ON t.site_id = p.site AND t.span = 'hour' AND t.kind IN ('open', 'due')
    UNION ALL
    SELECT c.site_id, c.kind, c.key, date_bin('1 hour', c.at, p.origin), c.number FROM p
    JOIN moderation_tallychange c ON c.site_id = p.site AND c.kind IN ('open', 'due')
)
SELECT site_id, key, age, sum(number)::bigint FROM (
    SELECT t.site_id, t.key, width_bucket(t.starts_at, %s::timestamptz[]) AS age, t.number FROM kept t
    WHERE t.kind = 'open' AND NOT EXISTS (
        SELECT FROM ends e WHERE e.site = t.site_id AND e.starts_at = t.starts_at)
    UNION ALL
    SELECT k.site_id, {_KEY}, width_bucket(k.opened_at, %s::timestamptz[]), 1
    FROM ends e CROSS JOIN LATERAL (
        SELECT * FROM moderation_case k WHERE k.site_id = e.site AND k.closed_at IS NULL
        AND k.opened_at >= e.starts_at AND k.opened_at < e.starts_at + interval '1 hour' OFFSET 0) k
    UNION ALL
    SELECT t.site_id, t.key, -1, t.number FROM kept t JOIN present n ON n.site = t.site_id
    WHERE t.kind = 'due' AND t.starts_at < n.starts_at
    UNION ALL
    SELECT k.site_id, {_KEY}, -1, 1
    FROM present n CROSS JOIN LATERAL (
        SELECT * FROM moderation_case k WHERE k.site_id = n.site AND k.closed_at IS NULL
        AND k.due_at >= n.starts_at AND k.due_at < n.now OFFSET 0) k
) w
GROUP BY site_id, key, age HAVING sum(number) <> 0
"""  # noqa: S608


def backlog(places: Sequence[Place], now: datetime) -> dict[int, Backlog]:
    """What waits at each of these sites."""
    ends = [now - age for age in reversed(AGES)]
    sites, zones = [place.site for place in places], [place.zone for place in places]
    found = {place.site: Backlog() for place in places}
    for site, key, age, number in bulk.fetch(_BACKLOG, [sites, zones, ends, now, ends, ends]):
        if age < 0:
            found[site].overdue[key] += number
        else:
            # Numbered from the oldest there, from the youngest here.
            found[site].ages[key, len(AGES) - age] += number
    return found
