"""Quotes that are like a passage and not the same: where, and in what they differ."""

from collections.abc import Iterable, Sequence

from moderation.quotes.align import similarity
from moderation.quotes.base import Difference, DifferenceKind, Source, Traced, Verdict
from moderation.quotes.choose import attributed
from moderation.quotes.differences import differences
from moderation.quotes.edges import Cut, whole
from moderation.quotes.elision import Chain, Gap, edged, weight
from moderation.quotes.keys import key_of, view
from moderation.quotes.nearest import nearest
from moderation.quotes.passages import Passage
from moderation.quotes.sight import Asker, Held
from moderation.quotes.sources import Sources
from moderation.text import is_spaced_letter

# How far beside a passage a clause of it may stand, and the least weight of one.
_BESIDE = 100
_CLAUSE = 10


def altered(passage: Passage, sources: Sources, asker: Asker, likely: Iterable[Source]) -> Traced | None:
    """The passage as an altered one of the nearest in any source; None if none is near enough."""
    near = nearest(passage.key, sources, asker, likely)
    # A stored folded text may be of another text than the one it stands beside.
    if near is None or near.end > len(view(near.source.text).key):
        return None
    text = near.source.text
    start, end = view(text).span(near.start, near.end)
    start, end = whole(Cut(passage.text), text, *_whole_words(text, start, end))
    traced = _traced(passage, near.source, start, end)
    moved = _with_moved(traced, text)
    if moved != (start, end):
        traced = _traced(passage, near.source, *moved)
    return attributed(traced, passage)


def _with_moved(traced: Traced, text: str) -> tuple[int, int]:
    """The place with the clauses beside it that the quoted text has elsewhere."""
    start, end = traced.start, traced.end
    first = max(0, start - _BESIDE)
    added = [edged(key_of(each.quoted)) for each in traced.differences if each.kind is DifferenceKind.ADDED]
    clauses = [each for each in added if weight(each) >= _CLAUSE]
    if not clauses:
        return start, end
    around = view(text[first : end + _BESIDE])
    for each in clauses:
        at = around.key.find(each)
        if at >= 0:
            low, high = around.span(at, at + len(each))
            start, end = min(start, first + low), max(end, first + high)
    return start, end


def reworded(passage: Passage, one: Traced | None, other: Traced | None) -> Traced | None:
    """Two passages of one source that a comment joins though they stand apart there, as one altered one."""
    source = one.source if one else None
    if source is None or one is None or other is None:
        return None
    start, end = min(one.start, other.start), max(one.end, other.end)
    return _traced(passage, source, start, end)


def cut_off(passage: Passage, key: str, held: Sequence[Held]) -> Traced | None:
    """A passage that stands in one of `held` with more that must not be cut from it, as an altered one."""
    for each in held:
        text, mine = each.source.text, view(each.source.text)
        at = mine.key.find(key)
        if at < 0:
            continue
        span = mine.span(at, at + len(key))
        uncut = whole(Cut(passage.text), text, *span)
        if uncut != span:
            return attributed(_traced(passage, each.source, *uncut), passage, held)
    return None


def broken_off(
    passage: Passage, source: Source, chain: Chain, faults: Sequence[tuple[Gap, DifferenceKind]]
) -> Traced:
    """An elided passage whose gaps change its meaning."""
    found = tuple(
        Difference(
            kind,
            passage.text[gap.start : gap.end],
            source.text[gap.source_start : gap.source_end],
            gap.start,
            gap.end,
            gap.source_start,
            gap.source_end,
        )
        for gap, kind in faults
    )
    alike = _alike(passage.key, source.text[chain.start : chain.end])
    return Traced(passage.quoted, Verdict.ALTERED, source, chain.start, chain.end, False, alike, found)


def _traced(passage: Passage, source: Source, start: int, end: int) -> Traced:
    words = source.text[start:end]
    found = differences(passage.text, words, source_start=start)
    if not found:
        found = (Difference(DifferenceKind.WORDING, passage.text, words, 0, len(passage.text), start, end),)
    alike = _alike(passage.key, words)
    return Traced(passage.quoted, Verdict.ALTERED, source, start, end, False, alike, found)


def _alike(key: str, words: str) -> float:
    """How like a passage and its source are: never 1, for they differ."""
    return min(similarity(key, key_of(words)), 1 - 1 / (len(key) + 1))


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The place with the words whole that it begins and ends in."""
    for _ in range(40):
        if not (
            0 < start < len(text) and is_spaced_letter(text[start - 1]) and is_spaced_letter(text[start])
        ):
            break
        start -= 1
    for _ in range(40):
        if not (0 < end < len(text) and is_spaced_letter(text[end - 1]) and is_spaced_letter(text[end])):
            break
        end += 1
    return start, end
