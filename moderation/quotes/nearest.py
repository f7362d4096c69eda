"""The passage that an altered quote is nearest to."""

from collections.abc import Iterable
from statistics import median
from typing import NamedTuple

from moderation.quotes.align import align, overlap
from moderation.quotes.base import Source
from moderation.quotes.elision import weight
from moderation.quotes.index import SHORTEST
from moderation.quotes.sources import Asker, Sight, Sources, sight

# Sources that are compared in full, of those that the index gives.
MOST_CANDIDATES = 6
_MOST_ALIGNED = 3

# How like a passage must be to be its source altered, and not another text on the same matter. Two
# texts of one article that have nothing to do with each other are up to 0.45 alike where they are
# long and up to 0.7 where they are as short as a headline's half.
LEAST_LIKE = 0.6
_SHORT_PASSAGE, _LONG_PASSAGE, _SHORT_LIKE = 10, 60, 0.75
# The part of a passage that must stand in its source if it is the order that differs.
LEAST_SHARED = 0.75
# A likelier source is taken though another is nearer by as little as this.
_MARGIN = 0.02


class Nearest(NamedTuple):
    """The nearest passage of a source, `key[start:end]` of its quote key."""

    source: Source
    start: int
    end: int
    similarity: float


def bound(key: str) -> float:
    """The least similarity at which a passage of this key is an altered one."""
    size = weight(key)
    if size >= _LONG_PASSAGE:
        return LEAST_LIKE
    part = (_LONG_PASSAGE - max(size, _SHORT_PASSAGE)) / (_LONG_PASSAGE - _SHORT_PASSAGE)
    return LEAST_LIKE + (_SHORT_LIKE - LEAST_LIKE) * part


def nearest(key: str, sources: Sources, asker: Asker, likely: Iterable[Source]) -> Nearest | None:
    """The nearest passage, if it is near enough; of equally near ones a likelier source's.

    `likely` are sources that are looked into whatever the index says, the
    likeliest first.
    """
    candidates: dict[Source, tuple[str, int]] = {}
    for source in likely:
        if sight(source, asker) != Sight.LATER:
            mine = sources.key(source)
            candidates[source] = mine, _start(key, mine)
    for source, mine, start in sources.near(key, asker, MOST_CANDIDATES):
        candidates.setdefault(source, (mine, start))
    order = {source: number for number, source in enumerate(candidates)}
    by_overlap = sorted(candidates, key=lambda each: -overlap(key, *candidates[each]))[:_MOST_ALIGNED]
    best: Nearest | None = None
    for source in sorted(by_overlap, key=order.__getitem__):
        mine, start = candidates[source]
        found = align(key, mine, start)
        if found is None or not (
            found.similarity >= bound(key) or (found.shared >= LEAST_SHARED and len(key) >= 12)
        ):
            continue
        near = Nearest(source, found.start, found.end, found.similarity)
        if best is None or (near.similarity - best.similarity) > _MARGIN or _seen_before(near, best, asker):
            best = near
    return best


def _seen_before(one: Nearest, other: Nearest, asker: Asker) -> bool:
    return sight(one.source, asker) < sight(other.source, asker) and one.similarity > other.similarity - 0.1


def _start(key: str, source: str) -> int:
    """Where a passage would begin in a source by the middle one of the runs that both have."""
    step = max(1, len(key) // 24)
    starts = [source.find(key[at : at + SHORTEST]) - at for at in range(0, len(key) - SHORTEST + 1, step)]
    held = [start for at, start in zip(range(0, len(key), step), starts, strict=False) if start + at >= 0]
    return max(0, int(median(held))) if held else 0
