"""References to other comments by their numbers: `>>12`, `＞＞1-3`, `※12`, `No.12`.

A reference is no quote. It says which comment is answered, and of a quote
just behind it in which comment to look first.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from moderation.quotes.base import Moment, Quoted, Reference, ReferenceVerdict, Resolved
from moderation.quotes.signs import (
    BLANK,
    DASH,
    HONORIFIC,
    LEAD,
    LINE_END,
    LOOSE_NUMBERS,
    NUMBERS,
    PERSON,
    TWO,
)

# A range of more numbers means the page and no answer to each of them: its ends are kept.
MOST_IN_RANGE = 30
# Numbers of one body; whatever it names beyond is left out.
MOST_NUMBERS = 100

# The first character stands alone, for so the search skips what begins none in C.
_SIGN = r"[>＞≫&※№#＃NnＮ](?:(?<=[>＞])[>＞]?|(?<=&)gt;(?:&gt;)?|(?<=[NnＮ])[Ooｏ][.．]|(?<=[≫※№#＃]))"
_CANDIDATE = re.compile(rf"(?P<sign>{_SIGN})(?P<numbers>{BLANK}?{NUMBERS})")
_LED_CANDIDATE = re.compile(rf"(?P<sign>{_SIGN})(?P<numbers>{BLANK}?{LOOSE_NUMBERS})")
_TWO = re.compile(TWO)
_AT_START = re.compile(rf"(?:\A|[{LINE_END}]){LEAD}\Z")
_ALONE = re.compile(rf"{BLANK}*+[、。,.:：!！]*+{BLANK}*+(?=[{LINE_END}]|\Z)")
_PERSON = re.compile(f"{PERSON}|{BLANK}{HONORIFIC}")
_BEHIND_NUMBER = re.compile(rf"{BLANK}|[:：、]|$")
# `x>>2` shifts bits, `->>1` and `>>>1` are arrows, `> >>1` is quoted from another.
_NOT_BEFORE = re.compile(r"[A-Za-z0-9_)\]<=＝>＞≫;-]\Z|[>＞≫;][ \u3000]\Z")
_NUMBER = re.compile(rf"(?:({DASH}){BLANK}*+(?:[>＞]{{1,2}})?)?([0-9０-９]{{1,6}})")
_WHOLE_LINE = re.compile(
    rf"(?:{TWO}|{_SIGN}){BLANK}?(?P<numbers>{LOOSE_NUMBERS})(?:{PERSON})?{BLANK}*+"
    rf"(?:(?P<name>[^\s、。,:：>＞「」『』]{{1,24}}?){HONORIFIC}(?:へ|宛て?)?)?{BLANK}*+[、。,.:：!！]*"
)


class Lead(NamedTuple):
    """What a line that only refers names: the numbers, and a name beside them."""

    numbers: tuple[int, ...]
    name: str


def find_references(body: str, quoted: Sequence[Quoted] = ()) -> tuple[Reference, ...]:
    """The references of a body, in order; what stands inside of `quoted`, its quotes, is another's.

    `>>12` counts anywhere, other signs at the start of a line and where it is
    sure that a comment is meant. A range gives all its numbers, one of more
    than `MOST_IN_RANGE` its ends. After `MOST_NUMBERS` numbers the rest of the
    body is left out.
    """
    found: list[Reference] = []
    left = MOST_NUMBERS
    spans = [*((each.start, each.end) for each in quoted), (len(body), len(body))]
    at = end = 0
    for candidate in _CANDIDATE.finditer(body):
        start = candidate.start()
        while spans[at][1] <= start < len(body):
            at += 1
        if start < end or spans[at][0] <= start:
            continue
        # `>>3>>5` goes on where the one before ends.
        if match := candidate if found and start == end else _reference(body, candidate):
            end = match.end("numbers")
            numbers = numbers_of(match["numbers"])[:left]
            found.append(Reference(start, end, numbers))
            left -= len(numbers)
            if not left:
                break
    return tuple(found)


def _reference(body: str, candidate: re.Match[str]) -> re.Match[str] | None:
    """The candidate, with all the numbers of its line, if it refers to comments."""
    start, sign = candidate.start(), candidate["sign"]
    two = _TWO.fullmatch(sign)
    led = _AT_START.search(body, max(0, start - 20), start)
    if led and sign not in {"※", "№"}:
        match = _LED_CANDIDATE.match(body, start)
        if match and _ALONE.match(body, match.end()):
            return match
    if two and not candidate["numbers"][0].isspace():
        return None if _NOT_BEFORE.search(body, max(0, start - 2), start) else candidate
    if not led:
        return None
    if _PERSON.match(body, candidate.end()) or _ALONE.match(body, candidate.end()):
        return candidate
    if sign == "※":
        return None if _is_footnote(body, candidate) else candidate
    # `No.1 の味` praises; a number above the places of honour counts.
    numbered = sign[0] in "NnＮ№" and min(numbers_of(candidate["numbers"])) > 3
    return candidate if numbered and _BEHIND_NUMBER.match(body, candidate.end()) else None


def _is_footnote(body: str, candidate: re.Match[str]) -> bool:
    """Whether the same sign and number stand before, behind a word that the line explains."""
    before = body.find(candidate[0], 0, candidate.start())
    return before > 0 and not _AT_START.search(body, max(0, before - 20), before)


def numbers_of(text: str) -> tuple[int, ...]:
    """The numbers of `1,2-10`, each once, ranges written out."""
    numbers: dict[int, None] = {}
    last: int | None = None
    for match in _NUMBER.finditer(text):
        number = int(match[2])
        if match[1] and last is not None and 0 < number - last < MOST_IN_RANGE:
            numbers.update(dict.fromkeys(range(last, number)))
        numbers[number] = None
        last = number
        if len(numbers) > MOST_NUMBERS:
            break
    return tuple(numbers)


def lead(line: str) -> Lead | None:
    """What a line names that holds a reference and, at most, a name: `>>12`, `>>12 松田さん`."""
    match = _WHOLE_LINE.fullmatch(line.strip())
    return Lead(numbers_of(match["numbers"]), match["name"] or "") if match else None


def resolve(
    reference: Reference, placed: Mapping[int, tuple[Moment, int]], before: Moment | None
) -> Iterator[Resolved]:
    """What became of each number of a reference.

    `placed` has for each `Comment.number` of the article the comment's moment
    and id, `before` is the moment of the comment that refers: what is not
    earlier, and itself, is later. `None` lets it see all of them.
    """
    for number in reference.numbers:
        found = placed.get(number)
        if found is None:
            yield Resolved(number, ReferenceVerdict.DANGLING)
            continue
        moment, comment = found
        seen = before is None or moment < before
        yield Resolved(number, ReferenceVerdict.RESOLVED if seen else ReferenceVerdict.LATER, comment)
