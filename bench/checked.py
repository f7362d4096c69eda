"""The comments that `bench.checks` judges, with the facts that each check works on.

Most are what readers write; of each kind of trouble there are some, so that every check finds something
(a test holds it to that). A comment has the facts that the screening would have gathered for it, and of the
lists as many as is asked for: the newest fifty links of others, a crowd above the limit.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from bench.micro import LENGTH, TEXTS
from comments.drafts import Form, FormToken
from moderation.checks.base import Check, Sanctioned, Span, Submission
from moderation.checks.external import External
from moderation.checks.facts import Copy, LinkedBefore, NearCopy, ServiceAnswer, Standing
from moderation.near_text import own_text
from moderation.quotes import Quoted, Traced, Verdict

SEED = 20261122
NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)

PLAIN = [sentence + "。" for sentence in TEXTS["Japanese, nothing to fold"].split("。") if sentence]
ODD = [
    "出典は https://www.example.co.jp/news/2026/04/01/article_12345.html にあります。",
    "＞工事は三月に終わる\n本当でしょうか。",
    "利用者は１，２３４人から９８７人に減り、前年の８０％でした（市の資料）。",
    "ﾊﾞｽの屋根は助かります(^o^)",
    "さすがに笑いましたｗｗｗｗｗ",
    "NHKとJRの発表では2026年4月1日の10:30からだそうです。",
    "ありがとうございます！！！！ うれしい♪♪ 👍👍",
    "「反対の声はなかった」とは、どの議事録の何ページですか？",
    "Wi-Fiが使えるなら、iPadで資料を見られますね。The map in English would help, too.",
    "……と思っていたのですが、・・・どうでしょう。",
]
# What moderators see once in a while; each begins one comment in RARE.
TROUBLE = (
    "情報商材は https://bit.ly/3xYzAb と https://kasegu.example.jp/a と https://kasegu.example.jp/b へ。",
    "詳しくは mokeru[.]example[.]com か hxxps://kasegu.example.jp/ を見てください。",
    "連絡は 090-0000-0000 か sample@mail.example.com までお願いします。",
    "最高！！！！！！！！！！！！！！！！！！！！！！！！！！！！！！！！！",
    "ば\u200bか\u200bばかしい記事だと思いました。раypаl のお知らせです。",
    "THIS IS THE LAST TIME THAT I READ SUCH A STORY, AND NOBODY WILL MISS THE OLD STATION. " * 3,
    "見積書は円２４０００でした。",
)
RARE = 3
NAMES = (
    "松田",
    "港町の会計係",
    "なぎさ",
    "通りすがり",
    "Tom Ellery",
    "ﾀﾅﾍﾞ",
    "防災士の端くれ",
    "Ｋ．Ｓ．",
    "kasegu.example.com",
    "編集部",
    "名無し",
)
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
AGENTS = (AGENT, AGENT, AGENT, "python-requests/2.32.3")
EMAILS = (
    "reader{}@mail.example.jp",
    "reader{}@mail.example.jp",
    "r.{}+news@gmail.com",
    "{}@mailinator.com",
    "reader{}",
)
# In each list of words and of patterns one that some comments and names have, beside those that none has.
FOUND_WORDS, FOUND_PATTERN = ("会計係", "情報商材"), "円[0-9]{3,5}"


def comments(count: int) -> list[Submission]:
    """So many comments of authors with a history; always the same."""
    rng = random.Random(SEED)
    return [_comment(number, rng) for number in range(count)]


def _comment(number: int, rng: random.Random) -> Submission:
    body = _body(rng, TROUBLE[number // RARE % len(TROUBLE)] if number % RARE == 0 else "")
    times = tuple(NOW - timedelta(seconds=seconds) for seconds in (5, 10, 20, 30, 50, 400, 3_000))
    email = EMAILS[number % len(EMAILS)].format(number)
    return Submission(
        comment=number,
        revision=1,
        body=body,
        posted_at=NOW,
        arrived_at=NOW,
        author_name=rng.choice(NAMES),
        author_email=email,
        author_url="https://kasegu.example.jp/" if number % 20 == 0 else "",
        article_title="駅前の再開発、説明会で質問が相次ぐ",
        article_published_at=NOW - timedelta(days=2 if number % 4 else 400),
        user_agent=rng.choice(AGENTS),
        form=Form(FormToken.VALID, seconds=number % 40, trap=number % 50 == 0),
        quotes=_quotes(body, number),
        author_times=times if number % 10 == 0 else times[4:],
        address_times=times * 3,
        copies=_copies(times) if number % 10 == 0 else (),
        near=_near_copies(body, times) if number % 10 == 0 else (),
        crowd=tuple(NOW - timedelta(seconds=second) for second in range(60)),
        **_of_the_author(number, email),
    )


def _of_the_author(number: int, email: str) -> Mapping[str, Any]:
    """What decisions, sanctions, others' links and a service outside say of him and of his text."""
    sanctions = (
        Sanctioned(7, "email", Span("author_email", 0, len(email))),
        Sanctioned(8, "mailbox", Span("author_email", 0, len(email))),
        Sanctioned(9, "domain", Span("body", 0, 5)),
    )
    before = [
        LinkedBefore("example.jp", NOW - timedelta(hours=author), author, NOW - timedelta(days=1))
        for author in range(50)
    ]
    return {
        "sanctions": sanctions if number % 10 == 0 else (),
        "standing": Standing(0, 0, 2, 28) if number % 10 == 0 else Standing(12, 0, 14, 1),
        "linked": tuple(before),
        "author_first_at": NOW - timedelta(days=number % 30),
        "external": {External().service: ServiceAnswer(hit=number % 10 == 0, score=97, label="spam")},
    }


