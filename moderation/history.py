"""What came before a comment: rows of its author, its address and its text, in bulk.

A fact depends on the rows stored before it, whatever their status; only
reputation depends on decisions. What was withdrawn with its import is as if
it had not been stored: or the same archive, imported as it should be, would
be taken for a flood of copies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from comments import bulk
from comments.services import CLOCK_TOLERANCE
from moderation.checks.facts import Copy
from moderation.engine import TRUSTED_AFTER

if TYPE_CHECKING:
    from moderation.facts import Row

# For live comments the window is one of arrivals: what a reader claims about
# his own time must not help him past a flood check. The index is by posted_at,
# which lies within the tolerance of the arrival.
_TIMES = """
SELECT k.id, e.at
FROM unnest(%s::bigint[], %s::{kind}[], %s::bigint[], %s::bool[], %s::timestamptz[], %s::timestamptz[])
    AS k(id, key, site_id, live, posted_at, received_at)
CROSS JOIN LATERAL (
    SELECT CASE WHEN k.live THEN c.received_at ELSE c.posted_at END AS at
    FROM comments_comment c
    WHERE c.{column} = k.key AND c.site_id = k.site_id AND c.withdrawn_at IS NULL AND CASE WHEN k.live THEN
        c.live AND (c.received_at, c.id) < (k.received_at, k.id) AND c.received_at > k.received_at - %s
      ELSE
        (c.posted_at, c.id) < (k.posted_at, k.id)
      END
      AND c.posted_at > CASE WHEN k.live THEN k.received_at - %s ELSE k.posted_at END - %s
    ORDER BY c.posted_at DESC, c.id DESC LIMIT %s
) e
"""


def times_of(column: str, rows: Sequence[Row], seconds: int, limit: int) -> dict[int, list[datetime]]:
    """`{comment: times of earlier rows of the same author or address, newest first}`."""
    times: dict[int, list[datetime]] = defaultdict(list)
    known = [row for row in rows if getattr(row, column) is not None]
    if not (known and seconds and limit):
        return times
    sql = _TIMES.format(column=column, kind={"author_key": "uuid", "ip": "inet"}[column])
    keys = [
        [row.id for row in known],
        [getattr(row, column) for row in known],
        [row.site_id for row in known],
        [row.live for row in known],
        [row.posted_at for row in known],
        [row.received_at for row in known],
    ]
    window = timedelta(seconds=seconds)
    for comment, at in bulk.fetch(sql, [*keys, window, CLOCK_TOLERANCE, window, limit]):
        times[comment].append(at)
    return times


_COPIES = """
SELECT k.id, e.id, CASE WHEN k.live AND e.live THEN e.received_at ELSE e.posted_at END,
    coalesce(e.author_key = k.author_key, false), e.article_id = k.article_id
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::uuid[], %s::timestamptz[], %s::bool[])
    AS k(id, fingerprint, site_id, article_id, author_key, posted_at, live)
