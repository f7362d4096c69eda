"""Which texts nearly say the same: MinHash band keys find them, a comparison letter by letter tells. Pure.

MinHash (Broder, "On the resemblance and containment of documents", 1997) with
banding (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3):
two texts that share most of their shingles most likely share a key, and two
that do not, do not. SimHash, which is shorter, tells texts of a paragraph apart
and not those of a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from moderation.quotes import find
from moderation.text import bare, fold, links

# Letters that a text must have for keys, and letters of it that are looked at. What is shorter is a greeting
# or a vote; the rule asks for more (`NearDuplicate.least`), for what it finds may be the shorter of the two.
# The upper bound keeps the comparison of two texts below 0.1 ms.
SHORTEST, LONGEST = 14, 2_000

_NUMBER = re.compile(r"\d+")


def own_text(body: str, folded: str = "") -> str:
    """The letters that the author wrote himself, of which two comments are compared.

    Folded, without blanks and punctuation; without quoted blocks, which many
    have in common, and without links and with every number as 0, which are
    what changes in a template. At most `LONGEST`. `folded` is the folded body,
    where it is at hand.
    """
    pieces = own_pieces(body)
    if pieces == [(0, len(body))]:
        whole = folded or fold(body).text
    else:
        whole = " ".join(fold(body[start:end]).text for start, end in pieces)
    letters = bare(whole)
    return (_NUMBER.sub("0", letters) if _NUMBER.search(letters) else letters)[:LONGEST]


def own_pieces(body: str) -> list[tuple[int, int]]:
    """The places [start, end) of the body that are neither a quoted block nor a link."""
    quoted = [(each.start, each.end) for each in find(body)]
    taken = sorted(quoted + [(each.start, each.end) for each in links(body)])
    if not taken:
        return [(0, len(body))]
    pieces, at = [], 0
    for start, end in taken:
        if at < start:
            pieces.append((at, start))
        at = max(at, end)
    return [*pieces, (at, len(body))] if at < len(body) else pieces


# Two texts share a key of a band where its `_ROWS` minima agree. With these, of texts of `seeds/corpus` 93 in
# 100 share one of their keys with themselves under another name, 98 with another character, and of unrelated
# ones 0.5 at most; twice the bands find four more. Each band is an index to keep.
BANDS, _ROWS = 4, 2
# Characters of a shingle: kana and Han say in three what an alphabet says in five.
_SHINGLE, _SPACED_SHINGLE = 3, 5
_UNSPACED_FROM = 0x2E80
# Letters whose keys are made in one go: 64 MB of numbers at most.
_AT_ONCE = 200_000

_Numbers = NDArray[np.uint64]
_PRIME = np.uint64(0x100000001B3)  # Of the FNV hash.
_MIX = np.uint64(0x9E3779B97F4A7C15)  # The golden ratio, odd: Fibonacci hashing.


def band_keys(texts: Sequence[str]) -> list[list[int]]:
    """The keys of each `own_text`, as signed 64-bit numbers; none of one shorter than `SHORTEST`.

    The same on every machine and in every process, for they are stored.
    """
    keys: list[list[int]] = [[] for _ in texts]
    for numbers in _slices(texts):
        found = _keys([texts[number] for number in numbers])
        for number, of_text in zip(numbers, found, strict=True):
            keys[number] = of_text
    return keys


def _slices(texts: Sequence[str]) -> Iterator[list[int]]:
    """Places of the texts that have keys, few enough at a time."""
    numbers: list[int] = []
    size = 0
    for number, text in enumerate(texts):
        if len(text) >= SHORTEST:
            numbers.append(number)
            size += len(text)
        if size >= _AT_ONCE:
            yield numbers
            numbers, size = [], 0
    if numbers:
        yield numbers


def _keys(texts: Sequence[str]) -> list[list[int]]:
    shingles, starts = _shingles(texts)
    bands = []
    for multipliers in _MULTIPLIERS:
        band = np.full(len(texts), multipliers[0])
        for multiplier in multipliers:
            band = _mixed(band * _PRIME ^ np.minimum.reduceat(shingles * multiplier, starts))
        bands.append(band)
    keys: list[list[int]] = np.stack(bands, axis=1).view(np.int64).tolist()
    return keys


def _shingles(texts: Sequence[str]) -> tuple[_Numbers, NDArray[np.intp]]:
    """The hashed shingles of texts one after the other, and where those of each text begin."""
    padding = "\0" * _SPACED_SHINGLE
    code = np.frombuffer(("".join(texts) + padding).encode("utf-32-le", "surrogatepass"), "<u4")
    code = code.astype(np.uint64)
    size = len(code) - _SPACED_SHINGLE
    number = code[:size]
    for offset in range(1, _SHINGLE):
        number = number * _PRIME + code[offset : offset + size]
    longer = number
    for offset in range(_SHINGLE, _SPACED_SHINGLE):
        longer = longer * _PRIME + code[offset : offset + size]
    spaced = code[:size] < _UNSPACED_FROM
    lengths = [len(text) for text in texts]
    # None reaches into the next text.
    room = np.repeat(np.cumsum(lengths), lengths) - np.arange(size)
    whole = room >= np.where(spaced, _SPACED_SHINGLE, _SHINGLE)
    begins = np.cumsum([0, *lengths[:-1]])
    kept = np.add.reduceat(whole, begins, dtype=np.intp)
    return _mixed(np.where(spaced, longer, number)[whole]), np.cumsum(kept) - kept


def _mixed(numbers: _Numbers) -> _Numbers:
    numbers = (numbers ^ (numbers >> np.uint64(31))) * _MIX
    mixed: _Numbers = numbers ^ (numbers >> np.uint64(29))
    return mixed


# One multiplier a minimum: odd, and without a pattern.
_MULTIPLIERS = (_mixed(np.arange(1, BANDS * _ROWS + 1, dtype=np.uint64) * _MIX) | np.uint64(1)).reshape(
    BANDS, _ROWS
)


def similarity(one: str, other: str) -> int:
    """How much of two texts is the same, in whole per cent, rounded down; 100 if all is.

    Of both texts' letters the share of their longest common subsequence
    (rapidfuzz's `ratio`): what is added, left out or put in its place counts,
    wherever it stands.
    """
    letters = len(one) + len(other)
    return 100 * (letters - Indel.distance(one, other)) // letters if letters else 100


# Letters in a row that say that something is the same; fewer are the same by chance.
_RUN = 4


def common_places(body: str, other: str) -> list[tuple[int, int]]:
    """The places [start, end) of a body that the `own_text` of another comment has, too."""
    places, pieces = own_places(body), own_pieces(body)
    common: list[tuple[int, int]] = []
    for block in Indel.opcodes(own_text(body), other):
        if block.tag == "equal" and block.src_end - block.src_start >= _RUN:
            start, end = places[block.src_start][0], places[block.src_end - 1][1]
            # What is quoted or linked in between is not what they have in common.
            cut = ((max(start, begin), min(end, stop)) for begin, stop in pieces)
            common += [(begin, stop) for begin, stop in cut if bare(body[begin:stop])]
    return common


def differing_places(body: str, other: str) -> list[tuple[int, int]]:
    """The places of a body where the `own_text` of another comment has something else, or nothing."""
    places, pieces = own_places(body), own_pieces(body)
    differing: list[tuple[int, int]] = []
    for block in Indel.opcodes(own_text(body), other):
        if block.tag != "equal" and block.src_end > block.src_start:
            start, end = places[block.src_start][0], places[block.src_end - 1][1]
            cut = ((max(start, begin), min(end, stop)) for begin, stop in pieces)
            differing += [(begin, stop) for begin, stop in cut if bare(body[begin:stop])]
    return differing


def own_places(body: str) -> list[tuple[int, int]]:
    """The place in the body of each character of its `own_text`."""
    places: list[tuple[int, int]] = []
    number = False
    for begin, stop in own_pieces(body):
        folded = fold(body[begin:stop])
        for at, char in enumerate(folded.text):
            if not char.isalnum():
                continue
            start, end = folded.original_span(at, at + 1)
            if number and char.isdecimal():
                places[-1] = (places[-1][0], begin + end)
            else:
                places.append((begin + start, begin + end))
            number = char.isdecimal()
    return places
