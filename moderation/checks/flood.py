"""Too many comments in too short a time."""

from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import Check, Finding, Needs, Submission, parameter


@dataclass(frozen=True)
class Flood(Check):
    """An author, or an address, sends more comments than a person writes.

    The comment itself counts. The window ends with it and is half-open: a
    comment sent exactly so many seconds before is no longer in it.
    """

    slug = "flood"
    title = {"ja": "連続投稿", "en": "Flood"}
    sentences = {
        "author": {
            "ja": "同じ投稿者から{seconds}秒間に{count}件以上の投稿がありました（{most}件まで）。",
            "en": "Comments by this author in {seconds} seconds: at least {count}; {most} are allowed.",
        },
        "address": {
            "ja": "同じアドレスから{seconds}秒間に{count}件以上の投稿がありました（{most}件まで）。",
            "en": "Comments from this address in {seconds} seconds: at least {count}; {most} are allowed.",
        },
    }

    # The counts below are of a minute.
    seconds: int = parameter(
        60, ja="数える時間（秒）。", en="Length of the window in seconds.", least=1, most=86_400
    )
    # WordPress asks for 15 seconds between two comments, which is four in a minute.
    author_most: int = parameter(
        4,
        ja="一人の投稿者に許す件数。0なら調べません。",
        en="Comments that one author may send in it; 0 asks for none.",
        most=1_000,
    )
    # Offices, schools and mobile carriers put many readers behind one address.
    address_most: int = parameter(
        15,
        ja="一つのアドレスに許す件数。職場や携帯電話網では多くの人が同じアドレスを使います。0なら調べません。",
        en="Comments that may come from one address, which an office or a carrier shares; 0 asks for none.",
        most=1_000,
    )

    @property
    def needs(self) -> Needs:
        return Needs(
            author_seconds=self.seconds if self.author_most else 0,
            author_rows=self.author_most,
            address_seconds=self.seconds if self.address_most else 0,
            address_rows=self.address_most,
        )

    def check(self, submission: Submission) -> Iterator[Finding]:
        since, now = submission.since(self.seconds), submission.now
        for code, times, most in (
            ("author", submission.author_times, self.author_most),
            ("address", submission.address_times, self.address_most),
        ):
            # Another rule may have asked for more: the count must not tell.
            count = 1 + sum(since < time <= now for time in times[:most])
            if 0 < most < count:
                yield Finding(code, data={"count": count, "most": most, "seconds": self.seconds})
