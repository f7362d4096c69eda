"""Words that a site does not want to read in a name."""

from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import Finding, Submission
from moderation.checks.words import Words


@dataclass(frozen=True)
class NameWords(Words):
    """A word of a list stands in the author's name; it is looked for as in a body (see Listed words)."""

    slug = "name_words"
    title = {"ja": "名前の中の禁止語", "en": "Listed words in the name"}

    def applies(self, submission: Submission) -> bool:
        return submission.identity and bool(submission.author_name)

    def check(self, submission: Submission) -> Iterator[Finding]:
        return self._listed("author_name", submission.folded_name)
