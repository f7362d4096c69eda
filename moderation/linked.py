"""Who linked to the same domains before, in one query for a batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from comments import bulk
from moderation.checks.facts import LinkedBefore
from moderation.domains import linked_domain
from moderation.hidden_links import beside_hidden, hidden_links
from moderation.text import Folded, fold, links, website

if TYPE_CHECKING:
    from moderation.facts import Row

# An author without a key is told from others by his address; those without either count as one.
_WRITER = "coalesce({0}.author_key::text, host({0}.ip), '')"
_FIRST = """coalesce((
    SELECT f.posted_at FROM comments_comment f
    WHERE f.author_key = {0}.author_key AND f.site_id = {0}.site_id AND f.withdrawn_at IS NULL
    ORDER BY f.posted_at LIMIT 1), {0}.posted_at)"""
_LINKED = f"""
SELECT k.id, {_FIRST.format("k")}, e.domain, e.at, e.writer, e.first_at
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[], %s::bool[], %s::uuid[], %s::inet[])
    AS k(id, domain, site_id, posted_at, live, author_key, ip)
CROSS JOIN LATERAL (
    SELECT k.domain, CASE WHEN k.live AND c.live THEN c.received_at ELSE c.posted_at END AS at,
        {_WRITER.format("c")} AS writer, {_FIRST.format("c")} AS first_at
    FROM moderation_linktrace o JOIN comments_comment c ON c.id = o.comment_id
    WHERE o.domain = k.domain AND o.site_id = k.site_id AND c.withdrawn_at IS NULL
      AND o.posted_at > k.posted_at - %s AND (o.posted_at, o.comment_id) < (k.posted_at, k.id)
    ORDER BY o.posted_at DESC, o.comment_id DESC LIMIT %s
) e
WHERE e.writer <> {_WRITER.format("k")}
"""  # noqa: S608
# Domains of one comment that are kept and looked for: who links to more is another check's (`links`).
MOST = 20


def domains_of(body: str, url: str, folded: str = "") -> list[str]:
    """The domains that a comment and its author's website lead to, hidden links too, each once.

    `folded` is the body folded by today's folder, if it is at hand.
    """
    known = links(body)
    hidden = hidden_links(Folded(body, folded) if folded else fold(body), known)
    found = dict.fromkeys(linked_domain(link.host) for link in (*beside_hidden(known, hidden), *website(url)))
    found.pop("", None)
    return list(found)[:MOST]


def linked_before(rows: Sequence[Row], seconds: int, limit: int) -> dict[int, dict[str, Any]]:
    """`{comment: facts}` of those whose domains others linked to before, newest first.

    The facts are `linked` and `author_first_at` of `Submission`. Each writer
    gets a number, which means nothing beyond this batch.
    """
    facts: dict[int, dict[str, Any]] = {}
    if not (seconds and limit):
        return facts
    keys = [_key(row, domain) for row in rows for domain in domains_of(row.body, row.author_url, row.folded)]
    if not keys:
        return facts
    writers: dict[str, int] = {}
    found = bulk.fetch(_LINKED, [*map(list, zip(*keys, strict=True)), timedelta(seconds=seconds), limit])
    for comment, first_at, domain, at, writer, others_first in found:
        mine = facts.setdefault(comment, {"author_first_at": first_at, "linked": ()})
        number = writers.setdefault(writer, len(writers) + 1)
        mine["linked"] += (LinkedBefore(domain, at, number, others_first),)
    return facts


def _key(row: Row, domain: str) -> tuple[Any, ...]:
    return row.id, domain, row.site_id, row.posted_at, row.live, row.author_key, row.ip
