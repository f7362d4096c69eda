"""An e-mail address that is a sanctioned one in another dress."""

from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import Check, Finding, Needs, Submission, choice, parameter
from moderation.mailboxes import mailbox


@dataclass(frozen=True)
class EmailNearSanctioned(Check):
    """The address leads to the mailbox of a sanctioned one, or differs from it by a slip of the finger.

    The same mailbox: what follows a `+` is a tag, and Gmail sees no dots. A slip: of the part before the
    @ one letter is more, less or another, two have changed places or one went elsewhere; the domain is the
    same. Two people may well be so near, above all at the large services, so it never stops by itself.
    Addresses are compared by keys: nobody keeps the sanctioned one, and the finding names the sanction only.
    """

    slug = "email_near_sanctioned"
    for_staff = True
    actions = ("flag", "hold")
    title = {"ja": "投稿制限に近いメールアドレス", "en": "E-mail near a sanctioned one"}
    sentences = {
        "mailbox": {
            "ja": "投稿制限#{sanction}と同じ受信箱に届くメールアドレスです。",
            "en": "The e-mail address leads to the same mailbox as that of sanction #{sanction}.",
        },
        "spelling": {
            "ja": "投稿制限#{sanction}のメールアドレスと一字違い程度です。",
            "en": "The e-mail address is spelt nearly like that of sanction #{sanction}.",
        },
    }

    tell: tuple[str, ...] = choice(
        ("mailbox", "spelling"),
        ja="何を知らせるか。",
        en="What is told.",
        choices={
            "mailbox": {"ja": "同じ受信箱（+やドットの違い）", "en": "the same mailbox (plus-tags, dots)"},
            "spelling": {"ja": "一字違い程度のつづり", "en": "spelt nearly the same"},
        },
    )
    # With seven of eight letters the same it is hardly another name; of four letters many people's are.
    least: int = parameter(
        8,
        ja="つづりを比べる、@より前の文字数の下限（+以降とGmailのドットは除く）。",
        en="Characters before the @, without tag and Gmail's dots, from which spellings are compared.",
        least=3,
        most=64,
    )

    @property
    def needs(self) -> Needs:
        return Needs(sanctions=True, near_sanctions=True)

    def applies(self, submission: Submission) -> bool:
        return bool(submission.sanctions)

    def check(self, submission: Submission) -> Iterator[Finding]:
        long_enough = len(mailbox(submission.author_email)[0]) >= self.least
        for each in submission.sanctions:
            if each.by in self.tell and (each.by == "mailbox" or long_enough):
                yield Finding(each.by, (each.span,) if each.span else (), {"sanction": each.sanction})
