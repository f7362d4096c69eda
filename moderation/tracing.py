"""Rows of comments → their quotes traced: by article, so that an index is needed once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from comments.models import ParentHow
from moderation.quotes import (
    ReferenceVerdict,
    Sources,
    Traced,
    find,
    find_references,
    resolve,
    trace_blocks,
)
from moderation.replies import Answered, infer
from moderation.sources import SourceCache


class Quoting(Protocol):
    """What is asked of a comment's row to trace its quotes."""

    @property
    def id(self) -> int: ...
    @property
    def article_id(self) -> int: ...
    @property
    def sources_version(self) -> int: ...
    @property
    def body(self) -> str: ...
    @property
    def posted_at(self) -> datetime: ...
    @property
    def parent_id(self) -> int | None: ...
    @property
    def parent_how(self) -> str: ...


R = TypeVar("R", bound=Quoting)


@dataclass(frozen=True, slots=True)
class Traces:
    """What a comment quotes: `untraced` blocks more were too many; `answered`, where no parent was given."""

    quotes: tuple[Traced, ...] = ()
    untraced: int = 0
    answered: Answered | None = None


# One a process: a worker sees the same articles again and again.
_sources = SourceCache()


def trace_rows(rows: Sequence[R]) -> Iterator[tuple[R, Traces]]:
    """Each row with what it quotes; by article, in the order of their first rows."""
    of_article: dict[int, list[R]] = {}
    for row in rows:
        of_article.setdefault(row.article_id, []).append(row)
    versions = {key: group[0].sources_version for key, group in of_article.items()}
    for indexes in _sources.slices(versions):
        for article, index in indexes.items():
            for row in of_article[article]:
                yield row, _trace(row, index)


def _trace(row: Quoting, sources: Sources) -> Traces:
    blocks = find(row.body)
    given = row.parent_id if row.parent_how == ParentHow.GIVEN else None
    moment = row.posted_at, row.id
    quotes = trace_blocks(blocks, sources, parent=given, before=moment, body=row.body)
    untraced = sum(block.start >= quotes[-1].quoted.end for block in blocks) if quotes else 0
    if given is not None:
        return Traces(quotes, untraced)
    referred = [
        each.comment
        for reference in find_references(row.body, blocks)
        for each in resolve(reference, sources.placed, moment)
        if each.verdict is ReferenceVerdict.RESOLVED and each.comment is not None
    ]
    return Traces(quotes, untraced, infer(quotes, referred))
