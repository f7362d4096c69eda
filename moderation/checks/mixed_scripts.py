"""Words with letters of two scripts that look alike."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import SHOWN, Check, Finding, Span, Submission, parameter

# Cyrillic, Greek and Armenian letters that look like Latin ones, as in Unicode's confusables (UTS #39).
# μ, Ω, Δ, λ, π and the like are no part of it: they stand in units and formulas (μm, kΩ, λmax), and
# Д, щ, ω make faces.
_ALIKE = "АВЕЅІЈКМНОРСТУХЬЗаеѕіјкмнорстухьԁԍһԛԜԝӀӏВΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹοϲϳνικυօսցհոՕՍ"
_LATIN = "A-Za-z\u00c0-\u024f\uff21-\uff3a\uff41-\uff5a"
_HAS_ALIKE = re.compile(f"[{_ALIKE}]")
_HAS_LATIN = re.compile(f"[{_LATIN}]")
_TOKEN = re.compile(f"[{_LATIN}\u0370-\u058f]+")
# Kanji in a katakana word that look like katakana. 一, 二, 八, 千 and 力 stand there by right:
# ビール一ケース, コミュ力アップ. So does 口 in ネット口コミ, ライブ口パク, タメ口キャラ.
_KANJI = re.compile("(?<=[ァ-ヺー])(?:(?<!タメ)口(?!コミ|パク|ゲンカ|グセ|ヒゲ|ベタ)|[工卜夕])(?=[ァ-ヺー])")


@dataclass(frozen=True)
class MixedScripts(Check):
    """A letter in a word is of another script than the rest and looks like one of theirs.

    `pаypal` with a Cyrillic а, スパイウ工ア with the kanji 工. Kanji, kana, Latin
    letters and digits in one word are ordinary Japanese, as are units with
    Greek letters and faces with Cyrillic ones.
    """

    slug = "mixed_scripts"
    version = 2
    title = {"ja": "似た形の別の文字", "en": "Mixed scripts"}
    sentences = {
        "alike": {
            "ja": "キリル文字やギリシャ文字などをラテン文字に似せて混ぜた語が{count}か所にあります。",
            "en": "Words of Latin letters mixed with others that look alike: {count}.",
        },
        "kanji": {
            "ja": "カタカナに似た漢字が、カタカナの語の中に{count}か所あります。",
            "en": "Kanji that look like katakana inside katakana words: {count}.",
        },
    }

    # hν and νe are physics; a word that is meant to be read has more letters.
    letters: int = parameter(
        4,
        ja="調べる語の最小の文字数。",
        en="Letters that a word must have to be looked at.",
        least=2,
        most=100,
    )

    def check(self, submission: Submission) -> Iterator[Finding]:
        body = submission.body
        if body.isascii():
            return
        places: list[tuple[int, int]] = []
        if _HAS_ALIKE.search(body):
            places = [match.span() for match in _TOKEN.finditer(body) if self._is_mixed(match[0])]
        for code, found in (("alike", places), ("kanji", [match.span() for match in _KANJI.finditer(body)])):
            if found:
                spans = tuple(Span("body", start, end) for start, end in found[:SHOWN])
                evidence = tuple(body[start:end][:100] for start, end in found[:SHOWN])
                yield Finding(code, spans, {"count": len(found)}, evidence)

    def _is_mixed(self, token: str) -> bool:
        return (
            len(token) >= self.letters
            and _HAS_ALIKE.search(token) is not None
            and _HAS_LATIN.search(token) is not None
        )
