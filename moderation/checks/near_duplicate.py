"""Nearly the same text again, with a few words of it changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from moderation.checks.base import SHOWN, Check, Finding, Needs, Span, Submission, parameter
from moderation.checks.facts import NearCopy
from moderation.near_text import common_places, own_text

# Fewer than in `repeated_text`, for each is compared letter by letter.
LOOKED_AT = 20


@dataclass(frozen=True)
class NearDuplicate(Check):
    """Earlier comments of the site say the same in nearly the same letters.

    A template with another name, number or link in it, a text with a word or
    two changed. Compared is what the author wrote himself: quoted blocks and
    links do not count, and every number is like every other. What is letter
    for letter the same is `repeated_text`'s: such copies are counted, but at
    least one must differ. Of longer texts the first 2,000 letters are looked
    at. What is lit is what the comment has in common with the one most like it.
    """

    slug = "near_duplicate"
    title = {"ja": "ほぼ同じ文章の繰り返し", "en": "Nearly the same text"}
    sentences = {
        "own": {
            "ja": "同じ投稿者が{hours}時間以内にほぼ同じ文章を{count}回以上投稿しています。"
            "最も近いのはコメント{nearest}です（一致{percent}%）。",
            "en": "Earlier comments by this author with nearly the same text in {hours} hours: "
            "at least {count}. Most alike is comment {nearest}, by {percent} %.",
        },
        "others": {
            "ja": "別の投稿者{authors}人以上が{hours}時間以内にほぼ同じ文章を{count}回以上投稿しています。"
            "最も近いのはコメント{nearest}です（一致{percent}%）。",
            "en": "Earlier comments by others with nearly the same text in {hours} hours: at least {count}, "
            "by at least {authors} authors. Most alike is comment {nearest}, by {percent} %.",
        },
    }

    # As in `repeated_text`, and so are the hours.
    own: int = parameter(
        1,
        ja="同じ投稿者によるほぼ同じ文章がこの数に達すると知らせます。0なら調べません。",
        en="Earlier near copies by the same author that make a finding; 0 asks for none.",
        most=LOOKED_AT,
    )
    # As in `repeated_text`: two may have begun with the same form letter, three strangers in a day seldom.
    others: int = parameter(
        3,
        ja="別の投稿者によるほぼ同じ文章がこの数に達すると知らせます。0なら調べません。",
        en="Earlier near copies by others that make a finding; 0 asks for none.",
        most=LOOKED_AT,
    )
    hours: int = parameter(24, ja="さかのぼる時間。", en="Hours to look back.", least=1, most=24 * 90)
    # No two unrelated comments of the labelled corpus (58,000 pairs of 20 letters and more) have more than 63
    # per cent in common; the copies in it that are disguised have 80 and more. Of 40 letters, 80 leaves room
    # for another name of eight.
    percent: int = parameter(
        80,
        ja="文字の何パーセントが一致すれば、ほぼ同じとみなすか。",
        en="Per cent of the letters that two texts must have in common.",
        least=70,
        most=100,
    )
    # What many write of one accident is as alike as a template: 「突然の訃報に接し、心よりお悔やみ申し
    # 上げます。謹んでご冥福をお祈りいたします」 has 36 letters, 「被災された皆様に心よりお見舞い申し上げ
    # ます。一日も早い復旧をお祈りしております」 38, and each has 84 per cent and more of the next one's.
    least: int = parameter(
        40,
        ja="短いあいさつを除くための、最小の文字数（空白・記号・引用・リンクを除く）。",
        en="Letters that the comment must have, without blanks, punctuation, quotes and links.",
        least=20,
        most=2_000,
    )

    @property
    def needs(self) -> Needs:
        return Needs(near_seconds=self.hours * 3600, near_rows=LOOKED_AT)

    def check(self, submission: Submission) -> Iterator[Finding]:
        since, now = submission.since(self.hours * 3600), submission.now
        near = [
            each for each in submission.near if each.percent >= self.percent and since < each.posted_at <= now
        ]
        if not near or len(own_text(submission.body)) < self.least:
            return
        own = [each for each in near if each.same_author]
        others = [each for each in near if not each.same_author]
        for code, found, enough in (("own", own, self.own), ("others", others, self.others)):
            if 0 < enough <= len(found) and not all(each.exact for each in found):
                yield self._finding(code, found, submission)

    def _finding(self, code: str, found: Sequence[NearCopy], submission: Submission) -> Finding:
        # Of those equally like it the newest, which comes first.
        nearest = max(found, key=lambda each: each.percent)
        spans = [Span("body", *place) for place in common_places(submission.body, nearest.text)[:SHOWN]]
        data = {
            "count": len(found),
            "hours": self.hours,
            "authors": len({each.author for each in found}),
            "nearest": nearest.comment,
            "percent": nearest.percent,
        }
        return Finding(code, tuple(spans), data)
