"""What could be seen of the sources when a comment was written, and what in them is their own."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import lru_cache

from moderation.quotes.base import Moment, Source, Spans
from moderation.quotes.find import find, may_quote
from moderation.quotes.keys import key_of


class Sight(IntEnum):
    """Whether a source could be seen when a comment was written, in the order of the verdicts."""

    SEEN = 0
    STALE = 1
    HIDDEN = 2
    LATER = 3


@dataclass(frozen=True, slots=True)
class Held:
    """A source that holds a passage: `own` in its own words, not in a quote of its own."""

    source: Source
    sight: Sight
    own: bool


@dataclass(frozen=True, slots=True)
class Asker:
    """What tells which sources a comment could see: its moment, and comments that it surely saw.

    A given parent or a comment that is named was seen, whatever the clocks say.
    """

    before: Moment | None = None
    answered: frozenset[int] = frozenset()


def sight(source: Source, asker: Asker) -> Sight:
    """Whether a source could be seen when the asker wrote."""
    if source.is_comment:
        if source.hidden:
            return Sight.HIDDEN
        seen = asker.before is None or source.id in asker.answered or moment(source) < asker.before
        return Sight.SEEN if seen else Sight.LATER
    at: datetime | None = asker.before[0] if asker.before else None
    if source.posted_at and at and source.posted_at > at:
        return Sight.LATER
    replaced = source.until is not None and (at is None or source.until <= at)
    return Sight.STALE if replaced else Sight.SEEN


def nested(source: Source) -> Spans:
    """The places of a comment's own quotes."""
    return _own_words(source.text)[0] if source.is_comment and may_quote(source.text) else ()


def own_holds(source: Source, key: str) -> bool:
    """Whether a source that holds `key` does so in its own words, not in a quote of its own."""
    if not source.is_comment or not may_quote(source.text):
        return True
    return any(key in part for part in _own_words(source.text)[1])


@lru_cache(maxsize=4096)
def _own_words(text: str) -> tuple[Spans, tuple[str, ...]]:
    """A comment's quotes, and the keys of what stands between them."""
    spans = tuple((block.start, block.end) for block in find(text))
    if not spans:
        return (), (key_of(text),)
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return spans, tuple(key_of(text[end:start]) for end, start in zip(ends, starts, strict=True))


def moment(source: Source) -> Moment:
    """A comment's place in time. Raises `ValueError` if it has no time."""
    if source.posted_at is None:
        raise ValueError(f"comment {source.id} has no posted_at: give it to trace quotes before a time.")
    return source.posted_at, source.id
