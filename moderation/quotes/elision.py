"""Quotes that leave something out and say so: `…`, `...`, `(略)`, `[…]`, `〜中略〜`, `[snip]`."""

import re
from typing import NamedTuple

from moderation.quotes.base import DifferenceKind
from moderation.quotes.edges import same_words
from moderation.quotes.keys import View, key_of
from moderation.quotes.negation import opening_negation, takes_back

_WORD = r"(?:以下|一部|[中前後省])?略(?:します)?|snip(?:ped)?|cut|omitted|\.\.\.+|…+|・・・+"
_MARK = re.compile(
    rf"[\[(（［〔【<＜]\s*(?:{_WORD})\s*[\])）］〕】>＞]"
    rf"|[~～〜―—–=＝-]+\s*(?:以下|一部|[中前後省])?略\s*[~～〜―—–=＝-]+"
    r"|(?<![一-龠])[中前後]略(?![一-龠])"
    r"|…+|‥+|\.\.\.+|．．．+|・・・+|。。。+|･･･+",
    re.IGNORECASE,
)
_EDGES = '.,"()[]【】*_'

# More parts than these are a collage, and a part below this weight stands anywhere.
MOST_FRAGMENTS = 8
LEAST_FRAGMENT = 4
# The longest part must tell by itself where it is from.
LEAST_LONGEST = 8
# The longest gap, by weight (a kanji or kana is 2, a letter 1): about one paragraph of a news article.
# Beyond it the two ends need have nothing to do with each other.
LONGEST_GAP = 400

_SENTENCE_END = re.compile(r"[。．！？!?\n]|\.(?=\s|$)")
# `A社は黒字だったが、B社は赤字だった`: what goes on behind `A社は` without the rest is said of the other.
_SUBJECT = re.compile("[はが][、，,]?\\s*\\Z")
_OTHER_SUBJECT = re.compile("(?:が|けれども?|けど|のに|ものの|一方で?)[、，,][^、，,]{1,20}[はがも]")
_ENDS_SENTENCE = re.compile(r"[。．！？!?.\n][」』”\"')）\s]*$")


def weight(text: str) -> int:
    """The width of a text's letters and figures in print: 2 of a kanji or kana, else 1."""
    # From U+1100 on stand Hangul, kana and kanji.
    return sum(1 + (each >= "\u1100") for each in text if each.isalnum())


class Gap(NamedTuple):
    """A mark of elision, `[start, end)` of the quoted text, and what it leaves out of the source's."""

    start: int
    end: int
    source_start: int
    source_end: int


class Chain(NamedTuple):
    """Where the parts of an elided passage stand in a source: the whole place and the gaps.

    `tail` is the place in the quoted text of a mark that ends it.
    """

    start: int
    end: int
    gaps: tuple[Gap, ...]
    tail: tuple[int, int] | None = None


def fragments(text: str) -> list[tuple[int, int]]:
    """The places of the parts of a passage between marks of elision; none if it has no mark."""
    marks = list(_MARK.finditer(text))
    if not marks:
        return []
    starts = [0, *(mark.end() for mark in marks)]
    ends = [*(mark.start() for mark in marks), len(text)]
    parts = [(start, end) for start, end in zip(starts, ends, strict=True) if weight(text[start:end])]
    if not 1 <= len(parts) <= MOST_FRAGMENTS:
        return []
    weights = [weight(text[start:end]) for start, end in parts]
    return parts if min(weights) >= LEAST_FRAGMENT and max(weights) >= LEAST_LONGEST else []


def edged(key: str) -> str:
    """A key without the signs at its ends that one who quotes adds or leaves out."""
    return key.strip(_EDGES)


def chain(text: str, parts: list[tuple[int, int]], view: View) -> Chain | None:
    """Where the parts of a quoted text stand one behind the other in a source, with the least gaps."""
    keys = [key_of(text[start:end]) for start, end in parts]
    best: list[tuple[int, int]] | None = None
    first = _next(keys[0], view.key, 0)
    for _ in range(16):
        if first is None:
            break
        places = _follow(keys, view.key, first)
        if places and (best is None or places[-1][1] - places[0][0] < best[-1][1] - best[0][0]):
            best = places
        first = _next(keys[0], view.key, first[1])
    if best is None:
        return None
    spans = [view.span(*place) for place in best]
    source = view.folded.original
    if not all(
        same_words(text[low:high], source[start:end])
        for (low, high), (start, end) in zip(parts, spans, strict=True)
    ):
        return None
    gaps = [
        Gap(parts[number][1], parts[number + 1][0], spans[number][1], spans[number + 1][0])
        for number in range(len(parts) - 1)
    ]
    end = _MARK.search(text, parts[-1][1])
    return Chain(spans[0][0], spans[-1][1], tuple(gaps), end.span() if end else None)


def _follow(keys: list[str], key: str, first: tuple[int, int]) -> list[tuple[int, int]] | None:
    places = [first]
    for each in keys[1:]:
        place = _next(each, key, places[-1][1])
        if place is None:
            return None
        places.append(place)
    return places


def _next(wanted: str, key: str, start: int) -> tuple[int, int] | None:
    """The next place of a part, with the signs at its ends where they stand there."""
    bare = edged(wanted)
    at = key.find(bare, start) if bare else -1
    if at < 0:
        return None
    lead = wanted.find(bare)
    if at - lead >= start and key.startswith(wanted, at - lead):
        return at - lead, at - lead + len(wanted)
    return at, at + len(bare)


def faults(chain: Chain, source: str) -> list[tuple[Gap, DifferenceKind]]:
    """What is wrong with the gaps: one drops a negation of the sentences that it joins, or is too long."""
    found = [(gap, kind) for gap in chain.gaps for kind in _faults(gap, source)]
    rest = source[chain.end : chain.end + 12]
    if chain.tail and (denial := opening_negation(rest)):
        end = Gap(*chain.tail, chain.end, chain.end + denial)
        found += [(end, DifferenceKind.NEGATION), (end, DifferenceKind.ELISION)]
    return found


def _faults(gap: Gap, source: str) -> list[DifferenceKind]:
    start, end = gap.source_start, gap.source_end
    left_out = source[start:end]
    pieces = [(start, end)]
    ends = list(_SENTENCE_END.finditer(left_out))
    if ends:
        pieces = [(start, start + ends[0].start()), (start + ends[-1].end(), end)]
    if _ENDS_SENTENCE.search(source[:start][-4:]):
        # The sentence before is whole; what the gap begins with is another.
        pieces = pieces[1:] if ends else pieces
    if any(takes_back(source, *piece) for piece in pieces):
        return [DifferenceKind.NEGATION, DifferenceKind.ELISION]
    subject = not ends and _SUBJECT.search(source[: gap.source_start][-4:])
    is_switched = subject and _OTHER_SUBJECT.search(left_out)
    return [DifferenceKind.ELISION] if is_switched or weight(left_out) > LONGEST_GAP else []
