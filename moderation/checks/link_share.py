"""A comment must not be made of links."""

from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import SHOWN, Check, Finding, Span, Submission, parameter


@dataclass(frozen=True)
class LinkShare(Check):
    """Links make up too much of the body, blanks apart. The evidence is their hosts."""

    slug = "link_share"
    title = {"ja": "リンクの割合", "en": "Share of links"}
    sentences = {
        "share": {
            "ja": "本文の{share}％がリンクです（{percent}％未満まで）。",
            "en": "Links make up {share} % of the body; less than {percent} % is allowed.",
        },
    }

    # An address of 60 characters, as papers have them, beside 「出典です。」 makes up 92 %; beside one short
    # sentence three quarters.
    percent: int = parameter(
        90,
        ja="本文に占めるリンクの割合（％、空白を除く）。これに達すると知らせます。",
        en="Share of links in the body, in percent without blanks, that is told of.",
        least=1,
        most=100,
    )

    def check(self, submission: Submission) -> Iterator[Finding]:
        found = submission.links
        if not found:
            return
        characters = len("".join(submission.body.split()))
        share = 100 * sum(link.end - link.start for link in found) // characters
        if share >= self.percent:
            yield Finding(
                "share",
                tuple(Span("body", link.start, link.end) for link in found[:SHOWN]),
                {"share": share, "percent": self.percent},
                tuple(link.host for link in found[:SHOWN]),
            )
