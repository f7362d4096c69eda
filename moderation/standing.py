"""What people and rules made of an author's earlier comments: one query a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from comments import bulk
from moderation.checks.facts import Standing

if TYPE_CHECKING:
    from moderation.facts import Claimed, Row

# An author's newest comments that are looked at: enough for an interval that says something, and who wrote
# worse long ago may have changed. 400 comments by regulars take 25 ms so; of fifty each they take 63.
NEWEST = 20

# What was undone does not count, and what stood before it counts again (as in `moderation.history`).
_STANDING = """
SELECT k.id, s.published, s.verified, s.approved, s.refused
FROM unnest(%s::bigint[], %s::uuid[], %s::bigint[], %s::timestamptz[]) AS k(id, key, site_id, posted_at)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE e.status = 'published') AS published,
        count(*) FILTER (WHERE e.status = 'published' AND e.author_verified) AS verified,
        count(*) FILTER (WHERE e.said = 'published') AS approved,
        count(*) FILTER (WHERE e.said = 'rejected') AS refused
    FROM (
        SELECT c.status, c.author_verified, (
            SELECT d.to_status FROM moderation_decision d
            WHERE d.comment_id = c.id AND d.by_id IS NOT NULL AND d.cause <> 'undo' AND NOT EXISTS (
                SELECT 1 FROM moderation_decision u
                WHERE u.comment_id = d.comment_id AND u.by_id IS NOT NULL
                    AND u.supersedes_id = d.id AND u.cause = 'undo')
            ORDER BY d.id DESC LIMIT 1) AS said
        FROM comments_comment c
        WHERE c.author_key = k.key AND c.site_id = k.site_id AND c.withdrawn_at IS NULL
            AND (c.posted_at, c.id) < (k.posted_at, k.id)
        ORDER BY c.posted_at DESC, c.id DESC LIMIT %s
    ) e
) s
"""


def with_standing(claimed: Sequence[Claimed]) -> list[Claimed]:
    """The same comments, each with its author's standing; one that was stored with a decision stays."""
    found = standing_of([each.row for each in claimed if each.submission.standing is None])
    return [
        replace(each, submission=replace(each.submission, standing=found[each.row.id]))
        if each.row.id in found
        else each
        for each in claimed
    ]


def standing_of(rows: Sequence[Row]) -> dict[int, Standing]:
    """`{comment: the standing of its author when it was posted}`, of all comments."""
    standings = {row.id: Standing(known=False) for row in rows}
    known = [row for row in rows if row.author_key is not None]
    keys = [[getattr(row, name) for row in known] for name in ("id", "author_key", "site_id", "posted_at")]
    for comment, *counts in bulk.fetch(_STANDING, [*keys, NEWEST]) if known else ():
        standings[comment] = Standing(*counts)
    return standings
