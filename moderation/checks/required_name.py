"""The author must give a name."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from moderation.checks.base import Check, Finding, Span, Submission, parameter
from moderation.text import bare, fold


@dataclass(frozen=True)
class RequiredName(Check):
    """A name is missing, or is one that forms and forums put in for none.

    A name holds a letter, a digit or a picture: `★` is one, `……` is not.
    Not applicable to pings and to sources that carry no names.
    """

    slug = "required_name"
    title = {"ja": "名前の入力", "en": "Required name"}
    sentences = {
        "missing": {"ja": "名前がありません。", "en": "There is no name."},
        "placeholder": {
            "ja": "名前が「名無し」などの仮の名前です。",
            "en": "The name only stands in for one, such as “anonymous”.",
        },
    }

    # What WordPress, Disqus and the Japanese boards fill in for a reader who gave no name.
    placeholders: tuple[str, ...] = parameter(
        (
            "名無し",
            "名無しさん",
            "ななし",
            "匿名",
            "匿名希望",
            "ゲスト",
            "anonymous",
            "anon",
            "guest",
            "no name",
        ),
        ja="名前とみなさない仮の名前。全角・半角、大文字・小文字、空白、記号の違いは区別しません。",
        en="Names that stand in for none. Width, case, blanks and punctuation make no difference.",
    )

    @cached_property
    def _placeholders(self) -> frozenset[str]:
        return frozenset(bare(fold(name).text) for name in self.placeholders)

    def applies(self, submission: Submission) -> bool:
        return submission.identity and submission.kind == "comment"

    def check(self, submission: Submission) -> Iterator[Finding]:
        name = submission.author_name
        spans = (Span("author_name", 0, len(name)),) if name else ()
        folded = submission.folded_name.text
        letters = bare(folded)
        if not letters and not any(unicodedata.category(char) == "So" for char in folded):
            yield Finding("missing", spans)
        elif letters and letters in self._placeholders:
            yield Finding("placeholder", spans, evidence=(name,))
