"""Passages that have their source's characters and yet not its words: cut or wrapped in the wrong place.

A passage may begin and end anywhere, in the middle of a word too. It is another
text, though, where the cut falls inside of a number (`1200人` and `200人`),
takes off what denies the word (`不可能`, `unhappy`), or where a full stop
stands before the denial with which the source goes on.
"""

import re
from typing import NamedTuple

import numpy as np

from moderation.quotes.keys import Places, View, mapped
from moderation.quotes.negation import opening_negation
from moderation.quotes.numerals import numbers
from moderation.text import UNSPACED, fold, is_spaced_letter

_FIGURE = "[0-9０-９〇一二三四五六七八九十百千万億兆]"
_DIGIT = "[0-9０-９]"
# What stands before a passage, or behind it, and makes one number with its figures.
_NUMBER_BEFORE = re.compile(
    rf"(?:{_FIGURE}|{_DIGIT}[.,．，]|(?<![\w.．]){_DIGIT}*[.．]|(?<![^\Wぁ-ん])[-−－])\Z"
)
# `億円` begins no number: there anybody sees the cut.
_STARTS_NUMBER = re.compile("[0-9０-９〇一二三四五六七八九十百千]")
_ENDS_NUMBER = re.compile(rf"{_FIGURE}\Z")
_WHOLE_BEFORE = re.compile(rf"[-−－]?(?:{_FIGURE}|{_DIGIT}[.,．，]|[.．])*\Z")
_WHOLE_BEHIND = re.compile(rf"(?:[.,．，]?{_DIGIT}|{_FIGURE})*")
_POINT = re.compile(rf"\s*[.．]{_DIGIT}")
_ELISION = re.compile(r"\s*(?:…|‥|\.\.|．．|・・|[\[(（［]…)")
_FULL_STOP = re.compile(r"[。．.｡](?![。．.｡])")
# Of these a word of kanji behind makes one that denies it (`不可能`, but not `不安`); of the others a letter.
_DENYING = re.compile("[不非無未]\\Z")
_KANJI = re.compile("[一-龯々]{2}")
_WORD_BEFORE = re.compile(r"[A-Za-z]+-?\Z")
_DENYING_PREFIXES = frozenset(("un", "in", "im", "il", "ir", "non", "non-", "dis", "anti", "anti-"))
_CLOSED = re.compile(r"(?<![.．。…])[。．.][」』”\"')）\s]*\Z")
# Blanks between letters of a script that parts its words by them, or between figures.
_BLANK = re.compile(rf"[^\W_{UNSPACED}][^\S\r\n]+[^\W_{UNSPACED}]")
_THOUSANDS = re.compile(r"\d{3}(?!\d)")
_AROUND = 24


class Cut(NamedTuple):
    """A quoted text with what stands before it in its block, for a line may be broken within a number."""

    text: str
    before: str = ""


def whole(cut: Cut, source: str, start: int, end: int) -> tuple[int, int]:
    """`source[start:end]`, which a quote has as its text, with what must not be cut from it."""
    if start >= end:
        return start, end
    return start - _cut_before(source, start, cut.before), end + _cut_behind(cut, source, start, end)


def leads_otherwise(text: str, source: str) -> bool:
    """Whether the sign before a text means something else than the one before its source.

    A decimal point (`.5` and `5`), or a mark of elision where a sentence ended.
    """
    if _POINT.match(text) and not _POINT.match(source):
        return True
    return _ELISION.match(text) is not None and _FULL_STOP.match(source) is not None


def _cut_before(source: str, start: int, before: str) -> int:
    left = source[max(0, start - _AROUND) : start]
    if _STARTS_NUMBER.match(source, start):
        if _NUMBER_BEFORE.search(left) and not _ENDS_NUMBER.search(before.rstrip()):
            match = _WHOLE_BEFORE.search(left)
            return len(match[0]) if match else 0
        return 0
    if _DENYING.search(left) and _KANJI.match(source, start):
        return 0 if before.rstrip().endswith(left[-1]) else 1
    word = _WORD_BEFORE.search(left)
    if word is None or not source[start].isalpha() or not is_spaced_letter(source[start]):
        return 0
    denied = word[0].lower() in _DENYING_PREFIXES or (word[0][-1] == "-" and numbers(word[0]))
    return len(word[0]) if denied and not before.rstrip().endswith(word[0]) else 0


def _cut_behind(cut: Cut, source: str, start: int, end: int) -> int:
    if _ENDS_NUMBER.search(source[start:end][-1:]):
        # A mark of elision says that it is cut, and what goes on behind a wrap is not.
        # Without a full stop, a unit or a word behind it, anybody sees that the number is cut off.
        match = _WHOLE_BEHIND.match(source, end) if _CLOSED.search(cut.text) else None
        return len(match[0]) if match else 0
    if _CLOSED.search(cut.text) and not _CLOSED.search(source[start:end]):
        return opening_negation(source[end : end + _AROUND])
    return 0


def same_words(text: str, source: str) -> bool:
    """Whether two texts of one key part their words at the same places: `notable` is not `not able`.

    A wrap parts words, and may also fall inside of one. Signs at the ends may differ.
    """
    if not (_BLANK.search(text) or _BLANK.search(source)) or text.lower().split() == source.lower().split():
        return True
    mine, theirs = _mapped(text), _mapped(source)
    shorter, longer = sorted((mine, theirs), key=lambda each: len(each.key))
    shift = longer.key.find(shorter.key)
    if shift < 0:
        return True
    ours, others = _parted(shorter, 0, len(shorter.key)), _parted(longer, shift, len(shorter.key))
    for offset in np.setxor1d(ours, others).tolist():
        if _is_one_word(shorter.key, offset):
            place, parted = (offset, shorter) if offset in ours else (shift + offset, longer)
            if not _is_wrap(parted, place):
                return False
    return True


def _is_one_word(key: str, offset: int) -> bool:
    """Whether letters or figures stand on both sides, which a blank would part."""
    one, two = key[offset - 1], key[offset]
    if one.isdecimal() and two.isdecimal():
        return _THOUSANDS.match(key, offset) is None
    return one.isalpha() and two.isalpha() and is_spaced_letter(one) and is_spaced_letter(two)


def _mapped(text: str) -> View:
    # Not `view`, which keeps what it is asked for: the texts of sources are worth more there.
    folded = fold(text)
    return View(folded, mapped(folded.text))


def _parted(view: View, start: int, length: int) -> Places:
    """The offsets within `key[start:start + length]` before which something was taken out."""
    starts, ends = (each[start : start + length] for each in (view.mapping.starts, view.mapping.ends))
    return np.flatnonzero(starts[1:] != ends[:-1]) + 1


def _is_wrap(view: View, place: int) -> bool:
    """Whether what was taken out before a character of the key held the end of a line."""
    before, behind = view.span(place - 1, place)[1], view.span(place, place + 1)[0]
    return len(f"{view.folded.original[before:behind]}|".splitlines()) > 1
