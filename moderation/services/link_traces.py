"""Keep which domains comments link to, for the comments that come after them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from comments import bulk
from moderation.hidden_links import MAY_HIDE
from moderation.linked import domains_of
from moderation.text import FOLDER_VERSION

# What can hold no link is not even fetched: see `text.links` and `hidden_links`.
LINKING = f"""
SELECT id, site_id, posted_at, body, author_url,
    CASE WHEN folder_version = {FOLDER_VERSION} THEN folded ELSE '' END
FROM comments_comment
WHERE id = ANY(%s) AND (author_url <> '' OR strpos(body, '://') > 0 OR strpos(lower(body), 'ww.') > 0
    OR {MAY_HIDE})
ORDER BY id
"""  # noqa: S608
_COLUMNS = {"comment_id": "bigint", "site_id": "bigint", "posted_at": "timestamptz", "domain": "text"}


def trace_links(linking: Iterable[tuple[Any, ...]]) -> None:
    """Trace the links of `LINKING`, comments just stored or edited, in the same transaction.

    Not when they are screened: what came before a comment must not hang on
    which worker was first.
    """
    rows = [
        (comment, site, posted_at, domain)
        for comment, site, posted_at, body, url, folded in linking
        for domain in domains_of(body, url, folded)
    ]
    bulk.insert("moderation_linktrace", _COLUMNS, rows, conflict="ON CONFLICT DO NOTHING")


def forget_links(comments: Sequence[int]) -> None:
    """Drop the traces of comments: before an edit is traced, and when they are erased."""
    bulk.execute("DELETE FROM moderation_linktrace WHERE comment_id = ANY(%s)", [list(comments)])
