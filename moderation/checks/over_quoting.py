"""A comment must say something of its own beside what it quotes."""

from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import SHOWN, Check, Finding, Needs, Span, Submission, parameter


@dataclass(frozen=True)
class OverQuoting(Check):
    """Quotes make up too much of the body, blanks apart, the marks of the quote lines counted in.

    What counts as a quote is what `quotes` traces, whatever its verdict. A
    short passage with one line below it is how people answer: quotes of
    fewer than `least` characters in all are never told of.
    """

    slug = "over_quoting"
    title = {"ja": "引用の割合", "en": "Share of quotes"}
    sentences = {
        "share": {
            "ja": "本文の{share}％（{characters}文字）が引用です（{percent}％未満まで）。",
            "en": "Quotes make up {share} % of the body ({characters} characters); less than {percent} % "
            "is allowed.",
        },
    }

    # INN's `checkincludedtext` refuses news articles that quote more than they say. Comments are shorter: one
    # sentence below the paragraph that it answers is four fifths quote, and an answer all the same.
    percent: int = parameter(
        90,
        ja="本文に占める引用の割合（％、空白を除く）。これに達すると知らせます。",
        en="Share of quotes in the body, in percent without blanks, that is told of.",
        least=1,
        most=100,
    )
    # A paragraph of a Japanese newspaper has about a hundred characters, so this is two of them.
    least: int = parameter(
        200,
        ja="知らせる引用の、最小の合計文字数（空白を除く）。",
        en="Characters that the quotes must have together to be told of, without blanks.",
        least=1,
        most=20_000,
    )

    @property
    def needs(self) -> Needs:
        return Needs(quotes=True)

    def check(self, submission: Submission) -> Iterator[Finding]:
        # The traced passages stand in the order of the text; of two that overlap the second counts its rest.
        pieces, end = [], 0
        for each in submission.quotes:
            start, end = max(each.quoted.start, end), max(each.quoted.end, end)
            pieces.append((start, end))
        quoted = sum(_characters(submission.body[start:end]) for start, end in pieces)
        if not quoted or quoted < self.least:
            return
        share = 100 * quoted // _characters(submission.body)
        if share >= self.percent:
            spans = tuple(Span("body", start, end) for start, end in pieces if start < end)
            yield Finding(
                "share", spans[:SHOWN], {"share": share, "characters": quoted, "percent": self.percent}
            )


def _characters(text: str) -> int:
    return len("".join(text.split()))
