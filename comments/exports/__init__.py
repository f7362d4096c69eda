"""Exports: a site's articles and comments, as a stream of bytes.

Rows are read in chunks by their keys, each in a statement of its own: memory
stays the same however large the site is, and nothing is held open between
chunks, neither a transaction nor a cursor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from comments.exports.jsonl import as_jsonl
from comments.exports.selection import Selection, chosen
from comments.exports.wxr import as_wxr

__all__ = ["WRITERS", "Selection", "chosen"]

WRITERS: dict[str, Callable[[Selection], Iterator[bytes]]] = {"jsonl": as_jsonl, "wxr": as_wxr}
