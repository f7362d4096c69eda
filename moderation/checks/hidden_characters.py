"""Characters that do not show, and act all the same."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from moderation.checks.base import SHOWN, Check, Data, Finding, Span, Submission, choice, parameter

Place = tuple[int, int]

# What can be told, each with its name for people.
TELLS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "control": {"ja": "制御文字と見えないタグ", "en": "control characters and invisible tags"},
        "bidi": {"ja": "文字の並びを逆にする文字", "en": "characters that turn the order of others"},
        "zero-width": {"ja": "単語の中の幅のない文字", "en": "characters of no width inside words"},
        "marks": {"ja": "積み重なった結合文字", "en": "stacks of combining marks"},
    }
)
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
# Scripts in whose words a joiner does nothing but part them. In Persian and in the scripts of India it
# makes letters join or not, and between pictures it makes one of two.
_LETTER = (
    "0-9A-Za-z\u00c0-\u024f\u0370-\u052f\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7a3"
    "\uff10-\uff9f\U00020000-\U0003ffff"
)
_NO_WIDTH = "\u00ad\u034f\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0"
# Combining marks that can stand on any letter (Zalgo), and Thai ones, which are stacked for fun.
_MARK = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"
)
_TAG = "\U000e0000-\U000e007f"
# C1 controls (U+0080 to U+009F) are none of these: old archives hold them where quotation marks were
# read in the wrong encoding. The tags after a black flag make it
# that of Scotland, England or Wales (UTS #51).
_CONTROL = re.compile(f"[\x01-\x08\x0e-\x1f\x7f\ufff0-\ufffb\ufffe\uffff]+|(?<![\U0001f3f4{_TAG}])[{_TAG}]+")
# Overrides turn any text; the others are how a text from right to left is set into another.
_OVERRIDE = re.compile("[\u202d\u202e]")
_TURN = re.compile("[\u202b\u202d\u202e\u2067]")
_INSIDE = re.compile(f"(?<=[{_LETTER}])[{_NO_WIDTH}]+(?=[{_LETTER}])")
_STACK = re.compile(f"[{_MARK}]{{2,}}")
# One of these must be there for any of the above; line feeds and all ordinary letters are none.
_ANY = re.compile(f"[\x01-\x08\x0e-\x1f\x7f\ufff0-\uffff\u202a-\u202e\u2067{_TAG}{_NO_WIDTH}{_MARK}]")


@dataclass(frozen=True)
class HiddenCharacters(Check):
    """Characters that a reader does not see hide a word, turn a text round or cover what stands near.

    A rule chooses what it tells of. Joiners between pictures and in Persian or
    Hindi, the order marks of a text with Arabic or Hebrew letters in it, and
    the few marks of Vietnamese, Thai or phonetics are ordinary.
    """

    slug = "hidden_characters"
    title = {"ja": "見えない文字", "en": "Hidden characters"}
    sentences = {
        "control": {
            "ja": "制御文字または見えないタグが{count}か所にあります。",
            "en": "Places with control characters or invisible tags: {count}.",
        },
        "bidi": {
            "ja": "文字の並びを逆にする文字が{count}個あります。",
            "en": "Characters that turn the order of others: {count}.",
        },
        "zero-width": {
            "ja": "単語の中に幅のない文字が{count}か所あります。",
            "en": "Places inside words with characters of no width: {count}.",
        },
        "marks": {
            "ja": "結合文字が積み重なった所が{count}か所あります（最大{highest}個、{most}個まで）。",
            "en": "Stacks of combining marks: {count}; the highest has {highest}, {most} are allowed.",
        },
    }

    tell: tuple[str, ...] = choice(tuple(TELLS), ja="知らせるもの。", en="What is told of.", choices=TELLS)
    # Web pages put a blank of no width where a line may be broken, and whoever copies a sentence takes
    # one or two along; a word that is to be hidden needs them in every comment.
    least: int = parameter(
        1,
        ja="単語の中の幅のない文字が、この数に達すると知らせます。",
        en="Places with characters of no width inside words that make a finding.",
        least=1,
        most=1_000,
    )
    # Vietnamese puts two marks on a letter, Hebrew and phonetics three.
    marks: int = parameter(
        3,
        ja="一文字に付いてよい結合文字の数。",
        en="Combining marks that one letter may have.",
        least=1,
        most=100,
    )

    def check(self, submission: Submission) -> Iterator[Finding]:
        body = submission.body
        if body.isascii() and body.isprintable():
            return
        if not _ANY.search(body):
            return
        for code in TELLS:
            if code in self.tell and (places := self._places(code, body)):
                spans = tuple(Span("body", start, end) for start, end in places[:SHOWN])
                yield Finding(code, spans, {"count": len(places), **self._measure(code, places)})

    def _places(self, code: str, body: str) -> list[Place]:
        match code:
            case "control":
                return [match.span() for match in _CONTROL.finditer(body)]
            case "bidi":
                turn = _OVERRIDE if _RIGHT_TO_LEFT.search(body) else _TURN
                return [match.span() for match in turn.finditer(body)]
            case "zero-width":
                places = [match.span() for match in _INSIDE.finditer(body)]
                return places if len(places) >= self.least else []
            case _:
                stacks = (match.span() for match in _STACK.finditer(body))
                return [(start, end) for start, end in stacks if end - start > self.marks]

    def _measure(self, code: str, places: list[Place]) -> Data:
        if code != "marks":
            return {}
        return {"highest": max(end - start for start, end in places), "most": self.marks}
