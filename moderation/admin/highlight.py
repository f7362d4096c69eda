"""Mark places in a text. Pure: no Django, no HTML."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

# Kinds of marks that say what differs between two texts: words of the one that the
# other does not have, and the place of words that are in the other alone.
INSERTED, DELETED, GAP = "inserted", "deleted", "gap"
# What is blurred until it is wanted.
VEIL = "veil"
_TAGS = {INSERTED: "ins", DELETED: "del"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A place [start, end) in characters, what it is (`kind`) and what is said of it.

    `label` is a hint; `said` is for those who hear the text, too.
    """

    start: int
    end: int
    kind: str
    label: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of plain text, or one invisible character with its name."""

    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text under the same marks; none where `marks` is empty."""

    text: str
    marks: tuple[Mark, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(mark.kind for mark in self.marks))

    @property
    def tag(self) -> str:
        """The element that marks it."""
        return next((_TAGS[kind] for kind in self.kinds if kind in _TAGS), "mark")

    @property
    def is_veiled(self) -> bool:
        return VEIL in self.kinds

    @property
    def is_gap(self) -> bool:
        return GAP in self.kinds

    @property
    def said(self) -> str:
        return " / ".join(dict.fromkeys(mark.said for mark in self.marks if mark.said))

    @property
    def title(self) -> str:
        return " / ".join(dict.fromkeys(mark.label for mark in self.marks if mark.label))

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return tuple(reveal(self.text))


def highlight(text: str, marks: Iterable[Mark]) -> tuple[Segment, ...]:
    """The text in segments, each under the marks that cover it.

    The segments joined are the text again. Marks that overlap share their
    common part; what of a mark lies outside the text, or is empty, is left.
    Only a gap is empty: it is a segment without text.
    """
    size, marks = len(text), tuple(marks)
    gaps = [mark for mark in marks if mark.kind == GAP and 0 <= mark.start == mark.end <= size]
    within = [mark for mark in marks if max(mark.start, 0) < min(mark.end, size)]
    edges = sorted(
        {
            *(0, size),
            *(edge for mark in within for edge in (mark.start, mark.end) if 0 < edge < size),
            *(mark.start for mark in gaps),
        }
    )
    segments: list[Segment] = []
    for start, end in pairwise([*edges, size]):
        segments += [Segment("", (mark,)) for mark in gaps if mark.start == start]
        if start == end:
            break
        covering = tuple(mark for mark in within if mark.start < end and start < mark.end)
        segments.append(Segment(text[start:end], covering))
    return tuple(segments)


def whole_of(text: str) -> tuple[Segment, ...]:
    """A text that is blurred from its beginning to its end."""
    return highlight(text, [Mark(0, len(text), VEIL)])


# Letters, marks and breaks that show nothing although their category says otherwise: Hangul fillers, the
# empty Braille pattern, the combining grapheme joiner, inherent Khmer vowels, separators of lines.
BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u2028\u2029")
JOINER = "\u200d"


def reveal(text: str) -> Iterator[Piece]:
    """The text with each invisible character as a piece of its own.

    A joiner between two pictures makes one picture of them (👨‍👩‍👧) and is
    left alone; between letters it hides a word from a word list.
    """
    begun = 0
    for at, character in enumerate(text):
        if character.isascii() and (character.isprintable() or character in "\n\r\t"):
            continue
        if not _is_invisible(character) or (character == JOINER and _joins_pictures(text, at)):
            continue
        if begun < at:
            yield Piece(text[begun:at])
        yield Piece(character, f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip())
        begun = at + 1
    if begun < len(text):
        yield Piece(text[begun:])


def _is_invisible(character: str) -> bool:
    return character in BLANK or unicodedata.category(character) in {"Cc", "Cf", "Co", "Cn"}


def _joins_pictures(text: str, at: int) -> bool:
    before = text[:at].rstrip("\ufe0f")[-1:]
    after = text[at + 1 : at + 2]
    return bool(before and after) and all(
        unicodedata.category(each) in {"So", "Sk"} for each in (before, after)
    )
