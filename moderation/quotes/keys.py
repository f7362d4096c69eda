"""The quote key: what stays of a folded text when its spelling no longer matters.

White space is removed and not collapsed, because a wrap falls inside a word in
Japanese. The signs that mark quote lines are removed too, so that a passage
which stands in a comment's own quotes is found whatever its depth and wraps.
Variants of a punctuation mark become one sign, and a run of one sign becomes
one of it, so that `……`, `…`, `...` and `・・・` are equal. Each step looks at
neighbouring characters only, so the key of a passage stands in the key of the
text that it was cut from.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import numpy as np
import numpy.typing as npt

from moderation.text import Folded, fold

Codes = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]

# Neither stored (drafts refuse it) nor touched by a step below: it parts joined texts.
SEPARATOR = "\0"

# Dash and tilde stay apart: `-5` and `~5` differ. So do comma and full stop, for `1,5` and `1.5`.
_VARIANTS = {
    ",": "、،",
    ".": "。・·•‧∙⋅…‥⋯",
    "-": "‐‑‒–—―−ー─━",
    "~": "〜∼〰",
    '"': "'「」『』“”‘’„‟‚‛«»‹›〝〞〟`′″",
}
_SIGN = {variant: sign for sign, variants in _VARIANTS.items() for variant in variants}
_RUNS = frozenset(_VARIANTS)
# What leads quote lines. `unmarked` tells a sign at the head of a line from one that says something.
_MARKS = ">≫》|"
_ENTITY = "&gt;"

# Marks at the heads of lines, as they stand in a text that was not folded.
_HEADS = re.compile(r"(?m)^(?:[ \t\u00a0\u3000\u200b]*(?:[>＞≫》|｜]|&gt;))+")
# Beside them what only looks like a figure once it is folded: `10²` is not `102`.
_SAYING = re.compile("[>＞≫|｜]|&gt;|(?<=[0-9０-９])[²³¹⁰⁴-⁹₀-₉¼-¾⅐-⅞]")
_SAME_SIGN = {"＞": ">", "&gt;": ">", "｜": "|"}
_MOST_SAYING = 64


def key(folded: str) -> str:
    """The quote key of one folded text."""
    return _squeeze(folded.replace(SEPARATOR, ""))


@lru_cache(maxsize=1024)
def key_of(text: str) -> str:
    """The quote key of a text as it was typed."""
    return key(fold(text).text)


def _squeeze(text: str) -> str:
    text = "".join(text.replace(_ENTITY, "").split())
    for mark in _MARKS:
        text = text.replace(mark, "")
    # A chain of `replace` is four times as fast as `translate`, which asks a dict for each character.
    for variant, sign in _SIGN.items():
        text = text.replace(variant, sign)
    for sign in _RUNS:
        double = sign + sign
        while double in text:
            text = text.replace(double, sign)
    return text


def _table() -> Codes:
    """What becomes of each character of the first plane; `_GONE` of those that are removed."""
    table = np.arange(1 << 16, dtype=np.uint32)
    for code in range(1 << 16):
        if chr(code).isspace() or chr(code) in _MARKS:
            table[code] = _GONE
    for variant, sign in _SIGN.items():
        table[ord(variant)] = ord(sign)
    return table


_GONE = 0xFFFFFFFF
_TABLE = _table()
_RUN_CODES = np.array([ord(sign) for sign in sorted(_RUNS)], dtype=np.uint32)


def _codes(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _signs(codes: Codes) -> Codes:
    """What becomes of each code point."""
    signs = _TABLE[np.minimum(codes, 0xFFFF)]
    return np.where(codes > 0xFFFF, codes, signs) if codes.size and codes.max() > 0xFFFF else signs


def _repeats(signs: Codes) -> Places:
    """The places of signs that run on: few characters repeat, and only of those it is asked what they are."""
    places = np.flatnonzero(signs[1:] == signs[:-1])
    return places[np.isin(signs[places], _RUN_CODES)] + 1


def joined_codes(folded: Sequence[str]) -> Codes:
    """The quote keys of many folded texts as code points, each followed by a zero: `key`, for a batch."""
    text = "".join([part.replace(SEPARATOR, "") + SEPARATOR for part in folded]).replace(_ENTITY, "")
    signs = _signs(_codes(text))
    signs = signs[signs != _GONE]
    repeats = _repeats(signs)
    return np.delete(signs, repeats) if repeats.size else signs


def decoded(codes: Codes) -> str:
    """The text of code points."""
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A quote key with the place of each of its characters in the folded text."""

    key: str
    starts: Places
    ends: Places


def mapped(folded: str) -> Mapped:
    """The quote key of a folded text with the way back."""
    signs = _signs(_codes(folded))
    kept = (signs != _GONE) & (signs != 0)
    for entity in re.finditer(_ENTITY, folded) if _ENTITY in folded else ():
        kept[entity.start() : entity.end()] = False
    places = np.flatnonzero(kept)
    signs = signs[places]
    firsts = np.delete(np.arange(len(signs)), _repeats(signs))
    lasts = np.append(firsts[1:], len(signs)) - 1 if len(firsts) else firsts
    return Mapped(decoded(signs[firsts]), places[firsts], places[lasts] + 1)


@dataclass(frozen=True, slots=True)
class View:
    """A text with its quote key and the way back to the text's own characters."""

    folded: Folded
    mapping: Mapped

    @property
    def key(self) -> str:
        """The quote key of the whole text."""
        return self.mapping.key

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the text of `key[start:end]`."""
        if start >= end:
            at = self.folded.original_span(0, int(self.mapping.ends[start - 1]))[1] if start else 0
            return at, at
        return self.folded.original_span(int(self.mapping.starts[start]), int(self.mapping.ends[end - 1]))


@lru_cache(maxsize=64)
def view(text: str) -> View:
    """The key of a text and the way back; a batch asks for the same few again and again."""
    folded = fold(text)
    return View(folded, mapped(folded.text))


def says_the_same(quoted: str, passage: str) -> bool:
    """Whether two texts of equal keys have the same marks besides those that lead lines: `5 > 3`."""
    if not _SAYING.search(quoted) and not _SAYING.search(passage):
        return True
    return _saying(quoted) == _saying(passage)


def _saying(text: str) -> list[tuple[int, str]]:
    """The marks inside of lines: how much of the key stands before each, and which it is."""
    kept = _HEADS.sub("", text)
    marks: list[tuple[int, str]] = []
    at = 0
    for match in islice(_SAYING.finditer(kept), _MOST_SAYING):
        marks.append((len(key_of(kept[at : match.start()])), _SAME_SIGN.get(match[0], match[0])))
        at = match.end()
    return marks
