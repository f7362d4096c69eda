"""A comment must not hold too many links."""

from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import SHOWN, Check, Finding, Span, Submission, parameter


@dataclass(frozen=True)
class Links(Check):
    """More links in the body than allowed. The evidence is their hosts."""

    slug = "links"
    title = {"ja": "リンクの数", "en": "Number of links"}
    sentences = {
        "many": {
            "ja": "リンクが{count}個あります（{most}個まで）。",
            "en": "Number of links: {count}; {most} are allowed.",
        },
    }

    # WordPress holds a comment from its second link on (`comment_max_links`); a reader who gives
    # the source for what he says may need one more.
    most: int = parameter(
        2,
        ja="本文に入れてよいリンクの数。これを超えると知らせます。",
        en="Links that a body may hold; one more is told of.",
        most=1_000,
    )

    def check(self, submission: Submission) -> Iterator[Finding]:
        found = submission.links
        if len(found) > self.most:
            yield Finding(
                "many",
                tuple(Span("body", link.start, link.end) for link in found[:SHOWN]),
                {"count": len(found), "most": self.most},
                tuple(link.host for link in found[:SHOWN]),
            )
