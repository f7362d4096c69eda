"""How grave a change of words is: a negation, a number, a name, the order, or other words."""

import re
from collections import Counter
from collections.abc import Sequence

from moderation.quotes.base import DifferenceKind
from moderation.quotes.changes import Change, Pair, letters, written
from moderation.quotes.negation import denies_otherwise, negations
from moderation.quotes.numerals import numbers, tells_amount
from moderation.quotes.tokens import Script, Token

# Units beside a change that tell what it means: ま|せん, 可|能.
_CONTEXT = 4
# A clause that is left out or put in is more than its negation.
_LONG_CLAUSE = 8
_TITLE = re.compile(
    "(?:さん|さま|様|氏|君|ちゃん|選手|監督|首相|総理|大臣|長官|知事|議員|大統領|容疑者|被告|教授|博士|先生|主任|記者|委員|"
    "[市町村区議社会館園校所署院局駅店課部係室団隊組機合船工農塾]長|医師|弁護士|名人|九段|都|道|府|県|市|区|町|村|駅|港|空港|大学|高校|"
    "新聞|銀行|党|社|橋|川|山|島|線)"
)
# Parts of two wordings that must be the same, in whatever order, for the order to be what differs.
_LEAST_COMMON = 0.8


def kind(pair: Pair, change: Change) -> DifferenceKind:
    """What kind of difference a change is, the gravest that fits."""
    ours, theirs = _contexts(pair, change)
    quoted, source = pair.texts(change)
    added, omitted = _beyond(pair, change)
    pure = not added or not omitted
    if denies_otherwise(ours, theirs) and not (pure and _is_clause(added or omitted)):
        return DifferenceKind.NEGATION
    if _is_reordered(added, omitted):
        return DifferenceKind.ORDER
    if quoted and source and (_counts_otherwise(quoted, source) or _amount(pair, change)):
        return DifferenceKind.NUMBER
    if not omitted:
        return DifferenceKind.ADDED
    if not added:
        return DifferenceKind.OMITTED
    return DifferenceKind.NAME if _names(pair, change) else DifferenceKind.WORDING


def _contexts(pair: Pair, change: Change) -> tuple[str, str]:
    """Both wordings with a few units before and behind."""
    before, behind = min(_CONTEXT, change.low, change.source_low), _CONTEXT
    ours = pair.ours[change.low - before : change.high + behind]
    theirs = pair.theirs[change.source_low - before : change.source_high + behind]
    return written(ours), written(theirs)


def _beyond(pair: Pair, change: Change) -> tuple[Sequence[Token], Sequence[Token]]:
    """Both wordings without what they have in common at their ends."""
    ours, theirs = pair.units(change)
    start = 0
    while start < min(len(ours), len(theirs)) and ours[start].norm == theirs[start].norm:
        start += 1
    end = 0
    while end < min(len(ours), len(theirs)) - start and ours[-1 - end].norm == theirs[-1 - end].norm:
        end += 1
    return ours[start : len(ours) - end], theirs[start : len(theirs) - end]


def _is_clause(units: Sequence[Token]) -> bool:
    """Whether words stand here that say more than not."""
    text = written(units)
    if not negations(text):
        return False
    words = sum(each.script in {Script.KANJI, Script.KATAKANA} for each in units)
    return words > 1 or len(units) > _LONG_CLAUSE


def _is_reordered(added: Sequence[Token], omitted: Sequence[Token]) -> bool:
    ours, theirs = (
        Counter(each.norm for each in units if each.script != Script.SIGN) for units in (added, omitted)
    )
    common, most = (ours & theirs).total(), max(ours.total(), theirs.total())
    return most > 1 and common > 1 and common >= _LEAST_COMMON * most


def _counts_otherwise(quoted: str, source: str) -> bool:
    ours, theirs = sorted(numbers(quoted)), sorted(numbers(source))
    digits = any(each.isdecimal() for each in quoted + source)
    return ours != theirs and bool((ours and theirs) or digits)


def _amount(pair: Pair, change: Change) -> bool:
    """Whether a unit of measure or a bound behind a number differs."""
    before = change.low > 0 and pair.ours[change.low - 1].script == Script.NUMBER
    return tells_amount(*pair.texts(change), follows_number=before)


def _names(pair: Pair, change: Change) -> bool:
    """Whether names are what differs: katakana, capitals, before a title, alone between quotation marks."""
    ours, theirs = pair.units(change)
    if all(
        any(each.script == Script.KATAKANA and len(each.norm) > 1 for each in units)
        for units in (ours, theirs)
    ):
        return True
    low, high, source_low, source_high = change
    if _capital(pair.quoted, pair.ours, low, high) and _capital(
        pair.source, pair.theirs, source_low, source_high
    ):
        return True
    if low and high < len(pair.ours) and pair.ours[low - 1].norm == pair.ours[high].norm == '"':
        return len(letters(ours)) > 1 and len(letters(theirs)) > 1
    kanji = all(any(each.script == Script.KANJI for each in units) for units in (ours, theirs))
    return kanji and _titled(pair, change)


def _titled(pair: Pair, change: Change) -> bool:
    """Whether a title or the kind of a place stands behind both wordings, or ends both."""
    if _TITLE.match(letters(pair.ours[change.high : change.high + 3])):
        return True
    return all(_ends_titled(letters(units)) for units in pair.units(change))


def _ends_titled(text: str) -> bool:
    return any(match.start() and match.end() == len(text) for match in _TITLE.finditer(text))


def _capital(text: str, units: Sequence[Token], low: int, high: int) -> bool:
    """Whether a word of the change begins with a capital letter, and not because it begins a sentence."""
    return any(
        units[at].script == Script.WORD
        and text[units[at].start].isupper()
        and ((at > 0 and units[at - 1].norm[-1] not in ".!?") or _has_capitals(text, units[at]))
        for at in range(low, high)
    )


def _has_capitals(text: str, unit: Token) -> bool:
    """A word with a capital inside is a name wherever it stands: NATO, McKay."""
    return any(each.isupper() for each in text[unit.start + 1 : unit.end])
