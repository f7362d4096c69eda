"""How many people came to an article just before a comment, in one query for a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from comments import bulk
from comments.services import CLOCK_TOLERANCE

if TYPE_CHECKING:
    from moderation.facts import Row

# By arrival, as in `history.times_of`: the index is by posted_at, which lies within the tolerance of it.
# Who has no key is told from others by his address; those without either count as one.
_CROWD = """
SELECT k.id, max(e.received_at) AS at
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[])
    AS k(id, article_id, writer, received_at)
CROSS JOIN LATERAL (
    SELECT c.received_at, coalesce(c.author_key::text, host(c.ip), '') AS writer
    FROM comments_comment c
    WHERE c.article_id = k.article_id AND c.live AND c.withdrawn_at IS NULL
      AND (c.received_at, c.id) < (k.received_at, k.id) AND c.received_at > k.received_at - %s
      AND c.posted_at > k.received_at - %s - %s
    ORDER BY c.posted_at DESC, c.id DESC LIMIT %s
) e
WHERE e.writer <> k.writer
GROUP BY k.id, e.writer
ORDER BY k.id, at DESC
"""


def crowd_before(rows: Sequence[Row], seconds: int, limit: int) -> dict[int, list[datetime]]:
    """`{live comment: when each other author last wrote at its article, newest first}`.

    Only the newest `limit` rows are looked at, so that an article which
    everybody writes at costs no more than that.
    """
    crowds: dict[int, list[datetime]] = defaultdict(list)
    live = [row for row in rows if row.live]
    if not (live and seconds and limit):
        return crowds
    writers = [str(row.author_key or row.ip or "") for row in live]
    keys = [
        [row.id for row in live],
        [row.article_id for row in live],
        writers,
        [row.received_at for row in live],
    ]
    window = timedelta(seconds=seconds)
    for comment, at in bulk.fetch(_CROWD, [*keys, window, CLOCK_TOLERANCE, window, limit]):
        crowds[comment].append(at)
    return crowds
