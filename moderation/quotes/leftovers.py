"""What a mail program leaves of a deeper quote's line when it wraps it: a word or two, one level up."""

from collections.abc import Iterable, Sequence

from moderation.quotes.base import Quoted, Source, Traced, Verdict
from moderation.quotes.choose import verdict_of
from moderation.quotes.keys import key_of, view
from moderation.quotes.passages import Passage
from moderation.quotes.sight import Asker, Sight, sight

# Characters of the neighbour's key that must stand beside the leftover's.
_BESIDE = 40


def is_left_of(block: Quoted, before: Quoted) -> bool:
    """Whether a block may be the end of the deeper line before it."""
    return block.depth < before.depth and _touch(before, block) and len(block.lines) == 1


def continued(
    passage: Passage, neighbours: Sequence[Traced], likely: Iterable[Source], asker: Asker
) -> Traced | None:
    """A short block that goes on where a neighbour ends, or ends where it begins, in one source."""
    likely = list(likely)
    for neighbour in neighbours:
        behind = neighbour.quoted.start < passage.block.start
        one, other = (neighbour.quoted, passage.block) if behind else (passage.block, neighbour.quoted)
        if neighbour.source is None or not passage.key or not _touch(one, other):
            continue
        beside = key_of(neighbour.quoted.text)
        wanted = beside[-_BESIDE:] + passage.key if behind else passage.key + beside[:_BESIDE]
        for source in dict.fromkeys([*likely, neighbour.source]):
            if traced := _placed(passage, source, wanted, asker, behind=behind):
                return traced
    return None


def _touch(one: Quoted, other: Quoted) -> bool:
    """Whether nothing but a line's end stands between two blocks."""
    return 0 <= other.start - one.end <= 2


def _placed(passage: Passage, source: Source, wanted: str, asker: Asker, *, behind: bool) -> Traced | None:
    whole, seen = view(source.text), sight(source, asker)
    place = whole.key.find(wanted)
    if place < 0 or seen == Sight.LATER:
        return None
    begin = place + len(wanted) - len(passage.key) if behind else place
    start, end = whole.span(begin, begin + len(passage.key))
    exact = source.text[start:end] == passage.text.strip()
    verdict = verdict_of(seen, Verdict.VERBATIM if exact else Verdict.FOLDED)
    return Traced(passage.quoted, verdict, source, start, end, similarity=1.0)
