"""What a comment quotes must stand in the article or in an earlier comment."""

from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import Check, Finding, Needs, Span, Submission, parameter
from moderation.quotes import Verdict
from moderation.text import bare, fold


@dataclass(frozen=True)
class Quotes(Check):
    """A quoted passage is in no source that we hold: one finding a passage.

    One more finding tells of a comment with more quotes than are traced.
    """

    slug = "quotes"
    version = 2
    title = {"ja": "引用の確認", "en": "Quotes"}
    sentences = {
        "missing": {
            "ja": "引用された{characters}文字が、記事にも前のコメントにも見つかりません。",
            "en": "This quote ({characters} characters) is in neither the article nor an earlier comment.",
        },
        "untraced": {
            "ja": "引用が多すぎるため、{count}か所は引用元を調べていません。",
            "en": "Too many quotes: places whose source was not looked for: {count}.",
        },
    }

    # Shorter passages are mostly exclamations, or another's words from memory.
    least: int = parameter(
        10,
        ja="見つからないときに知らせる引用の、最小の文字数（空白と記号を除く）。",
        en="Characters that a passage must have to be told of, without blanks and punctuation.",
        least=1,
        most=20_000,
    )

    @property
    def needs(self) -> Needs:
        return Needs(quotes=True)

    def check(self, submission: Submission) -> Iterator[Finding]:
        if submission.untraced:
            # First of all, for findings are capped.
            rest = Span("body", submission.quotes[-1].quoted.end, len(submission.body))
            yield Finding("untraced", (rest,), {"count": submission.untraced})
        for traced in submission.quotes:
            quoted = traced.quoted
            if traced.verdict != Verdict.MISSING:
                continue
            characters = len(bare(fold(quoted.text).text))
            if characters >= self.least:
                span = Span("body", quoted.start, quoted.end)
                yield Finding("missing", (span,), {"characters": characters}, (quoted.text,))
