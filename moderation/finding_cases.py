"""Open cases in the order of due times, narrowed to what is asked: pages, neighbours, numbers.

One statement each, a range of the index `case_by_facet` a site: a page costs the same however many
wait. The sites come first, so that who sees one small site does not walk past all others.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from comments import bulk
from moderation.grams import grams_for

# A facet of every open case.
OPEN = "open"
# A facet of every open case that is alone or the first of its group: the entries of the queue.
FIRST = "first"
# What the facets of an escalated case begin with: it is in a queue of its own.
ESCALATED = "escalated "


def of_group(group: int) -> str:
    """The facet of the open cases of a group."""
    return f"group:{group}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What open cases must be: of these sites, with all these facets, within these times.

    The narrowest facet comes first: its rows are walked, the others looked up.
    """

    sites: Sequence[int]
    facets: tuple[str, ...] = ()
    due_before: datetime | None = None
    opened_before: datetime | None = None
    opened_after: datetime | None = None
    # Those that wait for a second pair of eyes, or those that do not: never both.
    escalated: bool = False
    # Words that their texts must hold; with `private`, or their e-mail.
    words: tuple[str, ...] = ()
    private: bool = False


class Place(NamedTuple):
    """A case's place in the queue."""

    due_at: datetime
    case: int


def _conditions(asked: Asked) -> tuple[str, list[Any]]:
    """What a row `f` of `moderation_casefacet` must be, beside its site."""
    walked, *others = (ESCALATED * asked.escalated + facet for facet in asked.facets or (OPEN,))
    found: list[tuple[str, Any]] = [("f.facet = %s", walked)]
    if asked.due_before:
        found.append(("f.due_at < %s", asked.due_before))
    if asked.opened_before:
        found.append(("f.opened_at < %s", asked.opened_before))
    if asked.opened_after:
        found.append(("f.opened_at >= %s", asked.opened_after))
    found += [
        (
            """EXISTS (SELECT FROM moderation_casefacet g
                       WHERE g.site_id = f.site_id AND g.facet = %s
                           AND g.due_at = f.due_at AND g.case_id = f.case_id)""",
            other,
        )
        for other in others
    ]
    return " AND ".join(sql for sql, _ in found), [value for _, value in found]


_SLICE = """
SELECT k.due_at, k.case_id FROM unnest(%s::bigint[]) AS s(id)
CROSS JOIN LATERAL (
    SELECT f.due_at, f.case_id FROM moderation_casefacet f
    WHERE f.site_id = s.id AND {conditions}
    ORDER BY f.due_at {way}, f.case_id {way} LIMIT %s
) k
ORDER BY k.due_at {way}, k.case_id {way} LIMIT %s
"""


def _slice(asked: Asked, most: int, after: Place | None, before: Place | None) -> tuple[str, list[Any]]:
    """A statement for the first of them in the order of the queue, or before a place, backwards."""
    conditions, params = _conditions(asked)
    beyond, place = _beyond(after, before)
    statement = _SLICE.format(conditions=conditions + beyond, way="DESC" if before else "ASC")
    return statement, [list(asked.sites), *params, *place, most, most]


def page(asked: Asked, most: int, *, after: Place | None = None, before: Place | None = None) -> list[Place]:
    """The first of them, those next `after` a place, or those next `before` one, backwards."""
    if asked.words:
        return search(asked, most, after=after, before=before).places
    return [Place(*row) for row in bulk.fetch(*_slice(asked, most, after, before))]


class Number(NamedTuple):
    """How many there are; of a search that was cut, how many up to the case where it was."""

    found: int
    cut_at: int | None = None


def number(asked: Asked, *, after: Place | None = None, most: int | None = None) -> Number:
    """How many there are, exactly; where cases are looked into one by one, among the next that are.

    Without words they may be counted up to so many, `most`.
    """
    if asked.words:
        return search(asked, 1, after=after).number
    conditions, params = _conditions(asked)
    those = f"FROM moderation_casefacet f WHERE f.site_id = ANY(%s) AND {conditions}"
    if most is not None:
        those = f"FROM (SELECT {those} LIMIT {most}) f"
    statement = f"SELECT count(*) {those}"
    return Number(*bulk.fetch(statement, [list(asked.sites), *params])[0])


def has_groups(sites: Sequence[int]) -> bool:
    """Whether any open case of these sites is of a group."""
    sql = """SELECT EXISTS (SELECT FROM moderation_case
             WHERE site_id = ANY(%s) AND closed_at IS NULL AND group_id IS NOT NULL)"""
    return bool(bulk.fetch(sql, [list(sites)])[0][0])


_SIZES = """
SELECT g.id, e.count FROM unnest(%s::bigint[], %s::text[]) AS g(id, facet)
CROSS JOIN LATERAL (SELECT count(*) FROM (
    SELECT FROM moderation_casefacet f WHERE f.site_id = ANY(%s) AND f.facet = g.facet LIMIT %s) enough) e
WHERE e.count > 0
"""
# A page of large groups would count as many entries as wait; the card counts its own to the end.
MANY = 100


def sizes(asked: Asked, groups: Collection[int]) -> dict[int, int]:
    """`{group: its open cases}`, in the queue that is asked for; counted up to `MANY`."""
    keys = sorted(groups)
    facets = [ESCALATED * asked.escalated + of_group(key) for key in keys]
    return dict(bulk.fetch(_SIZES, [keys, facets, list(asked.sites), MANY]))