def _quotes(body: str, number: int) -> tuple[Traced, ...]:
    if number % 3:
        return ()
    # One in fifteen is hardly anything but its quote, which is in no source.
    length, verdict = (len(body) - 10, Verdict.MISSING) if number % 15 == 0 else (20, Verdict.VERBATIM)
    return (Traced(Quoted(0, length, body[:length]), verdict),)


def _copies(times: tuple[datetime, ...]) -> tuple[Copy, ...]:
    return tuple(Copy(at, time, same_author=at == 0, same_article=True) for at, time in enumerate(times[:3]))


def _near_copies(body: str, times: tuple[datetime, ...]) -> tuple[NearCopy, ...]:
    other = own_text(body)[:-20] + "ここだけは別の文章である"
    return tuple(
        NearCopy(at, time, at == 0, at, 92, exact=False, text=other) for at, time in enumerate(times[:4])
    )


def _body(rng: random.Random, beginning: str) -> str:
    pieces = [beginning]
    while sum(map(len, pieces)) < LENGTH:
        pieces.append(rng.choice(ODD) if rng.random() < 0.15 else rng.choice(PLAIN))
    return "".join(pieces)[:LENGTH]


# Parameters without which a check by its defaults looks at nothing, or at nothing that these comments have.
GIVEN: Mapping[str, Mapping[str, Any]] = {
    "link_domains": {"block": (*tuple(f"spam{at}.example.com" for at in range(500)), "kasegu.example.jp")},
    "links": {"most": 2},
    "link_share": {"percent": 20},
    "length": {"most": LENGTH - 1},
    "staff_name": {"names": tuple(f"記者{at}" for at in range(50))},
    "expression": {"expression": "published_before < 3 && (link_count > 2 || folded.contains('副業'))"},
    "form_time": {"required": True},
}


def busy(kind: type[Check], words: int, patterns: int) -> Check:
    """The check by its defaults, with so many words or patterns where it takes a list of them."""
    names = {field.name for field in fields(kind)}
    given: dict[str, Any] = dict(GIVEN.get(kind.slug, {}))
    if "words" in names:
        given["words"] = (*FOUND_WORDS, *islice(_words(), words - len(FOUND_WORDS)))
    if "patterns" in names:
        made = (f"{word}[0-9]{{2,4}}円?" for word in islice(_words(), patterns - 1))
        given["patterns"] = (FOUND_PATTERN, *made)
    return kind(**given)


def _words() -> Iterator[str]:
    """Words that no comment holds, Japanese and English in turn."""
    text = TEXTS["Japanese, nothing to fold"]
    for first in range(len(text) - 2):
        for second in "鬱鰐鼈蠍麒麟驢鷲鷺鷽鸚鵡黴黛鼬鼯鼾齟齬龕":
            yield f"{text[first : first + 2]}{second}郎"
            yield f"{chr(97 + first % 26)}{chr(97 + first // 26)}{ord(second) % 97}head"


def hits(check: Check, some: list[Submission]) -> int:
    """How many of the comments the check tells something of."""
    return sum(check.applies(comment) and any(True for _ in check.check(comment)) for comment in some)
