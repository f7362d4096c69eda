"""A text in the units in which people see a change: words, numbers, katakana words, single kanji and kana."""

import re
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from moderation.quotes.keys import key
from moderation.text import UNSPACED, fold


class Script(IntEnum):
    """What a unit is written in."""

    NUMBER = 0
    WORD = 1
    KATAKANA = 2
    KANJI = 3
    HIRAGANA = 4
    SIGN = 5


class Token(NamedTuple):
    """A unit of a text at [start, end): `norm` is what two units are compared by."""

    norm: str
    script: Script
    start: int
    end: int


_DIGITS = r"\d+(?:[.,]\d+)*"
_NUMERALS = "〇一二三四五六七八九十百千万億兆"
_TOKEN = re.compile(
    rf"(?P<NUMBER>(?:{_DIGITS}|[{_NUMERALS}])(?:\s*[{_NUMERALS}]|{_DIGITS})*)"
    rf"|(?P<KATAKANA>[ァ-ヺー](?:\s*[ァ-ヺー])*)"
    rf"|(?P<WORD>[^\W\d_{UNSPACED}]+(?:['’-][^\W\d_{UNSPACED}]+)*|[가-힣]+)"
    r"|(?P<KANJI>[々㐀-鿿豈-﫿𠀀-𯨟])"
    r"|(?P<HIRAGANA>[ぁ-ゖ]|\w)"
    r"|(?P<SIGN>[^\s\w]|_)"
)


def tokens(text: str) -> list[Token]:
    """The units of a text, in order; white space and what marks quote lines is none."""
    folded = fold(text)
    starts, ends = folded.places
    found: list[Token] = []
    for match in _TOKEN.finditer(folded.text):
        norm = _norm(match[0])
        script = _SCRIPTS[match.lastgroup or "SIGN"]
        # A run of one sign is one of it, as in the key.
        if not norm or (script == Script.SIGN and found and found[-1].norm == norm):
            continue
        found.append(Token(norm, script, starts[match.start()], ends[match.end() - 1]))
    return found


# Few characters make up most of a language.
_SCRIPTS = dict(Script.__members__)
_norm = lru_cache(maxsize=8192)(key)