def of_groups(asked: Asked, groups: Collection[int], most: int) -> list[int]:
    """The first open cases of groups by due time, in the queue that is asked for."""
    facets = [ESCALATED * asked.escalated + of_group(key) for key in sorted(groups)]
    sql = """SELECT case_id FROM moderation_casefacet WHERE site_id = ANY(%s) AND facet = ANY(%s)
             ORDER BY due_at, case_id LIMIT %s"""
    return [case for (case,) in bulk.fetch(sql, [list(asked.sites), facets, most])]


# So many candidates are looked into at once, and so many cases of the queue: a thousand texts in some 4 ms.
CANDIDATES, WALKED = 1_000, 1_000
# Words that a tenth of the first have are found soonest by walking on: the index would bring tens of
# thousands together first, in 10 ms of a hundred thousand cases (measured).
SAMPLED, COMMON = 200, 20


class Looked(NamedTuple):
    """What a search found: the first places, and how many there are."""

    places: list[Place]
    number: Number


_LOOK = """
    SELECT w.due_at, w.case_id, {holds} AS held
    FROM ({slice}) w LEFT JOIN moderation_casetext t ON t.case_id = w.case_id
"""
_SEARCH = """
WITH s AS MATERIALIZED (SELECT count(*) FILTER (WHERE held) < %s AS are_few FROM ({sample}) w),
c AS MATERIALIZED (
    SELECT t.case_id, {holds} AS held FROM moderation_casetext t
    WHERE t.grams @> %s::int[] AND (SELECT are_few FROM s) LIMIT %s
), x AS MATERIALIZED (
    SELECT (SELECT are_few FROM s) AND count(*) <= %s AS by_index FROM c
), w AS MATERIALIZED ({walk} WHERE NOT (SELECT by_index FROM x)
), found AS MATERIALIZED (
    SELECT due_at, case_id FROM w WHERE held
    UNION ALL
    SELECT f.due_at, f.case_id FROM c CROSS JOIN LATERAL (
        SELECT * FROM moderation_casefacet f
        WHERE f.case_id = c.case_id AND f.site_id = ANY(%s) AND {conditions} OFFSET 0
    ) f WHERE c.held AND (SELECT by_index FROM x)
)
SELECT p.due_at, p.case_id, (SELECT count(*) FROM found), (
    SELECT (array_agg(case_id ORDER BY due_at DESC, case_id DESC))[1] FROM w HAVING count(*) = %s)
FROM (VALUES (1)) one LEFT JOIN LATERAL (
    SELECT due_at, case_id FROM found f WHERE true {beyond}
    ORDER BY due_at {way}, case_id {way} LIMIT %s
) p ON true
"""


def search(asked: Asked, most: int, *, after: Place | None = None, before: Place | None = None) -> Looked:
    """Of the cases with the words that are asked for the first, and how many there are. One statement.

    If few of a sample have the words, the index of grams gives candidates, and if these are not too many,
    they are looked into, and the number is that of all. Else the next of the queue are looked into, one by
    one; where that is not the rest of it, the number is cut at the last of them.

    `OFFSET 0` has a candidate looked up by its key: a plan kept for all words would walk the whole queue.
    """
    holds, words = _holds(asked.words, private=asked.private)
    (sample, sampled), (walk, walked) = (_slice(asked, most, after, before) for most in (SAMPLED, WALKED))
    conditions, params = _conditions(asked)
    beyond, place = _beyond(after, before)
    statement = _SEARCH.format(
        holds=holds,
        sample=_LOOK.format(holds=holds, slice=sample),
        walk=_LOOK.format(holds=holds, slice=walk),
        conditions=conditions,
        beyond=beyond,
        way="DESC" if before else "ASC",
    )
    rows = bulk.fetch(
        statement,
        [
            *(COMMON, *words, *sampled),
            *(*words, grams_for(asked.words), CANDIDATES + 1, CANDIDATES),
            *(*words, *walked, list(asked.sites), *params, WALKED, *place, most),
        ],
    )
    _, _, found, cut_at = rows[0]
    return Looked([Place(*row[:2]) for row in rows if row[1] is not None], Number(found, cut_at))


def _beyond(after: Place | None, before: Place | None) -> tuple[str, list[Any]]:
    """What a row `f` must be to come after a place, or before one."""
    conditions = ""
    params: list[Any] = []
    for sign, place in ((">", after), ("<", before)):
        if place is not None:
            conditions += f" AND (f.due_at, f.case_id) {sign} (%s, %s)"
            params += place
    return conditions, params


def _holds(words: tuple[str, ...], *, private: bool) -> tuple[str, list[str]]:
    """Whether a row `t` of `moderation_casetext` has all words."""
    one = "(strpos(t.text, %s) > 0 OR strpos(t.private, %s) > 0)" if private else "strpos(t.text, %s) > 0"
    return " AND ".join([one] * len(words)), [word for word in words for _ in range(1 + private)]


def place_of(case: int, sites: Sequence[int]) -> Place | None:
    """Where a case stands or stood in the queue, open or not; None if it is of no such site."""
    rows = bulk.fetch(
        "SELECT due_at, id FROM moderation_case WHERE id = %s AND site_id = ANY(%s)", [case, list(sites)]
    )
    return Place(*rows[0]) if rows else None
