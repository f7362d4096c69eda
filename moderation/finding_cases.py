"""Open cases in the order of due times, narrowed to what is asked: pages, neighbours, numbers.

One statement each, a range of the index `case_by_facet` a site: a page costs the same however many
wait. The sites come first, so that who sees one small site does not walk past all others.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
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
    # These cases alone; None for any.
    cases: Sequence[int] | None = None
    # Words to be looked for case by case, see `search`.
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
                       WHERE g.site_id = f.site_id AND g.facet = %s AND g.case_id = f.case_id)""",
            other,
        )
        for other in others
    ]
    if asked.cases is not None:
        found.append(("f.case_id = ANY(%s)", list(asked.cases)))
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
    for sign, place in ((">", after), ("<", before)):
        if place is not None:
            conditions += f" AND (f.due_at, f.case_id) {sign} (%s, %s)"
            params += place
    statement = _SLICE.format(conditions=conditions, way="DESC" if before else "ASC")
    return statement, [list(asked.sites), *params, most, most]


def page(asked: Asked, most: int, *, after: Place | None = None, before: Place | None = None) -> list[Place]:
    """The first of them, those next `after` a place, or those next `before` one, backwards."""
    if not asked.words:
        return [Place(*row) for row in bulk.fetch(*_slice(asked, most, after, before))]
    statement, params = _slice(asked, WALKED, after, before)
    holds, words = _holds(asked.words, private=asked.private)
    way = "DESC" if before else "ASC"
    rows = bulk.fetch(
        f"""SELECT w.due_at, w.case_id FROM ({statement}) w
            JOIN moderation_casetext t ON t.case_id = w.case_id WHERE {holds}
            ORDER BY w.due_at {way}, w.case_id {way} LIMIT %s""",  # noqa: S608
        [*params, *words, most],
    )
    return [Place(*row) for row in rows]


class Number(NamedTuple):
    """How many there are; of a search that was cut, how many up to the case where it was."""

    found: int
    cut_at: int | None = None


def number(asked: Asked, *, after: Place | None = None) -> Number:
    """How many there are, exactly; where cases are looked into one by one, among the next that are."""
    if not asked.words:
        conditions, params = _conditions(asked)
        statement = f"SELECT count(*) FROM moderation_casefacet f WHERE f.site_id = ANY(%s) AND {conditions}"  # noqa: S608
        return Number(*bulk.fetch(statement, [list(asked.sites), *params])[0])
    statement, params = _slice(asked, WALKED, after, None)
    holds, words = _holds(asked.words, private=asked.private)
    ((found, walked, last),) = bulk.fetch(
        f"""SELECT count(*) FILTER (WHERE {holds}), count(*),
                   (array_agg(w.case_id ORDER BY w.due_at DESC, w.case_id DESC))[1]
            FROM ({statement}) w LEFT JOIN moderation_casetext t ON t.case_id = w.case_id""",  # noqa: S608
        [*words, *params],
    )
    return Number(found, last if walked == WALKED else None)


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


# So many candidates are looked into at once; where there are more, the queue is walked through instead, so
# many cases at a time. A thousand texts are looked into in 3 ms, two thousand walked in some 10 (measured).
CANDIDATES, WALKED = 1_000, 2_000


def search(asked: Asked, words: tuple[str, ...], *, private: bool) -> Asked:
    """The same, of cases whose texts hold all these words; with `private`, in the e-mail, too.

    The index of grams gives candidates, each of which is looked into. Of words that stand in very many
    cases the queue is walked through: half of it has them, and those due first are found at once.
    """
    if not words:
        return asked
    holds, params = _holds(words, private=private)
    rows = bulk.fetch(
        f"SELECT t.case_id, {holds} FROM moderation_casetext t WHERE t.grams @> %s::int[] LIMIT %s",  # noqa: S608
        [*params, grams_for(words), CANDIDATES + 1],
    )
    if len(rows) > CANDIDATES:
        return replace(asked, words=words, private=private)
    return replace(asked, cases=[case for case, held in rows if held])


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
