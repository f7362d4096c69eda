"""Somebody of whom nothing has been published here before."""

from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import Check, Finding, Needs, Submission, parameter


@dataclass(frozen=True)
class FirstComment(Check):
    """Of this author nothing earlier stands published at the site, as far as his newest comments say.

    An author is who has the publisher's id, else the e-mail address. Anybody can type the address of a
    reader who is known; where that is done, count only what the site vouched for. Not applicable to pings
    and to sources that carry no authors.
    """

    slug = "first_comment"
    # Everybody was new once.
    actions = ("flag", "hold")
    title = {"ja": "初めてのコメント", "en": "First comment"}
    sentences = {
        "first": {
            "ja": "この投稿者のコメントは、まだ掲載されたことがありません。",
            "en": "No comment of this author has been published before.",
        },
        "unknown": {
            "ja": "投稿者を見分けられません（IDもメールアドレスもありません）。",
            "en": "The author cannot be told from others: there is neither an id nor an e-mail address.",
        },
    }

    verified: bool = parameter(
        False,
        ja="サイトがログインを確かめた掲載コメントだけを数えます。ログインのないサイトでは、全員が初めてになります。",
        en="Count only comments of which the site vouched for the author. Without a login everybody is new.",
    )

    @property
    def needs(self) -> Needs:
        return Needs(standing=True)

    def applies(self, submission: Submission) -> bool:
        return submission.standing is not None and submission.identity and submission.kind == "comment"

    def check(self, submission: Submission) -> Iterator[Finding]:
        standing = submission.standing
        if standing is None:
            return
        if not standing.known:
            yield Finding("unknown")
        elif not (standing.verified if self.verified else standing.published):
            yield Finding("first")
