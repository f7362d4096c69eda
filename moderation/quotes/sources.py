"""The sources of an article's quotes: who holds a passage, and what could be seen of it when.

An article's sources are shared by many quotes, so their quote keys are made
and indexed once. What a comment could see depends on its moment; the index
does not, and grows by appending.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice, pairwise
from sys import getsizeof

from moderation.quotes.base import Moment, Source
from moderation.quotes.dates import Dated
from moderation.quotes.index import MOST_HOLDERS, SHORTEST, KeyIndex, probable_start
from moderation.quotes.names import Names
from moderation.quotes.sight import Asker, Held, Sight, moment, own_holds, sight
from moderation.text import fold

# Bytes of a `Source` with its numbers and times, beside its texts.
_OBJECT = 240
# Texts that are looked into one by one, which is cheaper than an index of so few: for the passage itself
# (a tenth of a microsecond a comment), and for one like it.
_FEW_TO_HOLD, _FEW_TO_BE_NEAR = 256, 8


@dataclass(slots=True)
class _Shelf:
    """Sources in order, with their keys."""

    sources: list[Source] = field(default_factory=list)
    index: KeyIndex = field(default_factory=KeyIndex)

    def extend(self, sources: Sequence[Source]) -> None:
        if sources:
            self.sources += sources
            self.index.append([source.folded or fold(source.text).text for source in sources])

    def holders(self, key: str, low: int, high: int) -> Iterator[Source]:
        """Of the sources from `low` to before `high` those that hold `key`, the last first."""
        if high - low <= _FEW_TO_HOLD or len(key) < SHORTEST:
            holding = (each for each in range(high - 1, low - 1, -1) if key in self.index.keys[each])
            numbers = list(islice(holding, MOST_HOLDERS))
        else:
            numbers = self.index.holders(key, low, high)
        return (self.sources[each] for each in numbers)

    def near(self, key: str, count: int, most: int) -> list[tuple[int, int]]:
        """Of the first sources those that may hold a passage like `key`, and where it would begin."""
        if count <= _FEW_TO_BE_NEAR:
            return [(each, probable_start(key, self.index.keys[each])) for each in range(count)]
        return [(near.number, near.start) for near in self.index.near(key, count, most)]


class Sources:
    """An index of an article's sources: its texts, and its comments in the order of time.

    Building costs some 30 ns a character where `Source.folded` is given. One
    index serves all quotes of the article, each of which sees what its
    comment could see. `placed` leads from a comment's number to its moment
    and id, for references.
    """

    def __init__(self, sources: Iterable[Source] = ()) -> None:
        self._article = _Shelf()
        self._comments = _Shelf()
        self._hidden = _Shelf()
        self._places: dict[int, tuple[_Shelf, int]] = {}
        self._placed: dict[int, tuple[Moment, int]] = {}
        self._names = Names()
        self._last: Source | None = None
        self._folded_bytes = 0
        self.characters = 0
        self.extend(sources)

    def __len__(self) -> int:
        return sum(len(shelf.sources) for shelf in self._shelves)

    @property
    def _shelves(self) -> tuple[_Shelf, _Shelf, _Shelf]:
        return self._article, self._comments, self._hidden

    @property
    def placed(self) -> Mapping[int, tuple[Moment, int]]:
        """`{number: (moment, id)}` of the comments that have a number and a time."""
        return self._placed

    @property
    def index_bytes(self) -> int:
        """Bytes of memory beyond the texts themselves: folded texts, keys, arrays, objects."""
        return self._folded_bytes + _OBJECT * len(self) + sum(shelf.index.nbytes for shelf in self._shelves)

    def extend(self, sources: Iterable[Source]) -> None:
        """Append sources; comments must follow those that are in already by `(posted_at, id)`.

        Raises `ValueError`, and takes in nothing, for comments that do not.
        """
        given = list(sources)
        comments = [each for each in given if each.is_comment]
        _check_order([*([self._last] if self._last else []), *comments])
        # Of an article's texts the latest revision is preferred, and the body to the title.
        article = sorted(
            (each for each in given if not each.is_comment),
            key=lambda each: (each.revision, each.field == "body"),
        )
        self._article.extend(article)
        for shelf, hidden in ((self._comments, False), (self._hidden, True)):
            some = [each for each in comments if each.hidden is hidden]
            for number, each in enumerate(some, start=len(shelf.sources)):
                self._enter(each, shelf, number)
            shelf.extend(some)
        self._last = comments[-1] if comments else self._last
        self.characters += sum(len(each.text) for each in given)
        self._folded_bytes += sum(getsizeof(each.folded) for each in given if each.folded)

    def _enter(self, comment: Source, shelf: _Shelf, number: int) -> None:
        self._places[comment.id] = shelf, number
        self._names.add(comment)
        if comment.number is not None and comment.posted_at:
            self._placed.setdefault(comment.number, (moment(comment), comment.id))

    def comment(self, number: int) -> Source | None:
        """The comment of this id."""
        if number not in self._places:
            return None
        shelf, place = self._places[number]
        return shelf.sources[place]

    def named(self, attribution: str, numbers: Sequence[int], before: Moment | None) -> frozenset[int]:
        """The ids of the comments that a name or numbers mean, without the asker itself."""
        found = self._names.of(attribution) | {
            self._names.by_number[each] for each in numbers if each in self._names.by_number
        }
        return frozenset(found - ({before[1]} if before else set()))

    def dated(self, dated: Dated, before: Moment | None) -> frozenset[int]:
        """The ids of the comments of exactly this time, without the asker itself."""
        if not dated.zoned:
            return frozenset()
        comments, until = self._comments.sources, dated.at + timedelta(seconds=1 if dated.has_seconds else 60)
        low, high = (bisect_left(comments, (at, -1), key=moment) for at in (dated.at, until))
        return frozenset(each.id for each in comments[low:high] if before is None or each.id != before[1])

    def holders(self, key: str, asker: Asker) -> list[Held]:
        """The sources that hold a key and were there when the asker wrote, seen or not.

        The comments first, the latest first, at most `MOST_HOLDERS`; then the
        article's texts.
        """
        limit = self.limit(asker.before)
        found = dict.fromkeys(self._comments.holders(key, 0, limit))
        found |= dict.fromkeys(self._hidden.holders(key, 0, len(self._hidden.sources)))
        for number in sorted(asker.answered & self._places.keys()):
            shelf, place = self._places[number]
            if key in shelf.index.keys[place]:
                found.setdefault(shelf.sources[place])
        found |= dict.fromkeys(self._article.holders(key, 0, len(self._article.sources)))
        held = (Held(each, sight(each, asker), own_holds(each, key)) for each in found)
        return [each for each in held if each.sight != Sight.LATER]

    def among(self, numbers: Collection[int], key: str, asker: Asker) -> list[Held]:
        """Those of some comments that hold a key, however short, the latest first."""
        found = [
            (shelf.sources[place], shelf.index.keys[place])
            for shelf, place in (self._places[each] for each in sorted(numbers, reverse=True))
        ]
        return [Held(each, sight(each, asker), own_holds(each, key)) for each, mine in found if key in mine]

    def article_holders(self, key: str, asker: Asker) -> list[Held]:
        """The article's texts that hold a key, however short, the latest first."""
        found = self._article.holders(key, 0, len(self._article.sources))
        return [Held(each, seen, own=True) for each in found if (seen := sight(each, asker)) != Sight.LATER]

    def later_holders(self, key: str, asker: Asker) -> list[Held]:
        """The sources that came after the asker wrote and hold a key in their own words.

        What a later comment quotes it may have from the asker itself.
        """
        if asker.before is None:
            return []
        start, end = self.limit(asker.before), len(self._comments.sources)
        found = [*self._comments.holders(key, start, end)]
        found += self._article.holders(key, 0, len(self._article.sources))
        return [
            Held(each, Sight.LATER, own=True)
            for each in found
            if sight(each, asker) == Sight.LATER
            and not (each.is_comment and moment(each) == asker.before)
            and own_holds(each, key)
        ]

    def near(self, key: str, asker: Asker, most: int) -> list[tuple[Source, str, int]]:
        """Sources that may hold a passage like a key, each with its own key and where that would begin."""
        found: list[tuple[Source, str, int]] = []
        for shelf, count in (
            (self._comments, self.limit(asker.before)),
            (self._article, len(self._article.sources)),
            (self._hidden, len(self._hidden.sources)),
        ):
            for number, start in shelf.near(key, count, most):
                source = shelf.sources[number]
                if sight(source, asker) != Sight.LATER:
                    found.append((source, shelf.index.keys[number], start))
        return found

    def key(self, source: Source) -> str:
        """The quote key of a source that is in."""
        if source.is_comment:
            shelf, place = self._places[source.id]
            return shelf.index.keys[place]
        return self._article.index.keys[self._article.sources.index(source)]

    def limit(self, before: Moment | None) -> int:
        """How many of the comments that can be seen were there before a moment."""
        comments = self._comments.sources
        return len(comments) if before is None else bisect_left(comments, before, key=moment)


def _check_order(comments: Sequence[Source]) -> None:
    for one, other in pairwise(comments):
        if one.posted_at and other.posted_at and (other.posted_at, other.id) < (one.posted_at, one.id):
            raise ValueError(
                f"comment {other.id} ({other.posted_at}) comes after comment {one.id} ({one.posted_at}): "
                "give comments in the order of (posted_at, id)."
            )
