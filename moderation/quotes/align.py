"""The passage of a source that is nearest to a quoted one, over quote keys."""

from typing import NamedTuple

from rapidfuzz.distance import Indel, LCSseq

# Cells of the comparison of one passage with one window: beyond it a passage is traced by its parts only.
MOST_CELLS = 4_000_000
# Key characters that a passage may begin or end beside its expected place, whatever its length.
_SLACK = 24
# A run of this many characters tells a clause that was moved from characters that meet by chance.
_CLAUSE = 5


class Aligned(NamedTuple):
    """A passage of a source's key and how much it is like the quoted one, from 0 to 1.

    `shared` is the part of the quoted key whose clauses stand in the passage
    in whatever order.
    """

    start: int
    end: int
    similarity: float
    shared: float


def similarity(one: str, other: str) -> float:
    """From 0 to 1: twice what both have in common, in order, by the length of both."""
    return Indel.normalized_similarity(one, other)


def overlap(wanted: str, key: str, start: int) -> int:
    """Characters that a passage and the window about `start` have in common, in order: to choose by."""
    low, high = _window(wanted, key, start)
    return LCSseq.similarity(wanted, key[low:high]) if len(wanted) * (high - low) <= MOST_CELLS else 0


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
    found = Aligned(low + begin, low + end, similarity(wanted, window[begin:end]), 0.0)
    return _by_clauses(wanted, window, low, found)


def _window(wanted: str, key: str, start: int) -> tuple[int, int]:
    slack = max(_SLACK, len(wanted) // 2)
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
    for _ in range(min(head, most)):
        if begin == 0 or window[begin - 1] in ".!?":
            break
        begin -= 1
    for _ in range(min(tail, most)):
        if end == len(window) or window[end - 1] in ".!?":
            break
        end += 1
    return begin, end


def _by_clauses(wanted: str, window: str, low: int, found: Aligned) -> Aligned:
    """The passage with all the clauses of the quoted one, if their order is what differs most."""
    if found.similarity > 0.9 or len(wanted) < 2 * _CLAUSE:
        return found
    offsets = range(0, len(wanted) - _CLAUSE + 1, 2)
    places = [window.find(wanted[at : at + _CLAUSE]) for at in offsets]
    covered = bytearray(len(wanted))
    for at, place in zip(offsets, places, strict=True):
        if place >= 0:
            covered[at : at + _CLAUSE] = b"\1" * _CLAUSE
    shared = sum(covered) / len(wanted)
    if shared <= found.similarity:
        return found._replace(shared=shared)
    held = [place for place in places if place >= 0]
    begin, end = min(held), max(held) + _CLAUSE
    if end - begin > 2 * len(wanted):
        return found
    return Aligned(low + begin, low + end, similarity(wanted, window[begin:end]), shared)
