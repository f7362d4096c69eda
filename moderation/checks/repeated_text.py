"""The same text again, by its author or by others."""

from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import Check, Finding, Needs, Span, Submission, parameter
from moderation.text import bare

# Of a petition that hundreds paste, an author's own second copy stands among those of others.
LOOKED_AT = 50


@dataclass(frozen=True)
class RepeatedText(Check):
    """The same letters and digits stood in earlier comments of the site."""

    slug = "repeated_text"
    title = {"ja": "同じ文章の繰り返し", "en": "Repeated text"}
    sentences = {
        "own": {
            "ja": "同じ投稿者が{hours}時間以内に同じ文章を{count}回以上投稿しています。",
            "en": "Earlier comments by this author with the same text in {hours} hours: at least {count}.",
        },
        "others": {
            "ja": "別の投稿者が{hours}時間以内に同じ文章を{count}回以上投稿しています。",
            "en": "Earlier comments by others with the same text in {hours} hours: at least {count}.",
        },
    }

    # WordPress, too, refuses an author's second comment with the same text.
    own: int = parameter(
        1,
        ja="同じ投稿者による前の同文がこの数に達すると知らせます。0なら調べません。",
        en="Earlier copies by the same author that make a finding; 0 asks for none.",
        most=100,
    )
    # Two readers may paste the same line of a petition; three strangers in a day seldom do by chance.
    others: int = parameter(
        3,
        ja="別の投稿者による前の同文がこの数に達すると知らせます。0なら調べません。",
        en="Earlier copies by others that make a finding; 0 asks for none.",
        most=100,
    )
    # Our own judgement: on the next day one may well say the same of the next article.
    hours: int = parameter(
        24,
        ja="さかのぼる時間。",
        en="Hours to look back.",
        least=1,
        most=24 * 90,
    )
    # 「心よりご冥福をお祈り申し上げます」 has 16 characters, "thank you very much" as many letters.
    least: int = parameter(
        20,
        ja="短いあいさつを除くための、最小の文字数（空白と記号を除く）。",
        en="Characters that a text must have, blanks and punctuation apart: greetings are no repetition.",
        least=1,
        most=20_000,
    )

    @property
    def needs(self) -> Needs:
        return Needs(copy_seconds=self.hours * 3600, copy_rows=self._rows)

    @property
    def _rows(self) -> int:
        """Copies that are looked at: enough of either kind, should the newest be of the other."""
        return max(self.own + self.others, LOOKED_AT)

    def check(self, submission: Submission) -> Iterator[Finding]:
        if not submission.copies or len(bare(submission.folded.text)) < self.least:
            return
        since, now = submission.since(self.hours * 3600), submission.now
        # Another rule may have asked for more: the counts must not tell.
        asked = submission.copies[: self._rows]
        copies = [each for each in asked if since < each.posted_at <= now]
        own = sum(each.same_author for each in copies)
        spans = (Span("body", 0, len(submission.body)),)
        for code, count, enough in (("own", own, self.own), ("others", len(copies) - own, self.others)):
            if 0 < enough <= count:
                yield Finding(code, spans, {"count": count, "hours": self.hours})
