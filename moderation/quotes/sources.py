"""The sources of an article's quotes, and an index of them.

An article's sources are shared by many quotes, so their quote keys are made
once and joined into a few long strings: one search in C finds a passage among
hundreds of comments. The index grows by appending.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from moderation.quotes.base import Moment, Source, Spans
from moderation.quotes.find import find
from moderation.quotes.keys import SEPARATOR, joined_keys
from moderation.text import fold

# Characters of joined keys. Long enough for one search in C to pay, short enough
# for the newest comments to be searched before the rest, and to be appended to.
CHUNK = 64_000
# A passage that more sources hold is a stock phrase: the newest are enough to choose from.
MOST_HOLDERS = 64


@dataclass(slots=True)
class _Chunk:
    """Some sources' keys in one string; `starts[i]` is where the i-th begins."""

    first: int
    keys: str
    starts: list[int]

    def end(self, count: int) -> int:
        """Where the keys of the first `count` sources end."""
        return self.starts[count] - 1 if count < len(self.starts) else len(self.keys)

    def append(self, keys: str) -> None:
        """Take in further keys, joined by `SEPARATOR`."""
        at = len(self.keys) + 1 if self.starts else 0
        self.keys = f"{self.keys}{SEPARATOR}{keys}" if self.starts else keys
        for one in keys.split(SEPARATOR):
            self.starts.append(at)
            at += len(one) + 1

    def holders(self, key: str, count: int) -> list[int]:
        """Which of the first `count` sources hold `key`, each once, in order."""
        found: list[int] = []
        end, at = self.end(count), self.keys.find(key, 0, self.end(count))
        while at >= 0:
            number = bisect_right(self.starts, at) - 1
            found.append(self.first + number)
            if number + 1 == len(self.starts):
                break
            at = self.keys.find(key, self.starts[number + 1], end)
        return found


@dataclass(slots=True)
class _Shelf:
    """Sources in order, with their keys in chunks."""

    sources: list[Source] = field(default_factory=list)
    chunks: list[_Chunk] = field(default_factory=list)

    def extend(self, sources: Iterable[Source]) -> None:
        batch: list[str] = []
        size = 0
        for source in sources:
            self.sources.append(source)
            batch.append(source.folded or fold(source.text).text)
            size += len(batch[-1])
            if size >= CHUNK:
                self._append(batch)
                batch, size = [], 0
        if batch:
            self._append(batch)

    def _append(self, folded: list[str]) -> None:
        if not self.chunks or len(self.chunks[-1].keys) >= CHUNK:
            self.chunks.append(_Chunk(len(self.sources) - len(folded), "", []))
        self.chunks[-1].append(joined_keys(folded))

    def holders(self, key: str, limit: int) -> list[int]:
        """Of the first `limit` sources those that hold `key`, the newest first."""
        found: list[int] = []
        for chunk in reversed(self.chunks):
            if chunk.first < limit:
                found += reversed(chunk.holders(key, limit - chunk.first))
            if len(found) >= MOST_HOLDERS:
                break
        return found[:MOST_HOLDERS]


class Sources:
    """An index of an article's sources: its texts, and its comments in the order of time.

    Building costs some 20 ns a character where `Source.folded` is given. One
    index serves all quotes of the article: `trace(…, before=(posted_at, id))`
    lets each comment see only the ones that were there before it.
    """

    def __init__(self, sources: Iterable[Source] = ()) -> None:
        self._article = _Shelf()
        self._comments = _Shelf()
        self._numbers: dict[int, int] = {}
        self._nested: dict[Source, Spans] = {}
        self._own_keys: dict[Source, str] = {}
        self.extend(sources)

    def __len__(self) -> int:
        return len(self._article.sources) + len(self._comments.sources)

    def extend(self, sources: Iterable[Source]) -> None:
        """Append sources; comments must follow those that are in already by `(posted_at, id)`.

        Raises `ValueError`, and takes in nothing, for comments that do not.
        """
        given = list(sources)
        # Of an article's texts the latest revision is preferred, and the body to the title.
        article = sorted(
            (each for each in given if not each.is_comment),
            key=lambda each: (each.revision, each.field == "body"),
        )
        comments = [each for each in given if each.is_comment]
        _check_order([*self._comments.sources[-1:], *comments])
        for number, each in enumerate(comments, start=len(self._comments.sources)):
            self._numbers[each.id] = number
        self._article.extend(article)
        self._comments.extend(comments)

    def holders(self, key: str, *, parent: int | None, before: Moment | None) -> list[Source]:
        """The sources that hold a passage's key, the least likely origin first.

        That is the article's texts, then comments in the order of time, at most
        `MOST_HOLDERS` of the newest, then the given parent.
        """
        limit = self._limit(before)
        comments = self._comments.holders(key, limit)
        number = self._numbers.get(parent, limit) if parent is not None else limit
        if number < limit and self._holds(number, key):
            comments = [number, *(each for each in comments if each != number)]
        article = self._article.holders(key, len(self._article.sources))
        return [
            *(self._article.sources[each] for each in reversed(article)),
            *(self._comments.sources[each] for each in reversed(comments)),
        ]

    def own_holds(self, source: Source, key: str) -> bool:
        """Whether a source that holds `key` does so in its own words, not in a quote of its own."""
        nested = self.nested(source)
        return not nested or key in self._own_keys[source]

    def nested(self, source: Source) -> Spans:
        """The places of a comment's own quotes."""
        if not source.is_comment:
            return ()
        if source not in self._nested:
            self._nested[source] = tuple((block.start, block.end) for block in find(source.text))
            if self._nested[source]:
                self._own_keys[source] = _own_key(source.text, self._nested[source])
        return self._nested[source]

    def _limit(self, before: Moment | None) -> int:
        comments = self._comments.sources
        return len(comments) if before is None else bisect_left(comments, before, key=_moment)

    def _holds(self, number: int, key: str) -> bool:
        chunks = self._comments.chunks
        chunk = chunks[bisect_right(chunks, number, key=lambda each: each.first) - 1]
        place = number - chunk.first
        return chunk.keys.find(key, chunk.starts[place], chunk.end(place + 1)) >= 0


def _moment(source: Source) -> Moment:
    if source.posted_at is None:
        raise ValueError(f"comment {source.id} has no posted_at: give it to trace quotes before a time.")
    return source.posted_at, source.id


def _check_order(comments: Sequence[Source]) -> None:
    for one, other in pairwise(comments):
        if one.posted_at and other.posted_at and _moment(other) < _moment(one):
            raise ValueError(
                f"comment {other.id} ({other.posted_at}) comes after comment {one.id} ({one.posted_at}): "
                "give comments in the order of (posted_at, id)."
            )


def _own_key(text: str, nested: Spans) -> str:
    """The key of a comment without its quotes."""
    ends = [0, *(end for _, end in nested)]
    starts = [*(start for start, _ in nested), len(text)]
    return joined_keys([fold(text[end:start]).text for end, start in zip(ends, starts, strict=True)])
