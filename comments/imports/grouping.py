"""The problems and notices of a run, one line for each distinct reason.

A reason may name what differs from row to row (a byte, an id, a column).
Reasons of one code that are alike but for numbers and what stands in quotes
are one line, in which `…` stands for what differs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from comments import bulk
from comments.models import ImportRun

# Distinct reasons that are told apart, those of the first rows; lines of them;
# places named for one, and rows after its first among which these are looked for.
REASONS = 1_000
LINES = 40
PLACES = 5
NEAR = 200

_DIFFERS = re.compile(
    r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|「[^」]*」|\b0x[0-9a-f]+\b|(?<![\w-])\d[\d,.]*(?<![.,])"
)

_REASONS = """
SELECT refused, code, reason, count(*), min(position), (sum(count(*)) OVER ())::bigint
FROM comments_importproblem
WHERE run_id = %s AND starts_with(code, %s) AND (%s::boolean IS NULL OR refused = %s)
GROUP BY refused, code, reason
ORDER BY min(position), refused DESC, code, reason LIMIT %s
"""
_PLACES = """
SELECT line.at, p.reason, p.place
FROM unnest(%s::int[], %s::boolean[], %s::text[], %s::bigint[]) AS line(at, refused, code, first)
CROSS JOIN LATERAL (
    SELECT * FROM comments_importproblem
    WHERE run_id = %s AND position >= line.first ORDER BY position, id LIMIT %s
) p
WHERE p.refused = line.refused AND p.code = line.code
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
    reasons: int = 1
    places: tuple[str, ...] = ()


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
    found = bulk.fetch(_REASONS, [run.pk, code, refused, refused, REASONS])
    if not found:
        return Grouped(())
    groups = sorted(_merged(found), key=lambda each: (not each.refused, -each.number, each.position))
    shown = groups[:LINES]
    more = found[0][-1] - sum(each.number for each in shown)
    places = _places(run, shown)
    return Grouped(
        tuple(replace(each, places=each_places) for each, each_places in zip(shown, places, strict=True)),
        more,
    )


def shape(reason: str) -> str:
    """A reason without what differs from row to row."""
    return _DIFFERS.sub("…", reason)


def _merged(found: Sequence[tuple[bool, str, str, int, int, int]]) -> list[Group]:
    groups: dict[tuple[bool, str, str], Group] = {}
    for refused, code, reason, number, position, _ in found:
        key = refused, code, shape(reason)
        known = groups.get(key)
        if known is None:
            groups[key] = Group(refused, code, reason, number, position)
        else:
            groups[key] = replace(
                known, reason=key[2], number=known.number + number, reasons=known.reasons + 1
            )
    return list(groups.values())


def _places(run: ImportRun, groups: Sequence[Group]) -> list[tuple[str, ...]]:
    columns = (
        list(range(len(groups))),
        [each.refused for each in groups],
        [each.code for each in groups],
        [each.position for each in groups],
    )
    places: list[list[str]] = [[] for _ in groups]
    for at, reason, place in bulk.fetch(_PLACES, [*columns, run.pk, NEAR]):
        if len(places[at]) < PLACES and shape(reason) == shape(groups[at].reason) and place not in places[at]:
            places[at].append(place)
    return [tuple(found) for found in places]
