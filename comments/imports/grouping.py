"""The problems and notices of a run, one line for each distinct reason.

A reason may name what differs from row to row (a byte, an id, a column).
Reasons of one code that are alike but for numbers and what stands in quotes
are one line, in which `…` stands for what differs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from comments import bulk
from comments.models import ImportRun

# Lines that are told; places named for one, and rows after its first among which
# these are looked for.
LINES = 40
PLACES = 5
NEAR = 200

# Read by Python and by PostgreSQL alike: what stands in quotes, and numbers, but
# not those in a name (UTF-8, cp932).
_DIFFERS = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|「[^」]*」|(?<![\w-])(?:0x[0-9a-f]+|\d+(?:[.,]\d+)*)"""
_SHAPE = re.compile(_DIFFERS)

# The distinct reasons first: of a million rows few differ, and patterns are slow.
_GROUPS = """
SELECT refused, code, CASE WHEN count(*) = 1 THEN min(reason) ELSE shape END AS told,
       sum(number)::bigint, min(first), count(*)::int, (sum(sum(number)) OVER ())::bigint, shape
FROM (
    SELECT refused, code, reason, regexp_replace(reason, %s, '…', 'g') AS shape,
           count(*) AS number, min(position) AS first
    FROM comments_importproblem
    WHERE run_id = %s AND starts_with(code, %s) AND (%s::boolean IS NULL OR refused = %s)
    GROUP BY refused, code, reason
) reasons
GROUP BY refused, code, shape
ORDER BY refused DESC, sum(number) DESC, min(first), code, shape LIMIT %s
"""
_PLACES = """
SELECT line.at, p.place
FROM unnest(%s::int[], %s::boolean[], %s::text[], %s::bigint[], %s::text[])
    AS line(at, refused, code, first, shape)
CROSS JOIN LATERAL (
    SELECT * FROM comments_importproblem
    WHERE run_id = %s AND position >= line.first ORDER BY position, id LIMIT %s
) p
WHERE p.refused = line.refused AND p.code = line.code
  AND regexp_replace(p.reason, %s, '…', 'g') = line.shape
ORDER BY line.at, p.position, p.id
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of the ledger with one reason: `reasons` are as many as there are
    spellings of it, `places` the first ones."""

    refused: bool
    code: str
    reason: str
    number: int
    position: int
    reasons: int
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grouped:
    """The lines, refusals first and each by how many there are; `more` entries have none."""

    groups: tuple[Group, ...]
    more: int = 0

    @property
    def refused(self) -> list[Group]:
        return [group for group in self.groups if group.refused]

    @property
    def notices(self) -> list[Group]:
        return [group for group in self.groups if not group.refused]


def group(run: ImportRun, *, refused: bool | None = None, code: str = "") -> Grouped:
    """The entries of a run by reason; two queries however many there are.

    `refused` chooses refusals or notices, `code` those whose code begins so.
    The numbers are those of all rows; of the places only the first is looked
    for everywhere.
    """
    found = bulk.fetch(_GROUPS, [_DIFFERS, run.pk, code, refused, refused, LINES])
    if not found:
        return Grouped(())
    groups = tuple(
        Group(refused, code, told, number, first, reasons, places)
        for (refused, code, told, number, first, reasons, *_), places in zip(
            found, _places(run, found), strict=True
        )
    )
    return Grouped(groups, found[0][6] - sum(each.number for each in groups))


def shape(reason: str) -> str:
    """A reason without what differs from row to row."""
    return _SHAPE.sub("…", reason)


def _places(run: ImportRun, found: Sequence[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    columns = [[row[column] for row in found] for column in (0, 1, 4, 7)]
    places: list[list[str]] = [[] for _ in found]
    for at, place in bulk.fetch(_PLACES, [list(range(len(found))), *columns, run.pk, NEAR, _DIFFERS]):
        if len(places[at]) < PLACES and place not in places[at]:
            places[at].append(place)
    return [tuple(each) for each in places]
