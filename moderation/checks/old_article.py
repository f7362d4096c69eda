"""A comment on an article that readers have long left."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from moderation.checks.base import Check, Finding, Submission, parameter


@dataclass(frozen=True)
class OldArticle(Check):
    """A comment arrives long after its article was published, when mostly advertisers come.

    Days are counted from the article's `published_at` to the arrival; of an
    article without one, and of imports, there is nothing to say. An article
    whose comments are closed needs no rule: its floor is *closed*.
    """

    slug = "old_article"
    title = {"ja": "古い記事への投稿", "en": "Old article"}
    sentences = {
        "old": {
            "ja": "記事の公開から{days}日後の投稿です（{most}日まで）。",
            "en": "This comment came {days} days after its article was published; {most} are allowed.",
        },
    }

    # WordPress closes comments after 14 days where it is told to close them, and names no other figure.
    days: int = parameter(
        14,
        ja="記事の公開から投稿を許す日数。これを過ぎると知らせます。",
        en="Days after the article was published for which comments are expected.",
        least=1,
        most=36_500,
    )

    def applies(self, submission: Submission) -> bool:
        return submission.live and submission.article_published_at is not None

    def check(self, submission: Submission) -> Iterator[Finding]:
        if submission.article_published_at is None:
            return
        age = submission.now - submission.article_published_at
        if age > timedelta(days=self.days):
            yield Finding("old", data={"days": age.days, "most": self.days})
