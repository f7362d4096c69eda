"""A seeded newspaper's archive: ten to ninety comments an article, over several years.

Every article is made from its own number, so that an archive of any length is
written in the memory of one article, and any part of it can be made again.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.prose import ELSEWHERE, SUBJECTS, TOPICS, english, sentence, text

START = datetime(2015, 4, 1, tzinfo=UTC)
# Six articles a day: twenty thousand of them, a million comments, end in 2024.
_BETWEEN = timedelta(hours=4)
PER_ARTICLE = 50
READERS = 30_000
# A page of 45 comments that was read by hand had three that quoted; beside
# them the third of replies that a busy newspaper's comments have.
_QUOTING = 0.08
_REPLIES = 0.33
_PINGS = 0.004
_ENGLISH = 0.1
_STATES = (("approved", 0.94), ("pending", 0.03), ("spam", 0.02), ("trash", 0.01))

_FAMILIES = (
    *("佐藤", "鈴木", "高橋", "田中", "渡辺", "伊藤", "山本", "中村", "小林", "加藤"),
    *("吉田", "山田", "佐々木", "山口", "松本", "井上", "木村", "林", "清水", "斎藤"),
)
_HANDLES = (
    "みなと",
    "風見鶏",
    "港町の住人",
    "Nagisa",
    "old_ferry",
    "二児の母",
    "通勤者",
    "TK",
    "庭師",
    "hal",
)


@dataclass(frozen=True, slots=True)
class Comment:
    """What a reader or another site left; `number` and `parent` are unique in the archive."""

    number: int
    parent: int
    name: str
    email: str
    site: str
    ip: str
    user: str
    posted_at: datetime
    body: str
    state: str
    ping: bool


@dataclass(frozen=True, slots=True)
class Article:
    """An article with its comments, oldest first."""

    number: int
    title: str
    link: str
    published_at: datetime
    body: str
    comments: tuple[Comment, ...]


def articles_of(comments: int) -> int:
    """How many articles an archive of so many comments has."""
    return -(-comments // PER_ARTICLE)


def articles(seed: int, comments: int) -> Iterator[Article]:
    """The archive, oldest first."""
    return (article(seed, comments, number) for number in range(articles_of(comments)))


def article(seed: int, comments: int, number: int) -> Article:
    """One article of an archive that has `comments` in all."""
    rng = random.Random(f"{seed} {number}")
    published = START + number * _BETWEEN + timedelta(minutes=rng.randrange(200))
    body = "\n\n".join(text(rng, rng.randint(4, 8)) for _ in range(rng.randint(7, 11)))
    first, count = _share(comments, number)
    return Article(
        number + 1,
        f"{rng.choice(TOPICS)}をめぐり{rng.choice(SUBJECTS).removesuffix('は')}に聞く（{number + 1}）",
        f"https://asagiri.example.jp/{published:%Y/%m}/{number + 1}",
        published,
        body,
        tuple(_comments(rng, first, count, published, body)),
    )


def _share(comments: int, number: int) -> tuple[int, int]:
    """The place of an article's first comment and how many it has: of two neighbours
    one has so many more than the average as the other has fewer."""
    left = comments - number * PER_ARTICLE
    odd = number % 2
    pair_is_whole = left + odd * PER_ARTICLE >= 2 * PER_ARTICLE
    more = (number // 2 * 7) % (PER_ARTICLE - 9) if pair_is_whole else 0
    first = number * PER_ARTICLE + (more if odd else 0)
    return first, PER_ARTICLE - more if odd and more else min(PER_ARTICLE + more, left)


def _comments(
    rng: random.Random, first: int, count: int, published: datetime, body: str
) -> Iterator[Comment]:
    passages = [f"{part}。" for part in body.replace("\n", "").split("。") if part]
    # Most is written on the first day, some weeks later.
    times = sorted(min(rng.expovariate(1 / 80_000), 4e6) for _ in range(count))
    for place, after in enumerate(times):
        ping = rng.random() < _PINGS
        answers = place > 0 and rng.random() < _REPLIES
        written = _body(rng, passages)
        name, email, site, ip, user = _reader(rng)
        yield Comment(
            first + place + 1,
            first + rng.randint(max(1, place - 15), place) if answers and not ping else 0,
            name if not ping else "みなとの日記",
            email if not ping else "",
            site if not ping else f"https://blog.example.net/{first + place}",
            ip,
            user if not ping else "",
            published + timedelta(seconds=int(after)),
            written if not ping else f"[&#8230;] {sentence(rng)} [&#8230;]",
            rng.choices([state for state, _ in _STATES], [share for _, share in _STATES])[0],
            ping,
        )
        passages.append(written.partition("。")[0].rpartition("\n")[2] + "。")


def _body(rng: random.Random, passages: list[str]) -> str:
    """60 to 400 characters as they are typed; a tenth in English, some with a quote or a link."""
    if rng.random() < _ENGLISH:
        written = " ".join(english(rng) for _ in range(rng.randint(1, 6)))
    else:
        written = text(rng, rng.randint(2, 11))
    dice = rng.random()
    if dice < _QUOTING:
        return f"{_quote(rng, passages)}\n{written}"
    if dice < _QUOTING + 0.1:
        middle = written.find("。", len(written) // 2) + 1
        return f"{written[:middle]}\n\n{written[middle:]}".strip()
    if dice < _QUOTING + 0.12:
        return f"{written}\nhttps://www.example.org/{rng.randrange(10_000)}?a=1&b=2"
    return written


def _quote(rng: random.Random, passages: list[str]) -> str:
    """A passage behind `>`: word for word, folded, altered, or from nowhere."""
    passage, dice = rng.choice(passages), rng.random()
    half = len(passage) // 2
    if dice < 0.6:
        return f"> {passage}"
    if dice < 0.75:
        return f"> {passage[:half]}\n> {passage[half:]}"
    if dice < 0.9:
        return f"> {passage[:half]}けっして{passage[half + 2 :]}"
    return f"> {''.join(rng.choice(part) for part in ELSEWHERE)}"


def _reader(rng: random.Random) -> tuple[str, str, str, str, str]:
    """Name, e-mail, website, address and user name of one reader; a few leave out what they can."""
    reader = int(READERS * rng.random() ** 2)
    one = random.Random(reader)
    name = one.choice(_FAMILIES) if one.random() < 0.5 else one.choice(_HANDLES) + str(reader)
    dice = rng.random()
    return (
        "" if dice < 0.02 else name,
        "" if 0.01 < dice < 0.05 else f"reader{reader}@mail.example.com",
        f"https://reader{reader}.example.net/" if one.random() < 0.05 else "",
        f"198.18.{reader // 250}.{reader % 250 + 1}",
        f"reader{reader}" if one.random() < 0.4 else "",
    )
