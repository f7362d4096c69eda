"""Chunks of rows, and what reading, storing and trying out a source ask of them alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from comments.drafts import ArticleDraft, CommentDraft, Refused, canonical_url
from comments.formats.base import Problem, Row, Unreadable
from comments.imports.source import Numbered
from comments.models import Article, ArticleURL

# A chunk ends with the first of these: rows enough that the round trips cost
# little beside them, and text that fits in memory some times over.
CHUNK_ROWS = 1_000
CHUNK_CHARACTERS = 2_000_000

TWICE = "an earlier row of the same source has the same id: the first one stands."
NO_ID = "a comment needs its id at the source."

Draft = TypeVar("Draft", ArticleDraft, CommentDraft)


def in_chunks(rows: Iterable[Numbered]) -> Iterator[list[Numbered]]:
    """Rows in chunks whose borders depend on the rows alone.

    What was read before an `Unreadable` is yielded before that is raised.
    """
    chunk: list[Numbered] = []
    size = 0
    try:
        for numbered in rows:
            chunk.append(numbered)
            row = numbered.row
            size += len(row.raw if isinstance(row, Problem) else row.draft.body)
            if len(chunk) == CHUNK_ROWS or size > CHUNK_CHARACTERS:
                yield chunk
                chunk, size = [], 0
    except Unreadable:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


@dataclass(frozen=True, slots=True)
class Item(Generic[Draft]):
    """A row that holds a draft of one kind, with its place."""

    position: int
    row: Row
    draft: Draft

    @property
    def kind(self) -> str:
        return self.row.kind

    @property
    def place(self) -> str:
        return self.row.place


def items(rows: Sequence[Numbered], kind: type[Draft]) -> list[Item[Draft]]:
    """The rows that hold a draft of this kind."""
    return [
        Item(position, row, row.draft)
        for position, row in rows
        if isinstance(row, Row) and isinstance(row.draft, kind)
    ]


def article_keys(site_id: int, wanted: Iterable[str]) -> dict[str, int]:
    """`{id or URL as given: article's key}` of the articles that are stored."""
    given = sorted({name for name in wanted if name})
    if not given:
        return {}
    urls = {name: canonical_name(name) for name in given}
    with_id = Article.objects.filter(site=site_id, external_id__in=given)
    by_id = dict(with_id.values_list("external_id", "pk"))
    stored = ArticleURL.objects.filter(site=site_id, url__in=[url for url in urls.values() if "://" in url])
    by_url = dict(stored.values_list("url", "article_id"))
    keys = {name: by_id.get(name) or by_url.get(urls[name]) for name in given}
    return {name: key for name, key in keys.items() if key is not None}


def canonical_name(name: str) -> str:
    """The URL in its one spelling where the name of an article is one, else the name."""
    try:
        return canonical_url(name) if "://" in name else name
    except Refused:
        return name
