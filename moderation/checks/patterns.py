"""Regular expressions of a site's own, on RE2."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from moderation.checks.base import SHOWN, Check, Finding, Span, Submission, parameter
from moderation.checks.regex import Pattern, PatternSet, read_patterns


@dataclass(frozen=True)
class Patterns(Check):
    r"""A regular expression of a list matches the body.

    One a line, in RE2's syntax, which knows no look-around and no
    back-references and is done in time proportional to the text. What follows
    a blank and `#` is a comment. Matched is the folded body: half-width
    letters, figures and marks, full-width kana, every run of blanks and line
    ends as one blank; case makes no difference. Places are told in the body as
    it was typed. `\w`, `\d` and `\b` know ASCII alone: for Japanese write
    `\p{Han}`, `\p{Hiragana}`, `\p{Katakana}` or `[ァ-ヶー]`.

    Refused when the rule is saved: what RE2 refuses, what matches the empty
    text, what no folded text can hold, and what could be slow.
    """

    slug = "patterns"
    for_staff = True
    title = {"ja": "正規表現", "en": "Patterns"}
    sentences = {
        "matched": {
            "ja": "{number}行目の正規表現に一致します（{count}か所以上）。",
            "en": "The pattern in line {number} matches; places: at least {count}.",
        },
    }

    patterns: tuple[str, ...] = parameter(
        (),
        ja="正規表現（RE2）。1行に1つで、半角空白と「#」の後は説明になります。全角・半角、大文字・小文字、空白をそろえた本文と"
        "比べるので、英数字と記号は半角で書きます。\\w、\\d、\\bは英数字だけを表します。漢字は\\p{Han}と書きます。",
        en="Regular expressions (RE2), one a line; a comment follows a blank and #. They meet the body with "
        "width, case and blanks made one, so write half-width. \\w, \\d and \\b know ASCII alone; "
        "\\p{Han} is any kanji.",
    )
    original: bool = parameter(
        False,
        ja="入力されたままの本文と比べる。全角・半角、大文字・小文字、改行を区別するときに使います。",
        en="Match the body as it was typed, where width, case or line ends matter.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        # Whoever saves a rule is told now what is wrong with it, not the worker later.
        _ = self._set

    @cached_property
    def _set(self) -> PatternSet:
        folded = not self.original
        return PatternSet(read_patterns(self.patterns, folded=folded), folded=folded)

    def check(self, submission: Submission) -> Iterator[Finding]:
        text = submission.body if self.original else submission.folded.text
        left = SHOWN
        for pattern in self._set.matching(text):
            # Every pattern that matches shows one place, and more as long as there is room.
            places = list(islice(pattern.places(text), max(left, 1)))
            left -= len(places)
            if places:
                yield self._finding(submission, pattern, places)

    def _finding(self, submission: Submission, pattern: Pattern, places: list[tuple[int, int]]) -> Finding:
        if not self.original:
            places = [submission.folded.original_span(*place) for place in places]
        return Finding(
            "matched",
            tuple(Span("body", start, end) for start, end in places),
            {"number": pattern.line, "count": len(places)},
            tuple(submission.body[start:end] for start, end in places),
        )
