"""Words that a site does not want to read."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ahocorasick_rs import AhoCorasick, MatchKind

from moderation.checks.base import SHOWN, Check, Finding, Span, Submission, parameter
from moderation.text import Folded, fold, is_spaced_letter

Place = tuple[int, int]


@dataclass(frozen=True)
class Words(Check):
    """A word of a list stands in the body, whatever its width and case.

    Where a word begins or ends with a letter of a script that parts words by
    blanks, or with a digit, it must do so in the text too: `ass` is in
    `お前はassだ` and not in `class`. Japanese, Chinese, Korean and Thai words are
    found anywhere. Of hits that overlap the leftmost counts, then the longest.
    """

    slug = "words"
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

    def check(self, submission: Submission) -> Iterator[Finding]:
        folded = submission.folded
        hits = self.find(folded)
        if not hits:
            return
        places = [folded.original_span(start, end) for start, end in hits[:SHOWN]]
        yield Finding(
            "listed",
            tuple(Span("body", start, end) for start, end in places),
            {"count": len(hits)},
            tuple(submission.body[start:end] for start, end in places),
        )

    def find(self, folded: Folded) -> list[Place]:
        """The places of the words in the folded text, in order, none overlapping another."""
        text, wanted = folded.text, self._wanted
        hits: list[Place] = []
        allowed: list[Place] = []
        for pattern, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if _is_whole(text, start, end):
                (hits if pattern < wanted else allowed).append((start, end))
        if allowed:
            hits = _outside(hits, allowed)
        return _leftmost_longest(hits)

    @cached_property
    def _patterns(self) -> tuple[list[str], int]:
        """Folded words, then folded allowed phrases, and how many the words are."""
        words, allow = (
            list(dict.fromkeys(filter(None, (fold(word).text.strip() for word in listed))))
            for listed in (self.words, self.allow)
        )
        return words + allow, len(words)

    @property
    def _wanted(self) -> int:
        return self._patterns[1]

    @cached_property
    def _automaton(self) -> AhoCorasick:
        return AhoCorasick(self._patterns[0], matchkind=MatchKind.Standard)


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
