"""Words that a site does not want to read."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ahocorasick_rs import AhoCorasick, MatchKind

from moderation.checks.base import SHOWN, Check, Finding, Span, Submission, parameter
from moderation.checks.disguises import Disguised, Place, one_kana
from moderation.text import Folded, fold, is_spaced_letter


@dataclass(frozen=True)
class Words(Check):
    """A word of a list stands in the body, whatever its width and case.

    Where a word begins or ends with a letter of a script that parts words by
    blanks, or with a digit, it must do so in the text too: `ass` is in
    `お前はassだ` and not in `class`. Japanese, Chinese, Korean and Thai words are
    found anywhere. Of hits that overlap the leftmost counts, then the longest.

    With `disguised` a word counts, too, where a sign stands for a character
    inside it (`くた○れ`, one in words of three characters and more, two from
    six on), where its characters are parted (`死・ね`, `i d i o t`), where
    figures and signs stand for Latin letters (`1d10t`), or another dash for
    the long vowel after kana (`バ-カ`).
    """

    slug = "words"
    version = 3
    for_staff = True
    title = {"ja": "禁止語", "en": "Listed words"}
    sentences = {
        "listed": {
            "ja": "リストの語が{count}か所にあります。",
            "en": "Places with a listed word: {count}.",
        },
    }

    words: tuple[str, ...] = parameter(
        (),
        ja="探す語。全角・半角と大文字・小文字は区別しません。",
        en="The words to look for. Width and case make no difference.",
    )
    allow: tuple[str, ...] = parameter(
        (),
        ja="許す言い回し。この中にある語は数えません（例：「馬鹿」に対する「馬鹿正直」）。",
        en="Allowed phrases: a word inside one does not count (“dickens” for “dick”).",
    )
    disguised: bool = parameter(
        True,
        ja="伏せ字や区切りで隠した語も探す。「くた○れ」「死・ね」「1d10t」など。",
        en="Find disguised words, too: f*ck, i d i o t, 1d10t.",
    )
    # Off, for 「ばか」 would hit 「そればかり」.
    kana: bool = parameter(
        False,
        ja="ひらがなとカタカナを区別しない。「バカ」が「そればかり」にも当たるので、リストを試してから使います。",
        en="Take hiragana and katakana for the same. Short words then hit inside others: try the list.",
    )

    def check(self, submission: Submission) -> Iterator[Finding]:
        return self._listed("body", submission.folded)

    def _listed(self, field: str, folded: Folded) -> Iterator[Finding]:
        hits = self.find(folded)
        if not hits:
            return
        places = [folded.original_span(start, end) for start, end in hits[:SHOWN]]
        yield Finding(
            "listed",
            tuple(Span(field, start, end) for start, end in places),
            {"count": len(hits)},
            tuple(folded.original[start:end] for start, end in places),
        )

    def find(self, folded: Folded) -> list[Place]:
        """The places of the words in the folded text, in order, none overlapping another."""
        return [(start, end) for start, end, _ in self.matches(folded)]

    def matches(self, folded: Folded) -> list[tuple[int, int, str]]:
        """As `find`, each place with the folded word of the list that hits there."""
        words, _ = self._patterns
        text = one_kana(folded.text) if self.kana else folded.text
        found: dict[Place, str] = {}
        allowed: list[Place] = []
        for pattern, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if _is_whole(text, start, end):
                if pattern < len(words):
                    found[start, end] = words[pattern]
                else:
                    allowed.append((start, end))
        if self.disguised and words:
            for start, end, word in self._disguised.find(folded, text):
                found.setdefault((start, end), word)
        hits = _outside(list(found), allowed) if allowed else list(found)
        return [(start, end, found[start, end]) for start, end in _leftmost_longest(hits)]

    @cached_property
    def _patterns(self) -> tuple[list[str], list[str]]:
        """The folded words and the folded allowed phrases, each once."""
        words, allow = (
            list(dict.fromkeys(filter(None, (self.folded_word(word) for word in listed))))
            for listed in (self.words, self.allow)
        )
        return words, allow

    def folded_word(self, word: str) -> str:
        """A word of the list as it is looked for."""
        folded = fold(word).text.strip()
        return one_kana(folded) if self.kana else folded

    @cached_property
    def _automaton(self) -> AhoCorasick:
        words, allow = self._patterns
        return AhoCorasick(words + allow, matchkind=MatchKind.Standard)

    @cached_property
    def _disguised(self) -> Disguised:
        return Disguised(self._patterns[0])


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether the hit cuts no word of a script that parts words by blanks."""
    cut_before = start > 0 and is_spaced_letter(text[start - 1]) and is_spaced_letter(text[start])
    return not cut_before and not (
        end < len(text) and is_spaced_letter(text[end]) and is_spaced_letter(text[end - 1])
    )


def _outside(hits: list[Place], allowed: list[Place]) -> list[Place]:
    """The hits that lie in no allowed phrase.

    A phrase that holds a hit begins at or before it, and the one of these
    that reaches furthest holds it if any does.
    """
    allowed = sorted(allowed)
    kept, reach, seen = [], -1, 0
    for start, end in sorted(hits):
        while seen < len(allowed) and allowed[seen][0] <= start:
            reach = max(reach, allowed[seen][1])
            seen += 1
        if end > reach:
            kept.append((start, end))
    return kept


def _leftmost_longest(hits: list[Place]) -> list[Place]:
    chosen: list[Place] = []
    for start, end in sorted(hits, key=lambda hit: (hit[0], -hit[1])):
        if not chosen or start >= chosen[-1][1]:
            chosen.append((start, end))
    return chosen
