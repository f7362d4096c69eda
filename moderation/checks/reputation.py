"""What people have made of an author's earlier comments."""

from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import Check, Finding, Needs, Submission, choice, parameter
from moderation.scoring import wilson


@dataclass(frozen=True)
class Reputation(Check):
    """People have rejected too large a share of the author's earlier comments, or it cannot be ruled out.

    Only what people decided counts, of his newest comments at the site. The share is not taken as it
    stands: *poor* is told where even the lower end of its interval (Wilson, 95 %) reaches the limit, so that
    one rejection proves nothing; *unproven* where the upper end does, which is so for everybody of whom
    little has been judged. It is stored with the decision as it was then.
    """

    slug = "reputation"
    for_staff = True
    # A person's past is no judgement of what he writes today.
    actions = ("flag", "hold")
    title = {"ja": "投稿者の評判", "en": "Reputation"}
    sentences = {
        "poor": {
            "ja": "この投稿者は、人が判断した{judged}件のうち{refused}件が却下されています"
            "（確実に{bound}％以上）。",
            "en": "Of {judged} comments of this author that people judged they rejected {refused}: "
            "surely {bound} % or more.",
        },
        "unproven": {
            "ja": "この投稿者は、人が判断した{judged}件のうち{refused}件が却下されています"
            "（{bound}％まで達しうる）。",
            "en": "Of {judged} comments of this author that people judged they rejected {refused}: "
            "it may be as much as {bound} %.",
        },
    }

    tell: tuple[str, ...] = choice(
        ("poor",),
        ja="何を知らせるか。",
        en="What is told.",
        choices={
            "poor": {"ja": "却下の多いことが確か", "en": "surely rejected often"},
            "unproven": {
                "ja": "却下が少ないとまだ言えない（新しい投稿者も）",
                "en": "not yet known to be rejected seldom, as newcomers",
            },
        },
    )
    # More often rejected than not: sure after four of four, or seven of eight.
    percent: int = parameter(
        50,
        ja="人に却下されたコメントの割合（％）。信頼区間の端がここに達すると知らせます。",
        en="Share of comments rejected by people, in percent, that an end of the interval must reach.",
        least=1,
        most=100,
    )

    @property
    def needs(self) -> Needs:
        return Needs(standing=True)

    def applies(self, submission: Submission) -> bool:
        return submission.standing is not None and submission.standing.known

    def check(self, submission: Submission) -> Iterator[Finding]:
        if submission.standing is None:
            return
        refused = submission.standing.refused
        judged = refused + submission.standing.approved
        interval = wilson(refused, judged)
        for code, end in (("poor", interval.low), ("unproven", interval.high)):
            if code in self.tell and end * 100 >= self.percent:
                yield Finding(code, data={"judged": judged, "refused": refused, "bound": int(end * 100)})
                return
