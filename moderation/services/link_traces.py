"""Keep which domains comments link to, for the comments that come after them."""

from __future__ import annotations

from collections.abc import Sequence

from comments import bulk
from moderation.linked import domains_of
from moderation.services.stored import Stored

_COLUMNS = {"comment_id": "bigint", "site_id": "bigint", "posted_at": "timestamptz", "domain": "text"}


def trace_links(stored: Sequence[Stored]) -> None:
    """Trace the links of comments just stored or edited, in the same transaction.

    Not when they are screened: what came before a comment must not hang on
    which worker was first.
    """
    rows = [
        (each.id, each.site_id, each.posted_at, domain)
        for each in stored
        for domain in domains_of(each.body, each.author_url, each.folded)
    ]
    bulk.insert("moderation_linktrace", _COLUMNS, rows, conflict="ON CONFLICT DO NOTHING")


def forget_links(comments: Sequence[int]) -> None:
    """Drop the traces of comments: before an edit is traced, and when they are erased."""
    bulk.execute("DELETE FROM moderation_linktrace WHERE comment_id = ANY(%s)", [list(comments)])
