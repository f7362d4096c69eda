"""An index of many texts' quote keys: who holds a passage, and who holds one like it.

Every place of the joined keys has a 32-bit number: 20 bits of the hash of the
four characters there and 12 of the next four. Sorted by it, one array answers
for runs of four and of eight characters: 8 bytes a character beside the keys.
Texts are appended as segments that are merged as they grow, so that appending
one is cheap; a large segment is sorted when it has been asked a few times,
for one question alone costs less by looking at every place.
"""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from sys import getsizeof
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from moderation.quotes.keys import SEPARATOR, Codes, Places, decoded, joined_codes

# The least passage that is looked up; shorter ones are asked of a named source only.
SHORTEST = 4
LONG = 8
_WIDE = 0xFFF
_BASE = 0x01000193

# Places of the largest segment that others are merged with, and of the most that are sorted in one go.
MOST_MERGED = 1 << 22
_MOST_SORTED = 1 << 21
_AT_ONCE = 1 << 17
_SCANS = 6

# A passage that more texts hold is a stock phrase: the newest are enough to choose from.
MOST_HOLDERS = 64
# Grams that are looked up for one passage, places that one gram may bring, texts that are tried in vain.
_MOST_GRAMS = 32
_MOST_PLACES = 48
_MOST_TRIED = 512


def _fours(codes: Codes) -> Codes:
    """The hash of the four code points at each place."""
    two = codes[:-1] * np.uint32(_BASE) + codes[1:]
    four = two[:-2] * np.uint32(_BASE * _BASE % 2**32) + two[2:]
    four ^= four >> np.uint32(15)
    four *= np.uint32(0x9E3779B1)
    mixed: Codes = four ^ (four >> np.uint32(13))
    return mixed


def grams(codes: Codes) -> Codes:
    """The number of each place: what stands behind the end counts as zeros."""
    four = _fours(np.concatenate([codes, np.zeros(7, np.uint32)]))
    return (four[:-4] & np.uint32(0xFFFFF000)) | (four[4:] >> np.uint32(20))


def _order(numbers: Codes) -> Places:
    """The order of grams, those that are equal as they are: a radix sort, which numpy has for 16 bits."""
    order = np.argsort(numbers.astype(np.uint16), kind="stable")
    high = (numbers >> np.uint32(16)).astype(np.uint16)
    return order[np.argsort(high[order], kind="stable")]


