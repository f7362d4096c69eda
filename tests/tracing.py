"""Rows of a file whose quotes are traced."""

from __future__ import annotations

import json
from typing import Any

ARTICLE: dict[str, Any] = {
    "type": "article",
    "id": "ferry",
    "title": "渡し船、春まで四往復に",
    "body": "町は九日に発表した。\n渡し船は一日に六往復し、冬のあいだは四往復に減る。\n"
    "運賃は大人二百円のまま変わらない。",
    "published_at": "2026-01-10T06:00:00+09:00",
}


def comment(
    key: str, body: str, *, at: str = "12:00", article: str = "ferry", **fields: Any
) -> dict[str, Any]:
    """A comment's row, posted on the day of the article at `at`."""
    row = {"type": "comment", "id": key, "article": article, "body": body}
    return {**row, "posted_at": f"2026-01-10T{at}:00+09:00", **fields}


def as_lines(*rows: dict[str, Any] | str) -> bytes:
    """The rows as a file; a text stands as it is."""
    texts = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    return "".join(f"{text}\n" for text in texts).encode()
