"""The places where two wordings of a passage differ, in units that a reader sees as one."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from moderation.quotes.elision import weight
from moderation.quotes.tokens import Script, Token, tokens

# Units of a run of kanji that a change takes in at either side.
_MOST_WIDENED = 4
# A clause of less weight may stand elsewhere by chance; of one that was moved this part is the same.
_LEAST_MOVED = 4
_MOST_MOVED = 40
_LEAST_SAME = 0.75
# The part of the changed units that two texts have in common if their order alone differs.
_LEAST_SHUFFLED = 0.85


class Change(NamedTuple):
    """Units of the quoted text and of the source that stand in one place."""

    low: int
    high: int
    source_low: int
    source_high: int


class Pair(NamedTuple):
    """The texts and units of a passage and its source."""

    quoted: str
    source: str
    ours: Sequence[Token]
    theirs: Sequence[Token]

    def units(self, change: Change) -> tuple[Sequence[Token], Sequence[Token]]:
        """Both wordings of a change."""
        return self.ours[change.low : change.high], self.theirs[change.source_low : change.source_high]

    def places(self, change: Change) -> tuple[int, int, int, int]:
        """Where a change stands in both texts."""
        return (
            *_span(self.ours, change.low, change.high, len(self.quoted)),
            *_span(self.theirs, change.source_low, change.source_high, len(self.source)),
        )

    def texts(self, change: Change) -> tuple[str, str]:
        """Both wordings as they are written."""
        low, high, source_low, source_high = self.places(change)
        return self.quoted[low:high], self.source[source_low:source_high]


def pair(quoted: str, source: str) -> Pair:
    """Both texts in units."""
    return Pair(quoted, source, tokens(quoted), tokens(source))


def changes(pair: Pair) -> tuple[list[Change], list[Change]]:
    """The clauses that stand elsewhere in the source, and the other changes, each in order."""
    codes = Levenshtein.opcodes([each.norm for each in pair.theirs], [each.norm for each in pair.ours])
    found = [
        Change(code.dest_start, code.dest_end, code.src_start, code.src_end)
        for code in codes
        if code.tag != "equal"
    ]
    whole = [_whole(pair, change) for change in _merged(pair, found, glue=1)]
    whole = _merged(pair, whole, glue=0)
    if len(whole) > 1 and _is_shuffled(pair, whole):
        first, last = whole[0], whole[-1]
        return [Change(first.low, last.high, first.source_low, last.source_high)], []
    return _moved(pair, whole) if len(whole) <= _MOST_MOVED else ([], whole)


def written(units: Sequence[Token]) -> str:
    """Units as a text: words parted by blanks, the rest as it is in Japanese."""
    return "".join(f" {each.norm} " if each.script == Script.WORD else each.norm for each in units)


def letters(units: Sequence[Token]) -> str:
    """Units without signs."""
    return "".join(each.norm for each in units if each.script != Script.SIGN)


def _merged(pair: Pair, found: list[Change], *, glue: int) -> list[Change]:
    """Changes with at most `glue` kana or signs between them as one: they meet there by chance."""
    merged: list[Change] = []
    for change in found:
        if merged and _glued(pair, merged[-1], change, glue):
            last = merged.pop()
            merged.append(Change(last.low, change.high, last.source_low, change.source_high))
        else:
            merged.append(change)
    return merged


def _glued(pair: Pair, one: Change, other: Change, glue: int) -> bool:
    between = pair.ours[one.high : other.low]
    if other.low < one.high or other.source_low < one.source_high:
        return True
    if len(between) > glue or other.source_low - one.source_high > glue:
        return False
    return all(each.script in {Script.HIRAGANA, Script.SIGN} for each in between)


def _whole(pair: Pair, change: Change) -> Change:
    """A change that falls inside a run of kanji takes in the run, so that a word is shown: 可決 for 可."""
    low, high, source_low, source_high = change
    for _ in range(_MOST_WIDENED):
        first = [*pair.ours[low:high][:1], *pair.theirs[source_low:source_high][:1]]
        if not low or not source_low or not _are_kanji([pair.ours[low - 1]]) or not _are_kanji(first):
            break
        low, source_low = low - 1, source_low - 1
    for _ in range(_MOST_WIDENED):
        last = [*pair.ours[low:high][-1:], *pair.theirs[source_low:source_high][-1:]]
        if not _are_kanji(pair.ours[high : high + 1]) or not _are_kanji(last):
            break
        high, source_high = high + 1, source_high + 1
    return Change(low, high, source_low, source_high)


def _are_kanji(units: Sequence[Token]) -> bool:
    """Whether there is a kanji among units."""
    return any(each.script == Script.KANJI for each in units)


def _is_shuffled(pair: Pair, found: list[Change]) -> bool:
    """Whether all changed units of one text are those of the other, in another order."""
    ours, theirs = Counter[str](), Counter[str]()
    for change in found:
        for count, units in zip((ours, theirs), pair.units(change), strict=True):
            count.update(each.norm for each in units if each.script != Script.SIGN)
    common, most = (ours & theirs).total(), max(ours.total(), theirs.total())
    return common >= 3 and common >= _LEAST_SHUFFLED * most


def _moved(pair: Pair, found: list[Change]) -> tuple[list[Change], list[Change]]:
    ours = [letters(pair.units(each)[0]) for each in found]
    theirs = [letters(pair.units(each)[1]) for each in found]
    moved: list[Change] = []
    gone: set[int] = set()
    for at, text in enumerate(ours):
        others = (
            other
            for other, source in enumerate(theirs)
            if other != at and not gone & {at, other} and _same(text, source)
        )
        if weight(text) >= _LEAST_MOVED and (other := next(others, None)) is not None:
            moved.append(
                Change(found[at].low, found[at].high, found[other].source_low, found[other].source_high)
            )
            gone |= {at, other}
    return moved, [each for at, each in enumerate(found) if at not in gone]


def _same(one: str, other: str) -> bool:
    """Whether two clauses have nearly the same characters."""
    if not one or not other:
        return False
    common = (Counter(one) & Counter(other)).total()
    return 2 * common >= _LEAST_SAME * (len(one) + len(other))


def _span(units: Sequence[Token], low: int, high: int, length: int) -> tuple[int, int]:
    """The place of units in their text; of none, the place between their neighbours."""
    if low < high:
        return units[low].start, units[high - 1].end
    place = units[low - 1].end if low else (units[0].start if units else length)
    return place, place
