"""Keep by what keys nearly the same text is found, for the comments that come after it."""

from __future__ import annotations

from collections.abc import Sequence

from comments import bulk
from moderation.near_text import BANDS, band_keys, own_text
from moderation.services.stored import Stored

_COLUMNS = {
    "comment_id": "bigint",
    "site_id": "bigint",
    "posted_at": "timestamptz",
    **{f"key{number}": "bigint" for number in range(1, BANDS + 1)},
}


def keep_near_keys(stored: Sequence[Stored]) -> None:
    """Keep the band keys of comments, in the transaction that stores them, as `trace_links` does."""
    keys = band_keys([own_text(each.body, each.folded) for each in stored])
    rows = [
        (each.id, each.site_id, each.posted_at, *of_text)
        for each, of_text in zip(stored, keys, strict=True)
        if of_text
    ]
    bulk.insert("moderation_nearkeys", _COLUMNS, rows, conflict="ON CONFLICT DO NOTHING", returning="1")


def forget_near_keys(comments: Sequence[int]) -> None:
    """Drop the keys of comments: before those of an edit are kept, and when they are erased."""
    bulk.execute("DELETE FROM moderation_nearkeys WHERE comment_id = ANY(%s)", [list(comments)])
