"""Capitals and symbols where words should be."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import Check, Finding, Span, Submission, parameter

# Capitals of Latin, Greek and Cyrillic, in half and full width.
_CAPITAL = re.compile("[A-Z\u00c0-\u00d6\u00d8-\u00de\u0391-\u03a9\u0401-\u042f\uff21-\uff3a]")
_LETTER = re.compile(r"[^\W\d_]")
# Marks that shout, signs, arrows, dingbats, pictures, ☆ and ♪. What punctuates a sentence is none.
_SYMBOL = re.compile(
    "[!?$*#+=~|^\\\\\u00a1-\u00a9\u00ab-\u00b1\u00b6\u2020-\u2022\u203b-\u203d\u20a0-\u20bf\u2190-\u2bff"
    "\u3012\u3013\u3020\ufe0e\ufe0f\uff01\uff03\uff04\uff0a\uff0b\uff1d\uff1f\uff3e\uff5c\uff5e"
    "\U0001f000-\U0001faff]"
)


@dataclass(frozen=True)
class Shouting(Check):
    """Most letters are capitals, or most characters are signs and pictures.

    All letters count, kana and kanji too: NHK, JR and KDDI in a Japanese
    sentence shout at nobody. What is short may be all capitals, or a picture.
    """

    slug = "shouting"
    title = {"ja": "大文字や記号ばかりの文", "en": "Capitals and symbols"}
    sentences = {
        "capitals": {
            "ja": "{letters}文字中{count}文字が大文字です（{percent}％以上）。",
            "en": "Capitals: {count} of {letters} letters, which is {percent} % or more.",
        },
        "symbols": {
            "ja": "{characters}文字中{count}文字が記号や絵文字です（{percent}％以上）。",
            "en": "Symbols and pictures: {count} of {characters} characters, which is {percent} % or more.",
        },
    }

    # A title in English has a capital in six letters or so, a headline of acronyms in two.
    capitals: int = parameter(
        70,
        ja="文字のうち大文字がこの割合（％）に達すると知らせます。0なら調べません。",
        en="Share of capitals among letters, in percent, that makes a finding; 0 asks for none.",
        most=100,
    )
    symbols: int = parameter(
        50,
        ja="文字のうち記号や絵文字がこの割合（％）に達すると知らせます。0なら調べません。",
        en="Share of symbols among characters, in percent, that makes a finding; 0 asks for none.",
        most=100,
    )
    # "THANK YOU VERY MUCH" has 16 letters; a row of ten hearts is a greeting.
    least: int = parameter(
        20,
        ja="判定に要る大文字または記号の数。",
        en="Capitals, or symbols, that a comment must have to be judged.",
        least=1,
        most=20_000,
    )

    def check(self, submission: Submission) -> Iterator[Finding]:
        body = submission.body
        if len(body) < self.least:
            return
        span = (Span("body", 0, len(body)),)
        count = len(_CAPITAL.findall(body)) if self.capitals else 0
        if count >= self.least:
            letters = len(_LETTER.findall(body))
            if count * 100 >= self.capitals * letters:
                yield Finding(
                    "capitals", span, {"count": count, "letters": letters, "percent": self.capitals}
                )
        count = len(_SYMBOL.findall(body)) if self.symbols else 0
        if count >= self.least:
            characters = len(body) - sum(map(str.isspace, body))
            if count * 100 >= self.symbols * characters:
                yield Finding(
                    "symbols", span, {"count": count, "characters": characters, "percent": self.symbols}
                )
