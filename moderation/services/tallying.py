"""The rows that the dashboard reads: moved on from what triggers append, and counted anew."""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction

from comments import bulk

# Changes that one statement moves on: a third of a second.
AT_ONCE = 50_000

# Quarters of an hour as the hours, days and weeks of their site's clock. What waits is asked for by the hour
# alone. Hours are counted from a Monday's midnight there, so that they are whole where the clock is half an
# hour off, and none is counted twice when it is put back.
SPANS = """
SELECT g.site_id, v.span, v.starts_at, g.kind, g.key, sum(g.number)::bigint AS number
FROM {quarters} g JOIN comments_site s ON s.id = g.site_id
CROSS JOIN LATERAL (VALUES
    ('hour', date_bin('1 hour', g.at, timestamp '2000-01-03' AT TIME ZONE s.zone)),
    ('day', date_trunc('day', g.at, s.zone)),
    ('week', date_trunc('week', g.at, s.zone))
) AS v(span, starts_at)
WHERE v.span = 'hour' OR g.kind NOT IN ('open', 'due')
GROUP BY 1, 2, 3, 4, 5 HAVING sum(g.number) <> 0
"""
# In the order of the key, so that two that fold at once wait for each other at most.
_FOLD = f"""
WITH gone AS (
    DELETE FROM moderation_tallychange WHERE id IN (
        SELECT id FROM moderation_tallychange ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING site_id, at, kind, key, number
), added AS (
    INSERT INTO moderation_tally AS t (site_id, span, starts_at, kind, key, number)
    {SPANS.format(quarters="gone")} ORDER BY 1, 2, 4, 3, 5
    ON CONFLICT (site_id, span, kind, starts_at, key) DO UPDATE SET number = t.number + excluded.number
)
SELECT count(*) FROM gone
"""  # noqa: S608
_DROP_NOTHING = """
DELETE FROM moderation_tally WHERE ctid IN (
    SELECT ctid FROM moderation_tally WHERE number = 0 FOR UPDATE SKIP LOCKED)
"""
# One statement sees one state of the world: what was written by then is counted, and its changes go with it;
# what is written later is appended, and stays.
_COUNT_ANEW = f"""
WITH gone AS (DELETE FROM moderation_tallychange)
INSERT INTO moderation_tally (site_id, span, starts_at, kind, key, number)
{SPANS.format(quarters="moderation_counted_tallies()")}
"""  # noqa: S608
_DIFFERENCES = f"""
SELECT coalesce(k.site_id, c.site_id), coalesce(k.span, c.span), coalesce(k.starts_at, c.starts_at)::text,
    coalesce(k.kind, c.kind), coalesce(k.key, c.key), coalesce(k.number, 0), coalesce(c.number, 0)
FROM (
    SELECT site_id, span, starts_at, kind, key, sum(number)::bigint AS number FROM (
        SELECT site_id, span, starts_at, kind, key, number FROM moderation_tally
        UNION ALL {SPANS.format(quarters="moderation_tallychange")}
    ) t GROUP BY 1, 2, 3, 4, 5 HAVING sum(number) <> 0
) k
FULL JOIN ({SPANS.format(quarters="moderation_counted_tallies()")}) c
    USING (site_id, span, starts_at, kind, key)
WHERE k.number IS DISTINCT FROM c.number ORDER BY 1, 2, 3, 4, 5
"""  # noqa: S608


class Difference(NamedTuple):
    """A figure that is kept otherwise than it is counted."""

    site: int
    span: str
    starts_at: str
    kind: str
    key: str
    kept: int
    counted: int


def fold(*, at_once: int = AT_ONCE) -> int:
    """Move what was appended into the tallies' rows; how many changes. Any number may do it at once."""
    moved, more = 0, True
    while more:
        with transaction.atomic():
            ((count,),) = bulk.fetch(_FOLD, [at_once])
            bulk.execute(_DROP_NOTHING)
        moved, more = moved + count, count == at_once
    return moved


@transaction.atomic
def recount() -> None:
    """Make the tallies anew from cases, decisions and quotes, while others write and read."""
    # Readers and writers of changes go on; whoever folds waits.
    bulk.execute("LOCK TABLE moderation_tally IN SHARE ROW EXCLUSIVE MODE")
    bulk.execute("DELETE FROM moderation_tally")
    bulk.execute(_COUNT_ANEW)


def differences() -> list[Difference]:
    """Where the figures are not what a recount would make them: nowhere, if all is well."""
    return [Difference(*row) for row in bulk.fetch(_DIFFERENCES)]
