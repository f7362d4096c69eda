"""Cases that are alike become one entry of the queue, a chunk a transaction, one at a time.

Two that are opened at once do not see each other, so nobody groups while he opens: triggers note the case
(`Regroup`), and who looks at the notes is alone. Until then a case is an entry of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db import transaction

from comments import bulk
from moderation.alike import Waiting, pairs_alike, waiting
from moderation.finding_cases import ESCALATED, FIRST, of_group
from moderation.services.guarding import guard

# Cases that are looked at in one transaction.
CHUNK = 500
# The lock of who groups: a number that no other transaction uses.
_LOCK = 0x67726F7570


@dataclass(frozen=True, slots=True)
class Grouped:
    """What a call of `group_cases` did: cases looked at, those that joined a group, those left for later."""

    looked: int = 0
    joined: int = 0
    left: int = 0


class _Held(NamedTuple):
    """An open case whose row is held."""

    id: int
    site_id: int
    group_id: int | None
    escalated: bool

    def queue(self, group: int) -> _Queue:
        return _Queue(self.site_id, group, self.escalated)


class _Queue(NamedTuple):
    """A group in the common queue of its site, or in that of escalated cases."""

    site_id: int
    group: int
    escalated: bool

    @property
    def row(self) -> tuple[int, str, str]:
        prefix = ESCALATED * self.escalated
        return self.site_id, prefix + of_group(self.group), prefix + FIRST


def group_cases(limit: int = CHUNK, *, on_full: Callable[[], None] = lambda: None) -> Grouped:
    """Find the groups of cases that were opened or have moved; `on_full` is called if there may be more.

    A case joins the oldest group that it is like a case of. Rows that somebody holds are left for the
    next look, so this waits for nobody.
    """
    with transaction.atomic():
        guard()
        ((alone,),) = bulk.fetch("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        notes = bulk.fetch(_NOTES, [limit]) if alone else []
        if not notes:
            return Grouped()
        cases = waiting(case for _, case in notes)
        wanted = _groups([each for each in cases.values() if each.group_id is None])
        joined, settled = _join(wanted, cases)
        done = [note for note, case in notes if case not in cases or case in settled]
        bulk.execute("DELETE FROM moderation_regroup WHERE id = ANY(%s) OR case_id = ANY(%s)", [done, joined])
        # Of two that belong together one is not noted, if it was alone until now.
        bulk.execute(_NOTE, [sorted(wanted.keys() - settled - cases.keys())])
        if done and len(notes) == limit:
            transaction.on_commit(on_full)
        return Grouped(len(done), len(joined), len(notes) - len(done))


_NOTES = "SELECT id, case_id FROM moderation_regroup ORDER BY id LIMIT %s"
_NOTE = "INSERT INTO moderation_regroup (case_id) SELECT unnest(%s::bigint[])"


def _groups(cases: Collection[Waiting]) -> dict[int, int]:
    """`{case: the group that it is to join}`; a group is named by the case that it began with."""
    pairs, known = pairs_alike(list(cases))
    leads: dict[int, int] = {}

    def lead(key: int) -> int:
        while (above := leads.get(key, key)) != key:
            leads[key] = leads.get(above, above)
            key = above
        return key

    for one, other in pairs:
        first, second = sorted((lead(one), lead(other)))
        leads[second] = first
    groups: dict[int, int] = {}
    for key in sorted({key for pair in pairs for key in pair}):
        groups.setdefault(lead(key), key)
        if (former := known[key].group_id) is not None:
            groups[lead(key)] = min(former, groups[lead(key)])
    return {
        key: groups[lead(key)]
        for key in {key for pair in pairs for key in pair}
        if known[key].group_id is None
    }


def _join(wanted: Mapping[int, int], noted: Mapping[int, Waiting]) -> tuple[list[int], set[int]]:
    """Write groups, and who is first in them: those that joined, and all cases that are done with."""
    states = _read({*wanted, *noted})
    queues = {each.queue(group) for key, group in wanted.items() if (each := states.get(key))}
    queues |= {each.queue(each.group_id) for each in states.values() if each.group_id is not None}
    firsts = _firsts(queues)
    held = _hold({*states, *firsts.values()})
    # Who is first knows of all who join, or he could leave the queue without one in his place.
    free = {queue for queue in queues if queue not in firsts or firsts[queue] in held}
    joining = {
        key: group
        for key, group in wanted.items()
        if (each := held.get(key)) and each.group_id is None and each.queue(group) in free
    }
    if joining:
        bulk.execute(_SET, [list(joining), list(joining.values())])
    now = {
        key: each.queue(group)
        for key, each in held.items()
        if (group := joining.get(key, each.group_id)) is not None
    }
    _settle({queue for queue in now.values() if queue in free})
    settled = {
        key
        for key in {*wanted, *noted} & held.keys()
        if (key in now and now[key] in free) or (key not in now and key not in wanted)
    }
    return sorted(joining), settled


_STATES = """
SELECT id, site_id, group_id, escalated_at IS NOT NULL FROM moderation_case
WHERE id = ANY(%s) AND closed_at IS NULL ORDER BY id
"""
_FIRSTS = """
SELECT q.number, f.case_id FROM unnest(%s::int[], %s::bigint[], %s::text[]) AS q(number, site_id, facet)
CROSS JOIN LATERAL (
    SELECT f.case_id FROM moderation_casefacet f WHERE f.site_id = q.site_id AND f.facet = q.facet
    ORDER BY f.due_at, f.case_id LIMIT 1) f
