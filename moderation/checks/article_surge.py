"""So many people at one article in so short a time that somebody may have sent them."""

from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import Check, Finding, Needs, Submission, parameter


@dataclass(frozen=True)
class ArticleSurge(Check):
    """Comments of many different authors arrive at one article within a short time.

    Not `flood`, which is one author or one address: here each sends but one.
    Authors are counted, this one included, not comments; who has neither
    e-mail nor id is told from others by his network address. Only what readers
    send now is looked at, never an import.
    """

    slug = "article_surge"
    title = {"ja": "記事への投稿の殺到", "en": "Surge at an article"}
    sentences = {
        "surge": {
            "ja": "この記事に{seconds}秒間で{count}人以上が投稿しました（{most}人まで）。",
            "en": "Authors who commented on this article in {seconds} seconds: at least {count}; "
            "{most} are allowed.",
        },
    }

    # Our own judgement, as `most`: long enough for a call to go round, too short for a day's readers.
    seconds: int = parameter(
        300, ja="数える時間（秒）。", en="Length of the window in seconds.", least=1, most=86_400
    )
    # Our own judgement for a regional paper, where a lively article gets some dozens of comments in a day;
    # a large site sets it by what `observe` records.
    most: int = parameter(
        30,
        ja="一つの記事に許す投稿者の人数。",
        en="Authors who may comment on one article in it.",
        least=1,
        most=500,
    )

    @property
    def needs(self) -> Needs:
        # Twice as many rows as authors: some write more than once.
        return Needs(crowd_seconds=self.seconds, crowd_rows=2 * self.most)

    def applies(self, submission: Submission) -> bool:
        return submission.live

    def check(self, submission: Submission) -> Iterator[Finding]:
        since, now = submission.since(self.seconds), submission.now
        count = 1 + sum(since < time <= now for time in submission.crowd)
        if count > self.most:
            yield Finding("surge", data={"count": count, "most": self.most, "seconds": self.seconds})