CROSS JOIN LATERAL (
    SELECT c.id, c.posted_at, c.received_at, c.live, c.author_key, c.article_id
    FROM comments_comment c
    WHERE c.fingerprint = k.fingerprint AND c.fingerprint <> 0 AND c.site_id = k.site_id
      AND c.withdrawn_at IS NULL
      AND c.posted_at > k.posted_at - %s AND (c.posted_at, c.id) < (k.posted_at, k.id)
    ORDER BY c.posted_at DESC, c.id DESC LIMIT %s
) e
"""


def copies_of(rows: Sequence[Row], seconds: int, limit: int) -> dict[int, list[Copy]]:
    """`{comment: earlier comments with the same folded text, newest first}`."""
    copies: dict[int, list[Copy]] = defaultdict(list)
    known = [row for row in rows if row.fingerprint]
    if not (known and seconds and limit):
        return copies
    keys = [
        [getattr(row, name) for row in known]
        for name in ("id", "fingerprint", "site_id", "article_id", "author_key", "posted_at", "live")
    ]
    for comment, *copy in bulk.fetch(_COPIES, [*keys, timedelta(seconds=seconds), limit]):
        copies[comment].append(Copy(*copy))
    return copies


_PUBLISHED = """
SELECT k.key, k.site_id, e.count
FROM unnest(%s::uuid[], %s::bigint[]) AS k(key, site_id)
CROSS JOIN LATERAL (
    SELECT count(*) FROM (
        SELECT 1 FROM comments_comment c
        WHERE c.author_key = k.key AND c.site_id = k.site_id AND c.author_verified AND c.status = 'published'
        LIMIT %s) enough
) e
"""


def published_before(rows: Sequence[Row]) -> dict[int, int]:
    """`{comment: published comments of its verified author}`, counted up to what makes him trusted."""
    verified = [row for row in rows if row.author_verified and row.author_key]
    keys = sorted({(row.author_key, row.site_id) for row in verified})
    found = bulk.fetch(_PUBLISHED, [*map(list, zip(*keys, strict=True)), TRUSTED_AFTER]) if keys else []
    counts = {(key, site): count for key, site, count in found}
    return defaultdict(int, {row.id: counts[row.author_key, row.site_id] for row in verified})


_STAFF = """
SELECT DISTINCT m.site_id, lower(u.email)
FROM comments_membership m JOIN auth_user u ON u.id = m.user_id
WHERE m.site_id = ANY(%s) AND u.is_active AND lower(u.email) = ANY(%s)
"""


def staff_among(rows: Sequence[Row]) -> set[int]:
    """The comments whose verified author has the e-mail address of a member of the site.

    Anyone can type such an address; only the publisher can say that it is his.
    """
    known = [row for row in rows if row.author_verified and row.author_email]
    if not known:
        return set()
    sites, addresses = {row.site_id for row in known}, {row.author_email.lower() for row in known}
    found = set(bulk.fetch(_STAFF, [sorted(sites), sorted(addresses)]))
    return {row.id for row in known if (row.site_id, row.author_email.lower()) in found}


_PERSONS = """
SELECT DISTINCT ON (d.comment_id) d.comment_id, d.revision, d.to_status
FROM moderation_decision d
WHERE d.comment_id = ANY(%s) AND (d.by_id IS NOT NULL OR d.cause = 'erased') AND d.cause <> 'undo'
  AND NOT EXISTS (
    SELECT 1 FROM moderation_decision u
    WHERE u.comment_id = d.comment_id AND u.supersedes_id = d.id AND u.cause = 'undo')
ORDER BY d.comment_id, d.id DESC
"""


@dataclass(frozen=True, slots=True)
class Persons:
    """What people have decided, as ids of comments.

    `judged`: the present text. `rejected`: an earlier text, which they
    rejected. `kept`: an earlier text, which they published and readers see;
    since then an import brought another, which is not to take its place.
    """

    judged: set[int]
    rejected: set[int]
    kept: set[int]


def persons_before(rows: Sequence[Row]) -> Persons:
    """What people have decided, or erased, of these comments.

    What was undone does not count, and what stood before it counts again.
    """
    again = {row.id: row for row in rows if row.revision > 1 or row.status != "received"}
    persons = Persons(set(), set(), set())
    for comment, revision, status in bulk.fetch(_PERSONS, [sorted(again)]) if again else ():
        row = again[comment]
        if revision == row.revision:
            persons.judged.add(comment)
        elif status == "rejected":
            persons.rejected.add(comment)
        elif not row.live and row.status == status:
            persons.kept.add(comment)
    return persons


def decided_by_people(comments: Sequence[int]) -> set[int]:
    """Which of these a person has decided, whatever their text was then (setting COMMENTS_DECIDED)."""
    return {comment for comment, _, _ in bulk.fetch(_PERSONS, [list(comments)])}