@dataclass(slots=True)
class _Segment:
    """Places with their grams: in order of place until `sort`, by gram and place since."""

    grams: Codes
    places: Codes
    is_sorted: bool = False
    scans: int = 0

    def __len__(self) -> int:
        return len(self.grams)

    def joined(self, later: "_Segment") -> "_Segment":
        grams = np.concatenate([self.grams, later.grams])
        return _Segment(grams, np.concatenate([self.places, later.places]))

    def sort(self) -> None:
        bits = max(0, len(self) // _MOST_SORTED).bit_length()
        if not bits:
            order = _order(self.grams)
            self.grams, self.places = self.grams[order], self.places[order]
        else:
            # By their first bits, one after the other: a sort takes sixteen bytes a place while it lasts.
            grams, places, end = np.empty_like(self.grams), np.empty_like(self.places), 0
            first = self.grams >> np.uint32(32 - bits)
            for each in range(1 << bits):
                some = np.flatnonzero(first == each)
                some = some[_order(self.grams[some])]
                grams[end : end + len(some)], places[end : end + len(some)] = (
                    self.grams[some],
                    self.places[some],
                )
                end += len(some)
            self.grams, self.places = grams, places
        self.is_sorted = True

    def among(self, wanted: Codes) -> "_Segment":
        """A sorted segment that has at least all places of these grams."""
        if not self.is_sorted and (len(self) <= _AT_ONCE or self.scans >= _SCANS):
            self.sort()
        if self.is_sorted:
            return self
        self.scans += 1
        marked = np.zeros(1 << 20, bool)
        marked[wanted >> np.uint32(12)] = True
        found = np.flatnonzero(marked[self.grams >> np.uint32(12)])
        part = _Segment(self.grams[found], self.places[found])
        part.sort()
        return part


class Near(NamedTuple):
    """A text that may hold a passage like the one asked for, which would begin about `start` in its key."""

    number: int
    start: int
    votes: float


@dataclass(slots=True)
class _Found:
    """Grams of a passage, their offsets in it, and where each stands."""

    offsets: Places
    ranges: list[tuple[_Segment, Places, Places]]

    @property
    def counts(self) -> Places:
        total = np.zeros(len(self.offsets), np.int64)
        for _, low, high in self.ranges:
            total += high - low
        return total

    def starts(self, gram: int) -> Places:
        """Where the passage would begin by the places of one gram, in order."""
        parts = [segment.places[low[gram] : high[gram]] for segment, low, high in self.ranges]
        starts: Places = np.sort(np.concatenate(parts).astype(np.int64)) - self.offsets[gram]
        return starts

    def all_starts(self, chosen: npt.NDArray[np.bool_]) -> tuple[Places, Places]:
        """The same by the places of all chosen grams, and the number of the gram of each."""
        starts, numbers = [], []
        which = np.flatnonzero(chosen)
        for segment, low, high in self.ranges:
            lengths = (high - low)[which]
            gram = np.repeat(which, lengths)
            at = np.arange(len(gram)) + np.repeat(low[which] - np.cumsum(lengths) + lengths, lengths)
            starts.append(segment.places[at].astype(np.int64) - self.offsets[gram])
            numbers.append(gram)
        return np.concatenate(starts), np.concatenate(numbers)


class KeyIndex:
    """Quote keys by number, from 0, in the order in which they were appended."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self._starts = array("q")
        self._end = 0
        self._segments: list[_Segment] = []
        # Keys that came since a place was last asked for: most are never asked for one.
        self._new: list[Codes] = []
        self._key_bytes = 0
        self._last: dict[tuple[str, int], _Found] = {}

    @property
    def nbytes(self) -> int:
        """Bytes of the keys and the arrays."""
        arrays = sum(segment.grams.nbytes + segment.places.nbytes for segment in self._segments)
        arrays += 2 * sum(codes.nbytes for codes in self._new)
        return arrays + self._key_bytes + 16 * len(self.keys)

    def append(self, folded: Sequence[str]) -> None:
        """Take in the quote keys of folded texts; some 25 ns a character."""
        self._last.clear()
        codes = joined_codes(folded)
        for key in decoded(codes).split(SEPARATOR)[:-1]:
            self.keys.append(key)
            self._starts.append(self._end)
            self._end += len(key) + 1
            self._key_bytes += getsizeof(key)
        self._new.append(codes)

    def _take_in(self) -> None:
        """Index what is new."""
        if not self._new:
            return
        codes = np.concatenate(self._new)
        self._new.clear()
        places = np.arange(self._end - len(codes), self._end, dtype=np.uint32)
        self._segments.append(_Segment(grams(codes), places))
        self._merge()

    def _merge(self) -> None:
        while len(self._segments) > 1:
            last, before = self._segments[-1], self._segments[-2]
            if len(before) >= 4 * len(last) or len(before) + len(last) > MOST_MERGED:
                return
            self._segments[-2:] = [before.joined(last)]

    def place(self, number: int) -> int:
        """Where a key begins among all."""
        return self._starts[number] if number < len(self._starts) else self._end

    def holders(self, key: str, low: int, high: int) -> list[int]:
        """The texts from `low` to before `high` that hold a key, at most `MOST_HOLDERS`, the last first."""
        if len(key) < SHORTEST:
            raise ValueError(f"a key of {len(key)} characters is not indexed: give {SHORTEST} or more.")
        candidates = self._candidates(key)
        edge = np.searchsorted(candidates, self.place(high))
        found: list[int] = []
        for _ in range(_MOST_TRIED):
            if not edge or len(found) == MOST_HOLDERS:
                break
            number = bisect_right(self._starts, int(candidates[edge - 1])) - 1
            if number < low:
                break
            if key in self.keys[number]:
                found.append(number)
            edge = np.searchsorted(candidates, self._starts[number])
        return found

    def _candidates(self, key: str) -> Places:
        """Places where the key may begin, in order: those of its rarest gram, narrowed down by others."""
        found = self._find(key, LONG if len(key) >= LONG else SHORTEST)
        counts = found.counts
        order = np.argsort(counts, kind="stable")
        starts = found.starts(int(order[0])) if counts[order[0]] else np.empty(0, np.int64)
        for gram in order[1:4]:
            if len(starts) <= MOST_HOLDERS:
                break
            others = found.starts(int(gram))
            at = np.minimum(np.searchsorted(others, starts), len(others) - 1)
            starts = starts[others[at] == starts]
        return starts

    def _find(self, key: str, length: int) -> _Found:
        # What nobody holds is looked for a second time, to see who holds something like it.
        if (key, length) not in self._last:
            self._last = {(key, length): self._ranges(key, length)}
        return self._last[key, length]

    def _ranges(self, key: str, length: int) -> _Found:
        codes = np.frombuffer(key.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        count = len(codes) - length + 1
        offsets = (
            np.arange(count) if count <= _MOST_GRAMS else np.linspace(0, count - 1, _MOST_GRAMS).astype(int)
        )
        # In order, for so a look-up in a long array finds most of its way in the cache.
        low = grams(codes)[offsets]
        order = np.argsort(low)
        offsets, low = offsets[order], low[order]
        high = low
        if length < LONG:
            low, high = low & np.uint32(~_WIDE & 0xFFFFFFFF), low | np.uint32(_WIDE)
        ranges = []
        self._take_in()
        for segment in self._segments:
            part = segment.among(low)
            left = np.searchsorted(part.grams, low)
            ranges.append((part, left, np.searchsorted(part.grams, high, side="right")))
        return _Found(offsets, ranges)

    def near(self, key: str, limit: int, most: int) -> list[Near]:
        """Those of the first `limit` texts that share most of a key's rarer grams, the likeliest first."""
        if len(key) < SHORTEST or not self.keys:
            return []
        votes: dict[int, Near] = {}
        if len(key) >= LONG:
            votes = self._vote(key, LONG, limit, most)
        if not votes or max(vote.votes for vote in votes.values()) < 0.4:
            for number, vote in self._vote(key, SHORTEST, limit, most).items():
                if number not in votes or votes[number].votes < vote.votes:
                    votes[number] = vote
        return sorted(votes.values(), key=lambda vote: (-vote.votes, -vote.number))[:most]

    def _vote(self, key: str, length: int, limit: int, most: int) -> dict[int, Near]:
        found = self._find(key, length)
        counts = found.counts
        starts, gram = found.all_starts((counts > 0) & (counts <= _MOST_PLACES))
        kept = starts < self.place(limit)
        starts, gram = starts[kept], gram[kept]
        if not len(starts):
            return {}
        places = np.maximum(starts + found.offsets[gram], 0)
        numbers = np.searchsorted(np.frombuffer(self._starts, np.int64), places, side="right") - 1
        order = np.argsort(numbers, kind="stable")
        numbers, starts, gram = numbers[order], starts[order], gram[order]
        # Where each text's places begin, and what they weigh: rare grams tell more than common ones.
        edges = np.flatnonzero(np.diff(numbers, prepend=-1))
        votes = np.add.reduceat(1.0 / np.sqrt(counts[gram]), edges)
        bounds = np.append(edges, len(numbers))
        chosen = {}
        for each in np.lexsort((-numbers[edges], -votes))[:most].tolist():
            low, high = int(bounds[each]), int(bounds[each + 1])
            number, middle = int(numbers[low]), np.sort(starts[low:high])[(high - low) // 2]
            share = len(set(gram[low:high].tolist())) / len(found.offsets)
            chosen[number] = Near(number, int(middle) - self._starts[number], share)
        return chosen


def probable_start(key: str, other: str) -> int:
    """Where a passage would begin in another key, by the middle one of the runs that both have."""
    step = max(1, len(key) // 12)
    places = [(at, other.find(key[at : at + SHORTEST])) for at in range(0, len(key) - SHORTEST + 1, step)]
    starts = sorted(place - at for at, place in places if place >= 0)
    return max(0, starts[len(starts) // 2]) if starts else 0
