"""Where a passage and its source differ, and how grave that is."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from moderation.quotes.base import Difference, DifferenceKind
from moderation.quotes.elision import weight
from moderation.quotes.negation import denies_otherwise
from moderation.quotes.numerals import numbers, tells_amount
from moderation.quotes.tokens import Script, Token, tokens

# Differences that are told one by one; of a passage that has more, the gravest.
MOST_DIFFERENCES = 20
# Units of either text: beyond it one difference stands for all.
_MOST_TOKENS = 4_000
# Units beside a change that tell what it means: ま|せん, 可|能.
_CONTEXT = 4
_TITLE = re.compile(
    "(?:さん|さま|様|氏|君|ちゃん|選手|監督|首相|総理|大臣|長官|知事|市長|町長|村長|区長|議員|議長|社長|会長|教授|博士|"
    "先生|大統領|容疑者|被告|都|道|府|県|市|区|町|村|駅|港|空港|大学|高校|新聞|銀行|党|社|橋|川|山|島|線)"
)


class _Change(NamedTuple):
    """Units of the quoted text and of the source that stand in one place."""

    low: int
    high: int
    source_low: int
    source_high: int


class _Pair(NamedTuple):
    """The texts and units of a passage and its source."""

    quoted: str
    source: str
    ours: Sequence[Token]
    theirs: Sequence[Token]

    def texts(self, change: _Change) -> tuple[str, str]:
        low, high = _span(self.ours, change.low, change.high, len(self.quoted))
        source_low, source_high = _span(self.theirs, change.source_low, change.source_high, len(self.source))
        return self.quoted[low:high], self.source[source_low:source_high]


def differences(quoted: str, source: str, *, start: int = 0, source_start: int = 0) -> tuple[Difference, ...]:
    """How a quoted text differs from a passage, in order; `start` and `source_start` are where both begin."""
    pair = _Pair(quoted, source, tokens(quoted), tokens(source))
    if max(len(pair.ours), len(pair.theirs)) > _MOST_TOKENS:
        return ()
    changes = [_whole(pair, change) for change in _changes(pair)]
    moved, changes = _moved(pair, _merged(pair, changes, glue=0))
    found = [_difference(pair, change, DifferenceKind.ORDER) for change in moved]
    found += [_difference(pair, change, _kind(pair, change)) for change in changes]
    if len(found) > MOST_DIFFERENCES:
        gravity = list(DifferenceKind)
        found = sorted(found, key=lambda each: gravity.index(each.kind))[:MOST_DIFFERENCES]
    found.sort(key=lambda each: (each.start, each.source_start))
    return tuple(
        Difference(
            each.kind,
            each.quoted,
            each.source,
            each.start + start,
            each.end + start,
            each.source_start + source_start,
            each.source_end + source_start,
        )
        for each in found
    )


def _changes(pair: _Pair) -> list[_Change]:
    codes = Levenshtein.opcodes([each.norm for each in pair.theirs], [each.norm for each in pair.ours])
    found = [
        _Change(code.dest_start, code.dest_end, code.src_start, code.src_end)
        for code in codes
        if code.tag != "equal"
    ]
    return _merged(pair, found, glue=1)


def _merged(pair: _Pair, changes: list[_Change], *, glue: int) -> list[_Change]:
    """Changes with at most `glue` kana or signs between them as one: they meet there by chance."""
    merged: list[_Change] = []
    for change in changes:
        if merged and _glued(pair, merged[-1], change, glue):
            last = merged.pop()
            merged.append(_Change(last.low, change.high, last.source_low, change.source_high))
        else:
            merged.append(change)
    return merged


def _glued(pair: _Pair, one: _Change, other: _Change, glue: int) -> bool:
    between = pair.ours[one.high : other.low]
    if other.low < one.high or other.source_low < one.source_high:
        return True
    if len(between) > glue or other.source_low - one.source_high > glue:
        return False
    return all(each.script in {Script.HIRAGANA, Script.SIGN} for each in between)


def _whole(pair: _Pair, change: _Change) -> _Change:
    """A change that falls inside a run of kanji takes in the run, so that a word is shown: 可決 for 可."""
    low, high, source_low, source_high = change
    changed = [*pair.ours[low:high], *pair.theirs[source_low:source_high]]
    if not any(each.script == Script.KANJI for each in changed):
        return change
    for _ in range(_CONTEXT):
        if not _is_kanji(pair.ours, low - 1) or not _starts_kanji(pair, low, high, source_low, source_high):
            break
        low, source_low = low - 1, source_low - 1
    for _ in range(_CONTEXT):
        if not _is_kanji(pair.ours, high) or not _ends_kanji(pair, low, high, source_low, source_high):
            break
        high, source_high = high + 1, source_high + 1
    return _Change(low, high, source_low, source_high)


def _is_kanji(units: Sequence[Token], at: int) -> bool:
    return 0 <= at < len(units) and units[at].script == Script.KANJI


def _starts_kanji(pair: _Pair, low: int, high: int, source_low: int, source_high: int) -> bool:
    return (low < high and _is_kanji(pair.ours, low)) or (
        source_low < source_high and _is_kanji(pair.theirs, source_low)
    )


def _ends_kanji(pair: _Pair, low: int, high: int, source_low: int, source_high: int) -> bool:
    return (low < high and _is_kanji(pair.ours, high - 1)) or (
        source_low < source_high and _is_kanji(pair.theirs, source_high - 1)
    )


def _moved(pair: _Pair, changes: list[_Change]) -> tuple[list[_Change], list[_Change]]:
    """The clauses that stand elsewhere in the source, and the other changes."""
    ours = {at: _letters(pair.ours[each.low : each.high]) for at, each in enumerate(changes)}
    theirs = {
        at: _letters(pair.theirs[each.source_low : each.source_high]) for at, each in enumerate(changes)
    }
    moved, gone = [], set()
    for at, text in ours.items():
        if weight(text) < _CONTEXT or at in gone:
            continue
        for other, source in theirs.items():
            if other != at and other not in gone and weight(source) >= _CONTEXT and _same(text, source):
                moved.append(
                    _Change(
                        changes[at].low,
                        changes[at].high,
                        changes[other].source_low,
                        changes[other].source_high,
                    )
                )
                gone |= {at, other}
                break
    return moved, [each for at, each in enumerate(changes) if at not in gone]


def _letters(units: Sequence[Token]) -> str:
    return "".join(each.norm for each in units if each.script != Script.SIGN)


def _same(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return short in long and 2 * len(short) > len(long)


def _kind(pair: _Pair, change: _Change) -> DifferenceKind:
    ours, theirs = _contexts(pair, change)
    quoted, source = pair.texts(change)
    if denies_otherwise(ours, theirs):
        return DifferenceKind.NEGATION
    if quoted and source and (_count(quoted) != _count(source) or _amount(pair, change)):
        return DifferenceKind.NUMBER
    if quoted and source and _names(pair, change):
        return DifferenceKind.NAME
    if not quoted:
        return DifferenceKind.OMITTED
    return DifferenceKind.WORDING if source else DifferenceKind.ADDED


def _contexts(pair: _Pair, change: _Change) -> tuple[str, str]:
    """Both wordings with a few units before and behind."""
    before, behind = min(_CONTEXT, change.low, change.source_low), _CONTEXT
    ours = pair.ours[change.low - before : change.high + behind]
    theirs = pair.theirs[change.source_low - before : change.source_high + behind]
    return _written(ours), _written(theirs)


def _written(units: Sequence[Token]) -> str:
    """Units as a text: words parted by blanks, the rest as it is in Japanese."""
    return "".join(f" {each.norm} " if each.script == Script.WORD else each.norm for each in units)


def _count(text: str) -> list[float]:
    return sorted(numbers(text))


def _amount(pair: _Pair, change: _Change) -> bool:
    """Whether a unit of measure or a bound behind a number differs."""
    before = change.low > 0 and pair.ours[change.low - 1].script == Script.NUMBER
    return tells_amount(*pair.texts(change), follows_number=before)


def _names(pair: _Pair, change: _Change) -> bool:
    """Whether names are what differs: katakana words, capitalised words, what stands before a title."""
    ours, theirs = pair.ours[change.low : change.high], pair.theirs[change.source_low : change.source_high]
    if all(
        any(each.script == Script.KATAKANA and len(each.norm) > 1 for each in units)
        for units in (ours, theirs)
    ):
        return True
    if _capital(pair.quoted, pair.ours, change.low, change.high) and _capital(
        pair.source, pair.theirs, change.source_low, change.source_high
    ):
        return True
    kanji = all(units and units[-1].script in {Script.KANJI, Script.HIRAGANA} for units in (ours, theirs))
    return (
        kanji
        and all(any(each.script == Script.KANJI for each in units) for units in (ours, theirs))
        and _titled(pair, change)
    )


def _titled(pair: _Pair, change: _Change) -> bool:
    behind = "".join(each.norm for each in pair.ours[change.high : change.high + 3])
    if _TITLE.match(behind):
        return True
    ends = [
        _written(units).strip()
        for units in (
            pair.ours[change.low : change.high],
            pair.theirs[change.source_low : change.source_high],
        )
    ]
    titles = [
        match[0]
        for text in ends
        for match in [*_TITLE.finditer(text)][-1:]
        if match.end() == len(text) and match.start()
    ]
    return len(titles) == 2


def _capital(text: str, units: Sequence[Token], low: int, high: int) -> bool:
    """Whether a word of the change begins with a capital letter, and not because it begins a sentence."""
    return any(
        units[at].script == Script.WORD
        and text[units[at].start].isupper()
        and ((at > 0 and units[at - 1].norm[-1] not in ".!?") or _is_name_everywhere(text, units[at]))
        for at in range(low, high)
    )


def _is_name_everywhere(text: str, unit: Token) -> bool:
    """A word of capitals alone, or with one inside: NATO, McKay."""
    return any(each.isupper() for each in text[unit.start + 1 : unit.end])


def _difference(pair: _Pair, change: _Change, kind: DifferenceKind) -> Difference:
    low, high = _span(pair.ours, change.low, change.high, len(pair.quoted))
    source_low, source_high = _span(pair.theirs, change.source_low, change.source_high, len(pair.source))
    return Difference(
        kind, pair.quoted[low:high], pair.source[source_low:source_high], low, high, source_low, source_high
    )


def _span(units: Sequence[Token], low: int, high: int, length: int) -> tuple[int, int]:
    """The place of units in their text; of none, the place between their neighbours."""
    if low < high:
        return units[low].start, units[high - 1].end
    place = units[low - 1].end if low else (units[0].start if units else length)
    return place, place
