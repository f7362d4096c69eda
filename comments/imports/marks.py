"""Marks: what the rows of an unfinished run must know of the rows before them (`ImportMark`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from comments import bulk
from comments.imports.ledger import storable


class Mark(NamedTuple):
    """A row of `ImportMark`."""

    run_id: int
    position: int
    kind: str
    place: str
    article: int | None = None
    comment: int | None = None
    parent: str = ""
    forward: bool = False


_COLUMNS = {
    "run_id": "bigint",
    "position": "bigint",
    "kind": "text",
    "place": "text",
    "article": "bigint",
    "comment": "bigint",
    "parent": "text",
    "forward": "bool",
}
_PLACE_LIMIT = 200


def write(marks: Sequence[Mark]) -> None:
    """Store marks."""
    rows = [mark._replace(place=storable(mark.place)[:_PLACE_LIMIT]) for mark in marks]
    bulk.insert("comments_importmark", _COLUMNS, rows)
