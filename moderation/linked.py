"""Who linked to the same domains before, in one query for a batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from comments import bulk
from moderation.checks.base import LinkedBefore

if TYPE_CHECKING:
    from moderation.facts import Row

# An author without a key is told from others by his address; those without either count as one.
_WRITER = "coalesce({0}.author_key::text, host({0}.ip), '')"
_FIRST = """coalesce((
    SELECT f.posted_at FROM comments_comment f
    WHERE f.author_key = {0}.author_key AND f.site_id = {0}.site_id AND f.withdrawn_at IS NULL
    ORDER BY f.posted_at LIMIT 1), {0}.posted_at)"""
_LINKED = f"""
SELECT m.id, {_FIRST.format("m")}, e.domain, e.at, e.writer, e.first_at
FROM comments_comment m
JOIN moderation_linktrace t ON t.comment_id = m.id
CROSS JOIN LATERAL (
    SELECT t.domain, CASE WHEN m.live AND c.live THEN c.received_at ELSE c.posted_at END AS at,
        {_WRITER.format("c")} AS writer, {_FIRST.format("c")} AS first_at
    FROM moderation_linktrace o JOIN comments_comment c ON c.id = o.comment_id
    WHERE o.domain = t.domain AND o.site_id = t.site_id AND c.withdrawn_at IS NULL
      AND o.posted_at > t.posted_at - %s AND (o.posted_at, o.comment_id) < (t.posted_at, t.comment_id)
    ORDER BY o.posted_at DESC, o.comment_id DESC LIMIT %s
) e
WHERE m.id = ANY(%s) AND e.writer <> {_WRITER.format("m")}
"""  # noqa: S608


def linked_before(rows: Sequence[Row], seconds: int, limit: int) -> dict[int, dict[str, Any]]:
    """`{comment: facts}` of those whose domains others linked to before, newest first.

    The facts are `linked` and `author_first_at` of `Submission`. Each writer
    gets a number, which means nothing beyond this batch.
    """
    facts: dict[int, dict[str, Any]] = {}
    if not (seconds and limit):
        return facts
    writers: dict[str, int] = {}
    found = bulk.fetch(_LINKED, [timedelta(seconds=seconds), limit, [row.id for row in rows]])
    for comment, first_at, domain, at, writer, others_first in found:
        mine = facts.setdefault(comment, {"author_first_at": first_at, "linked": ()})
        number = writers.setdefault(writer, len(writers) + 1)
        mine["linked"] += (LinkedBefore(domain, at, number, others_first),)
    return facts
