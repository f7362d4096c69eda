"""A comment at a Japanese site is mostly written in kana and kanji."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from moderation.checks.base import Check, Finding, Span, Submission, parameter
from moderation.text import fold, links

_KANA = "ぁ-ゖゝ-ゟァ-ヺー-ヿㇰ-ㇿ"
_HAN = "々-〇㐀-䶿一-鿿\uf900-\ufaff\U00020000-\U0003ffff"
_HAS_KANA = re.compile(f"[{_KANA}]")
# What a site's readers write, by the language of the site, in folded text.
_OWN: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "ja": re.compile(f"[{_KANA}{_HAN}]+"),
        "en": re.compile("[a-z\u00df-\u024f\u1e00-\u1eff]+"),
    }
)
_LETTERS = re.compile(r"[^\W\d_]+")
_folded = lru_cache(maxsize=256)(fold)


@dataclass(frozen=True)
class Language(Check):
    """Too few of a comment's letters are those of the site's language.

    At a Japanese site these are kana and kanji, at an English one Latin
    letters; sites in other languages are not looked at. Links count for
    nothing, nor does the article's title where it stands in the comment:
    machines paste it to pass as Japanese. Kanji without any kana are Chinese,
    or a slogan.
    """

    slug = "language"
    version = 2
    title = {"ja": "言語と文字の割合", "en": "Language and script"}
    sentences = {
        "foreign": {
            "ja": "サイトの言語の文字は{letters}文字中{own}文字です（{percent}％未満）。",
            "en": "Letters of the site's language: {own} of {letters}, which is less than {percent} %.",
        },
        "no-kana": {
            "ja": "漢字が{own}文字ありますが、かながありません。",
            "en": "Kanji: {own}, without any kana.",
        },
    }
    # People write in other languages for good reasons, and quote them.
    actions = ("flag", "hold")

    # Of the 556 Japanese comments of our corpus of quotes three have less, all of them lines of a
    # program or the head of a mail; nearly all others have more than half.
    percent: int = parameter(
        20,
        ja="サイトの言語の文字が、この割合（％）に満たないと知らせます。",
        en="Least share, in percent, of letters of the site's language.",
        least=1,
        most=100,
    )
    # "Thank you very much" has 16 letters, and 「Windows Updateの件？」 says little of its author's language.
    letters: int = parameter(
        20,
        ja="判定に要る文字数。これより短いコメントは調べません。",
        en="Letters that a comment must have to be judged; a shorter one never makes a finding.",
        least=1,
        most=20_000,
    )

    def applies(self, submission: Submission) -> bool:
        return submission.language in _OWN

    def check(self, submission: Submission) -> Iterator[Finding]:
        text = submission.folded.text
        if len(text) < self.letters:
            return
        if submission.article_title and (title := _folded(submission.article_title).text) in text:
            text = text.replace(title, " ")
        own = sum(map(len, _OWN[submission.language].findall(text)))
        spans = (Span("body", 0, len(submission.body)),)
        # The letters are no more than the characters, so mostly they need not be counted.
        if own * 100 < self.percent * len(text):
            letters = sum(map(len, _LETTERS.findall(_without_links(text))))
            if letters >= self.letters and own * 100 < self.percent * letters:
                yield Finding("foreign", spans, {"own": own, "letters": letters, "percent": self.percent})
                return
        if submission.language == "ja" and own >= self.letters and not _HAS_KANA.search(text):
            yield Finding("no-kana", spans, {"own": own})


def _without_links(text: str) -> str:
    pieces, end = [], 0
    for link in links(text):
        pieces.append(text[end : link.start])
        end = link.end
    return " ".join((*pieces, text[end:]))