"""
_SET = """
UPDATE moderation_case k SET group_id = n.group_id
FROM unnest(%s::bigint[], %s::bigint[]) AS n(id, group_id) WHERE k.id = n.id
"""
_QUEUES = """
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS q(site_id, facet, first)
CROSS JOIN LATERAL (
    SELECT f.* FROM moderation_casefacet f WHERE f.site_id = q.site_id AND f.facet = q.facet
    ORDER BY f.due_at, f.case_id LIMIT 1) f
"""
_PROMOTE = f"""
INSERT INTO moderation_casefacet (case_id, facet, site_id, due_at, opened_at)
SELECT f.case_id, q.first, f.site_id, f.due_at, f.opened_at {_QUEUES} ON CONFLICT (case_id, facet) DO NOTHING
"""
_DEMOTE = f"""
DELETE FROM moderation_casefacet x WHERE (x.case_id, x.facet) IN (
    SELECT other.case_id, q.first {_QUEUES}
    JOIN moderation_casefacet other
        ON other.site_id = q.site_id AND other.facet = q.facet AND other.case_id <> f.case_id)
"""  # noqa: S608


def _read(cases: Iterable[int]) -> dict[int, _Held]:
    return {row[0]: _Held(*row) for row in bulk.fetch(_STATES, [sorted(cases)])}


def _hold(cases: Iterable[int]) -> dict[int, _Held]:
    """Those of the cases that are open and that nobody else holds, as they are now."""
    rows = bulk.fetch(f"{_STATES} FOR NO KEY UPDATE SKIP LOCKED", [sorted(cases)])
    return {row[0]: _Held(*row) for row in rows}


def _firsts(queues: Collection[_Queue]) -> dict[_Queue, int]:
    """The case of each queue that is due first, if the queue has any."""
    ordered = sorted(queues)
    rows = [queue.row for queue in ordered]
    params = [list(range(len(rows))), [row[0] for row in rows], [row[1] for row in rows]]
    return {ordered[number]: case for number, case in bulk.fetch(_FIRSTS, params)}


def _settle(queues: Collection[_Queue]) -> None:
    """Have the case due first, and no other, stand for each of these; all of them are held."""
    if queues:
        columns = [list(column) for column in zip(*(queue.row for queue in sorted(queues)), strict=True)]
        bulk.execute(_PROMOTE, columns)
        bulk.execute(_DEMOTE, columns)
