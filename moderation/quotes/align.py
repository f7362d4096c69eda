"""The passage of a source that is nearest to a quoted one, over quote keys."""

from typing import NamedTuple

from rapidfuzz.distance import Indel, LCSseq

from moderation.quotes.elision import weight

# Cells of the comparison of one passage with one window: beyond it a passage is traced by its parts only.
MOST_CELLS = 150_000_000
# Key characters that a passage may begin or end beside its expected place, whatever its length.
_SLACK, _MOST_SLACK = 24, 500
# Characters of a passage by which its candidates are compared.
_SAMPLE = 1_000
# A run of this many characters tells a clause that was moved from characters that meet by chance: of
# kanji and kana, and of an alphabet.
_CLAUSE, _SPACED_CLAUSE = 5, 10
_MOST_CLAUSES = 200
# Characters beside the place of changed words in which their clause may begin or end.
_EDGE = 6
_STOPS = ".!?"
_PAUSES = '.!?,"'


class Aligned(NamedTuple):
    """A passage of a source's key and how much it is like the quoted one, from 0 to 1.

    `shared` is the part of the quoted key's runs that stand in the passage, in
    whatever order.
    """

    start: int
    end: int
    similarity: float
    shared: float


def similarity(one: str, other: str) -> float:
    """From 0 to 1: twice what both have in common, in order, by the length of both."""
    return Indel.normalized_similarity(one, other)


def overlap(wanted: str, key: str, start: int) -> int:
    """Characters that a passage and the window about `start` have in common, in order: to choose by.

    Of a long passage its middle is compared.
    """
    middle = max(0, (len(wanted) - _SAMPLE) // 2)
    sample = wanted[middle : middle + _SAMPLE]
    low, high = _window(sample, key, start + middle)
    return LCSseq.similarity(sample, key[low:high])


def align(wanted: str, key: str, start: int) -> Aligned | None:
    """The passage of `key` near `start` that is most like `wanted`."""
    low, high = _window(wanted, key, start)
    window = key[low:high]
    if not wanted or len(wanted) * len(window) > MOST_CELLS:
        return None
    blocks = [each for each in LCSseq.opcodes(wanted, window).as_matching_blocks() if each.size]
    if not blocks:
        return None
    first, last = _trimmed(len(wanted), [(each.a, each.b, each.size) for each in blocks])
    head, tail = first[0], len(wanted) - last[0] - last[2]
    begin, end = _widened(window, first[1], last[1] + last[2], head, tail)
    # How like it is does not hang on the rest of a clause that is taken in to show it whole (開く, 開かない).
    tight = window[max(0, first[1] - head) : last[1] + last[2] + tail]
    alike = max(similarity(wanted, tight), similarity(wanted, window[begin:end]))
    found = Aligned(low + begin, low + end, alike, 0.0)
    return _by_clauses(wanted, window, low, found)


def _window(wanted: str, key: str, start: int) -> tuple[int, int]:
    slack = max(_SLACK, min(_MOST_SLACK, len(wanted) // 2))
    return max(0, start - slack), min(len(key), start + len(wanted) + slack)


_Block = tuple[int, int, int]


def _trimmed(length: int, blocks: list[_Block]) -> tuple[_Block, _Block]:
    """The first and last of the blocks that belong to the passage: those beyond match by chance."""
    first, last = 0, len(blocks) - 1
    matched = sum(size for _, _, size in blocks)

    def likeness(low: int, high: int, total: int) -> float:
        return 2 * total / (length + blocks[high][1] + blocks[high][2] - blocks[low][1])

    best, total = likeness(first, last, matched), matched
    for low in range(1, last + 1):
        total -= blocks[low - 1][2]
        if likeness(low, last, total) > best:
            best, first, matched = likeness(low, last, total), low, total
    total = matched
    for high in range(last - 1, first - 1, -1):
        total -= blocks[high + 1][2]
        if likeness(first, high, total) > best:
            best, last = likeness(first, high, total), high
    return blocks[first], blocks[last]


def _widened(window: str, begin: int, end: int, head: int, tail: int) -> tuple[int, int]:
    """The passage with what stands where the quoted one has other words at its ends, within the sentence."""
    most = max(8, (end - begin) // 5)
    if head:
        low = _clause_start(window, begin, min(head, most) + _EDGE)
        begin = low if low is not None else max(0, begin - min(head, most))
    if tail:
        high = _clause_end(window, end, min(tail, most) + _EDGE)
        end = high if high is not None else min(len(window), end + min(tail, most))
    return begin, end


def _clause_start(window: str, begin: int, most: int) -> int | None:
    """Where the clause begins, if that is at most so far before."""
    for at in range(begin, max(-1, begin - most - 1), -1):
        if at == 0 or window[at - 1] in _PAUSES:
            return at
    return None


def _clause_end(window: str, end: int, most: int) -> int | None:
    for at in range(end, min(len(window), end + most) + 1):
        if at == len(window):
            return at
        if window[at] in _PAUSES:
            # The full stop is the passage's, the comma is not.
            return at + (window[at] in _STOPS)
    return None


def _by_clauses(wanted: str, window: str, low: int, found: Aligned) -> Aligned:
    """The passage with all the clauses of the quoted one, if their order is what differs most."""
    if found.similarity > 0.9 or len(wanted) < 2 * _SPACED_CLAUSE:
        return found
    size = _CLAUSE if weight(wanted[:40]) > 1.5 * len(wanted[:40]) else _SPACED_CLAUSE
    offsets = range(0, len(wanted) - size + 1, max(2, len(wanted) // _MOST_CLAUSES))
    places = [window.find(wanted[at : at + size]) for at in offsets]
    covered, most = bytearray(len(wanted)), bytearray(len(wanted))
    for at, place in zip(offsets, places, strict=True):
        most[at : at + size] = b"\1" * size
        if place >= 0:
            covered[at : at + size] = b"\1" * size
    held = [place for place in places if place >= 0]
    shared = sum(covered) / sum(most)
    if shared <= found.similarity:
        return found._replace(shared=shared)
    begin, end = min(held), max(held) + size
    begin, end = _clause_start(window, begin, _EDGE) or begin, _clause_end(window, end, _EDGE) or end
    if end - begin > 2 * len(wanted):
        return found
    return Aligned(low + begin, low + end, similarity(wanted, window[begin:end]), shared)
