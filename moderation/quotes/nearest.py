"""The passage that an altered quote is nearest to."""

from collections.abc import Iterable
from typing import NamedTuple

from moderation.quotes.align import align, overlap
from moderation.quotes.base import Source
from moderation.quotes.elision import weight
from moderation.quotes.index import probable_start
from moderation.quotes.keys import view
from moderation.quotes.sight import Asker, Sight, nested, sight
from moderation.quotes.sources import Sources

# Sources that are compared in full, of those that the index gives.
MOST_CANDIDATES = 6
_MOST_ALIGNED = 3
# A candidate that has less than this part of the best one's characters is not compared.
_WORTH = 0.8

# How like a passage must be to be its source altered, and not another text. Measured on the sentences of
# each scene of seeds/corpus beside the texts of the other scenes: of weight 60 and more the nearest is up
# to 0.44 alike in Japanese and 0.51 in English, of 30 one in a hundred is beyond 0.53 and 0.66, of 10 beyond
# 0.67 and 0.90; a word changed in a sentence leaves it 0.8 alike or more.
LEAST_LIKE = 0.6
_SHORT_PASSAGE, _LONG_PASSAGE, _SHORT_LIKE = 10, 60, 0.85
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
    size = weight(key[:_LONG_PASSAGE])
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
            candidates[source] = mine, probable_start(key, mine)
    for source, mine, start in sources.near(key, asker, MOST_CANDIDATES):
        candidates.setdefault(source, (mine, start))
    order = {source: number for number, source in enumerate(candidates)}
    shared = {source: overlap(key, mine, start) for source, (mine, start) in candidates.items()}
    least = _WORTH * max(shared.values(), default=0)
    by_overlap = [each for each in sorted(shared, key=lambda each: -shared[each]) if shared[each] >= least]
    best: Nearest | None = None
    for source in sorted(by_overlap[:_MOST_ALIGNED], key=order.__getitem__):
        mine, start = candidates[source]
        found = align(key, mine, start)
        if found is None or not (
            found.similarity >= bound(key) or (found.shared >= LEAST_SHARED and len(key) >= 12)
        ):
            continue
        near = Nearest(source, found.start, found.end, found.similarity)
        if best is None or _worth(near, asker) > _worth(best, asker) + _MARGIN:
            best = near
    return best


def _worth(near: Nearest, asker: Asker) -> float:
    """The likeness, less where the words could not be seen or are a quote in a comment."""
    return near.similarity - 0.1 * (sight(near.source, asker) != Sight.SEEN) - 0.05 * _is_nested(near)


def _is_nested(near: Nearest) -> bool:
    spans = nested(near.source)
    if not spans or near.end > len(view(near.source.text).key):
        return False
    start, end = view(near.source.text).span(near.start, near.end)
    return any(low < end and start < high for low, high in spans)
