"""Whom a person has put under a sanction."""

from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import Check, Finding, Needs, Submission, choice


@dataclass(frozen=True)
class Sanctioned(Check):
    """The author, the address, a domain or the name is under a sanction that is in force.

    A sanction says who and until when, and the rule what becomes of the comment: so that its breaker,
    its quota and its try-out hold for it, too, and nobody rejects by adding a line to a list. A site that
    would reject some of them and hold others has two rules. The finding names the sanction by its
    number; e-mail and address are no part of it. A range of IPv6 addresses is a /64 at least.
    """

    slug = "sanctioned"
    for_staff = True
    title = {"ja": "投稿制限", "en": "Sanction"}
    sentences = {
        "author": {
            "ja": "この投稿者は投稿制限#{sanction}の対象です。",
            "en": "The author is under sanction #{sanction}.",
        },
        "email": {
            "ja": "このメールアドレスは投稿制限#{sanction}の対象です。",
            "en": "The e-mail address is under sanction #{sanction}.",
        },
        "address": {
            "ja": "このIPアドレスは投稿制限#{sanction}の対象です。",
            "en": "The network address is under sanction #{sanction}.",
        },
        "domain": {
            "ja": "リンクまたはメールアドレスのドメインが投稿制限#{sanction}の対象です。",
            "en": "The domain of a link or of the e-mail address is under sanction #{sanction}.",
        },
        "name": {
            "ja": "この名前は投稿制限#{sanction}の名前と見分けがつきません。",
            "en": "The name looks like that of sanction #{sanction}.",
        },
    }

    tell: tuple[str, ...] = choice(
        ("author", "email", "address", "domain", "name"),
        ja="どの種類の投稿制限を知らせるか。",
        en="Which kinds of sanction are told of.",
        choices={
            "author": {"ja": "投稿者ID", "en": "author’s id"},
            "email": {"ja": "メールアドレス", "en": "e-mail address"},
            "address": {"ja": "IPアドレスとその範囲", "en": "network address or range"},
            "domain": {"ja": "リンクやメールのドメイン", "en": "domain of links or e-mail"},
            "name": {"ja": "名前（見た目が同じものも）", "en": "name, and names that look the same"},
        },
    )

    @property
    def needs(self) -> Needs:
        return Needs(sanctions=True)

    def applies(self, submission: Submission) -> bool:
        return bool(submission.sanctions)

    def check(self, submission: Submission) -> Iterator[Finding]:
        for each in submission.sanctions:
            if each.by in self.tell:
                yield Finding(each.by, (each.span,) if each.span else (), {"sanction": each.sanction})
