"""How fast a run goes and went: its chunks by the time at which they were stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from comments import bulk
from comments.models import ImportRun

# Points of a run's chart: one every twelve pixels or so of a narrow column.
POINTS = 60
# What "now" is: long enough that one slow chunk does not show.
NOW = timedelta(seconds=20)

# A step is a whole number of seconds; the last moment is the last step's own.
_PACE = """
WITH span AS (
    SELECT %s::timestamptz AS first, max(stored_at) AS last FROM comments_importchunk WHERE run_id = %s
), step AS (
    SELECT first, last,
           greatest(floor(extract(epoch FROM last - first) / %s) + 1, 1)::int AS seconds FROM span
)
SELECT s.last, s.seconds,
       greatest(floor(extract(epoch FROM c.stored_at - s.first) / s.seconds), 0)::int AS at,
       sum((k.numbers->>'read')::bigint)::bigint, sum((k.numbers->>'created')::bigint)::bigint
FROM comments_importchunk c CROSS JOIN step s CROSS JOIN LATERAL jsonb_each(c.counts) AS k(kind, numbers)
WHERE c.run_id = %s AND c.stored_at IS NOT NULL
GROUP BY s.last, s.seconds, at ORDER BY at
"""


@dataclass(frozen=True, slots=True)
class Point:
    """Rows stored in `seconds` from `at` on, and how many of them were new."""

    at: datetime
    seconds: int
    rows: int
    created: int

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


@dataclass(frozen=True, slots=True)
class Pace:
    """The points of a run, at most POINTS and without gaps; `until` is when the last chunk was stored."""

    points: tuple[Point, ...] = ()
    until: datetime | None = None

    @property
    def top(self) -> float:
        """The highest rate."""
        return max((point.rate for point in self.points), default=0.0)

    @property
    def now(self) -> float:
        """Rows a second in the last NOW or somewhat more before `until`."""
        rows, seconds = 0, 0.0
        for point in reversed(self.points):
            rows += point.rows
            seconds = (self.until - point.at).total_seconds() if self.until else 0.0
            if seconds >= NOW.total_seconds():
                break
        return rows / max(seconds, 1.0)


def pace_of(run: ImportRun) -> Pace:
    """How a run went from its beginning on, in one query however many its chunks."""
    found = bulk.fetch(_PACE, [run.started_at, run.pk, POINTS, run.pk])
    if not found:
        return Pace()
    until, seconds = found[0][:2]
    return Pace(_points(run.started_at, seconds, [row[2:] for row in found]), until)


def _points(began: datetime, seconds: int, found: Sequence[tuple[int, int, int]]) -> tuple[Point, ...]:
    """One point a step up to the last, also where nothing was stored."""
    rows = {at: (read, created) for at, read, created in found}
    return tuple(
        Point(began + timedelta(seconds=at * seconds), seconds, *rows.get(at, (0, 0)))
        for at in range(max(rows) + 1)
    )
