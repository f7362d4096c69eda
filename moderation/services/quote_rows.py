"""Quotes as rows: what is written of a traced quote, and what is read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from comments import bulk
from moderation.quotes import Traced
from moderation.requoted import QuoteRow


class Quoter(NamedTuple):
    """A comment that quotes, locked, with the version of its article's sources."""

    id: int
    revision: int
    status: str
    article_id: int
    site_id: int
    parent_id: int | None
    parent_how: str
    body: str
    posted_at: datetime
    sources_version: int


class Quotes(NamedTuple):
    """What one text of a comment quotes."""

    comment: int
    article: int
    revision: int
    rows: Sequence[QuoteRow]


_COLUMNS = {
    "comment_id": "bigint",
    "article_id": "bigint",
    "revision": "int",
    "traced_at": "timestamptz",
    "start": "int",
    "end": "int",
    "depth": "smallint",
    "verdict": "text",
    "ambiguous": "bool",
    "misattributed": "bool",
    "similarity": "float8",
    "differences": "jsonb",
    "article_revision_id": "bigint",
    "article_field": "text",
    "source_comment_id": "bigint",
    "source_revision": "int",
    "source_start": "int",
    "source_end": "int",
}
OWN = tuple(_COLUMNS)[4:]


def row_of(traced: Traced) -> QuoteRow:
    """The row of a traced quote."""
    quoted, source = traced.quoted, traced.source
    row = QuoteRow(
        quoted.start,
        quoted.end,
        min(quoted.depth, 32767),
        str(traced.verdict),
        traced.ambiguous,
        traced.misattributed,
        traced.similarity,
        _json([asdict(each) for each in traced.differences]),
    )
    if source is None:
        return row
    row = row._replace(source_start=traced.start, source_end=traced.end)
    if source.kind == "article":
        return row._replace(article_revision=source.revision, article_field=source.field)
    return row._replace(source_comment=source.id, source_revision=source.revision)


def read(values: Sequence[Any]) -> QuoteRow:
    """The row that the columns `OWN` hold."""
    row = QuoteRow(*values)
    return row._replace(differences=_json(json.loads(row.differences)))


def _json(differences: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(differences, ensure_ascii=False, sort_keys=True)


def write(quotes: Sequence[Quotes], now: datetime, *, anew: Sequence[int] = ()) -> None:
    """Insert quotes; those that the comments `anew` had before go."""
    if anew:
        bulk.execute("DELETE FROM moderation_quote WHERE comment_id = ANY(%s)", [sorted(anew)])
    rows = [(each.comment, each.article, each.revision, now, *row) for each in quotes for row in each.rows]
    bulk.insert("moderation_quote", _COLUMNS, rows)
