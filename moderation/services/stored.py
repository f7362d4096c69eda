"""What is read of comments that were just stored or edited, to keep what later ones are compared by."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from moderation.text import FOLDER_VERSION


class Stored(NamedTuple):
    """A comment, its fields those of `STORED`; `folded` is empty if another folder than today's made it."""

    id: int
    site_id: int
    posted_at: datetime
    body: str
    author_url: str
    folded: str


STORED = f"""
SELECT id, site_id, posted_at, body, author_url,
    CASE WHEN folder_version = {FOLDER_VERSION} THEN folded ELSE '' END
FROM comments_comment WHERE id = ANY(%s) ORDER BY id
"""  # noqa: S608
