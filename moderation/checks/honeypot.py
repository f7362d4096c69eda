"""A field that people do not see was filled in."""

from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import Check, Finding, Submission


@dataclass(frozen=True)
class Honeypot(Check):
    """The publisher's form has a field that is hidden from people, and something came in it.

    Machines fill in whatever they find; a browser that fills in addresses by itself does so, too, if the
    field has such a name. Only forms that send the field are looked at, and not what was in it.
    """

    slug = "honeypot"
    for_staff = True
    title = {"ja": "隠し項目への入力", "en": "Honeypot"}
    sentences = {
        "filled": {
            "ja": "人には見えない入力欄に何かが入力されていました。",
            "en": "A field of the form that people do not see was filled in.",
        },
    }

    def applies(self, submission: Submission) -> bool:
        return submission.live

    def check(self, submission: Submission) -> Iterator[Finding]:
        if submission.form.trap:
            yield Finding("filled")
