"""Of the sources that hold a passage the one it was taken from, and its place there."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter

from moderation.quotes.base import Difference, DifferenceKind, Source, Spans, Traced, Verdict
from moderation.quotes.edges import same_words
from moderation.quotes.keys import says_the_same, view
from moderation.quotes.passages import Passage
from moderation.quotes.sight import Held, Sight, nested

Origin = tuple[str, int]

_UNSEEN = {Sight.STALE: Verdict.STALE, Sight.HIDDEN: Verdict.HIDDEN, Sight.LATER: Verdict.LATER}


def origin(source: Source) -> Origin:
    """What a source is a text of: all texts of an article are one origin."""
    return source.kind, source.id


def verdict_of(sight: Sight, seen: Verdict) -> Verdict:
    """The verdict of a passage that would be `seen`, had its source been in sight."""
    return _UNSEEN.get(sight, seen)


@dataclass(slots=True)
class Preference:
    """What speaks for a source besides its words.

    All quotes of one comment tend to come from one source. Each passage gives
    its length to those that hold it, in equal shares, so that distinctive
    lines tell of those that stand everywhere. A comment that holds what is
    quoted at one depth in a quote of its own is likely what is quoted at the
    depth above.
    """

    parent: int | None = None
    weights: defaultdict[tuple[int, Origin], float] = field(default_factory=lambda: defaultdict(float))

    def count(self, depth: int, length: int, held: Sequence[Held]) -> None:
        """Take the holders of one passage into account."""
        shares = {(depth if each.own else depth - 1, origin(each.source)) for each in held}
        for share in shares:
            self.weights[share] += length / len(shares)

    def ranked(self, held: Iterable[Held], passage: Passage) -> list[Held]:
        """The holders of a passage, the likeliest first.

        Own words come before nested quotes, though they are hidden: who quotes
        a rejected comment may have it from another's quote, and spreads it all
        the same. Then what could be seen before the rest; a named comment, the
        given parent, one of the time that is named, what other quotes of the
        comment come from, the same characters; then the order of `held`, which
        is the latest comment first and the article last.
        """
        text, depth = passage.text.strip(), passage.block.depth

        def rank(each: Held) -> tuple[bool, int, bool, bool, bool, float, bool]:
            source = each.source
            comment = source.id if source.is_comment else None
            return (
                not each.own and not passage.is_wrapped,
                each.sight,
                not (passage.names_article if comment is None else comment in passage.named),
                comment is None or comment != self.parent,
                not (passage.dated and comment is not None and passage.dated.fits(source.posted_at)),
                -round(self.weights.get((depth, origin(source)), 0.0), 6),
                text not in source.text,
            )

        return sorted(held, key=rank)

    def likely(self, depth: int, most: int) -> list[Origin]:
        """The origins that other quotes of this depth come from."""
        mine = [(weight, each) for (at, each), weight in self.weights.items() if at == depth]
        return [each for _, each in sorted(mine, key=itemgetter(0), reverse=True)[:most]]


def is_ambiguous(held: Sequence[Held]) -> bool:
    """Whether the own words of several seen sources hold the passage."""
    return len({origin(each.source) for each in held if each.own and each.sight == Sight.SEEN}) > 1


def placed(passage: Passage, key: str, held: Sequence[Held], *, after: int = 0) -> Traced | None:
    """The passage at its place in the first of `held` that has it."""
    quoted = passage.quoted
    for each in held:
        spans = nested(each.source) if each.own else ()
        place = verbatim(passage, each.source.text, spans, after)
        verdict = Verdict.VERBATIM
        if place is None:
            place = folded(passage, key, each.source.text, spans, after)
            verdict = Verdict.FOLDED
        if place:
            traced = Traced(
                quoted, verdict_of(each.sight, verdict), each.source, *place, is_ambiguous(held), 1.0
            )
            return attributed(traced, passage, held)
    return None


def attributed(traced: Traced, passage: Passage, held: Sequence[Held] = ()) -> Traced:
    """The same, or misattributed: the comment names others than the one that holds the passage."""
    source = traced.source
    if source is None or not (passage.named or passage.names_article):
        return traced
    if any(_is_named(each, passage) for each in (source, *(other.source for other in held))):
        return traced
    quoted = traced.quoted
    by_number = bool(quoted.numbers) and source.number is not None
    difference = Difference(
        DifferenceKind.ATTRIBUTION,
        f">>{quoted.numbers[0]}" if by_number or not quoted.attribution else quoted.attribution,
        f">>{source.number}" if by_number else source.author,
    )
    return replace(traced, differences=(*traced.differences, difference), misattributed=True)


def _is_named(source: Source, passage: Passage) -> bool:
    return source.id in passage.named if source.is_comment else passage.names_article


def verbatim(passage: Passage, source: str, spans: Spans, after: int = 0) -> tuple[int, int] | None:
    """The first place outside of `spans` that has the same characters, whatever ends its lines.

    Behind `after`, if any is.
    """
    text = passage.text.strip()
    for wording in dict.fromkeys((text, text.replace("\n", "\r\n"))):
        for begin in dict.fromkeys((after, 0)):
            at = source.find(wording, begin)
            while at >= 0:
                end = at + len(wording)
                inside = _inside(spans, at, end)
                if inside is None and passage.is_whole(source, at, end):
                    return at, end
                at = source.find(wording, inside or at + 1)
    return None


def folded(passage: Passage, key: str, source: str, spans: Spans, after: int = 0) -> tuple[int, int] | None:
    """The first place outside of `spans` whose key is `key`; behind `after` if any is."""
    whole = view(source)
    at, first = whole.key.find(key), None
    for _ in range(256):
        if at < 0:
            break
        start, end = whole.span(at, at + len(key))
        if _inside(spans, start, end) is None and _says(passage, source, start, end):
            if start >= after:
                return start, end
            first = first or (start, end)
        at = whole.key.find(key, at + 1)
    return first


def _says(passage: Passage, source: str, start: int, end: int) -> bool:
    """Whether a place of the same key says what the passage says."""
    words = source[start:end]
    return (
        passage.is_whole(source, start, end)
        and says_the_same(passage.text, words)
        and same_words(passage.text, words)
    )


def _inside(spans: Spans, start: int, end: int) -> int | None:
    """The end of the first of `spans` that `start` to `end` touches."""
    number = bisect_right(spans, start, key=itemgetter(1))
    if number < len(spans) and spans[number][0] < end:
        return spans[number][1]
    return None
