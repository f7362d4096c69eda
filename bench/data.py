"""A seeded newspaper: articles and comments, believable in length and mixture."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from comments.authors import author_key
from comments.ids import uuid7
from comments.models import Floor, Site
from comments.services import _COLUMNS
from moderation.text import stored_form

SEED = 20261122
START = datetime(2025, 1, 1, tzinfo=UTC)

TOPICS = [
    "港の再開発",
    "鉄道の減便",
    "給食費の無償化",
    "橋の架け替え",
    "図書館の移転",
    "水道料金",
    "防災訓練",
    "路線バス",
    "空き家対策",
    "市民病院",
]
SUBJECTS = [
    "市は",
    "県は",
    "議会は",
    "住民は",
    "町内会は",
    "専門家は",
    "事業者は",
    "担当課は",
    "利用者は",
    "近隣の店は",
]
PARTS = [
    "来年度から",
    "三月末までに",
    "段階的に",
    "予定どおり",
    "秋の補正予算で",
    "住民説明会のあとで",
    "当面のあいだ",
    "全額を",
]
VERBS = [
    "始めると発表した。",
    "見直すべきだ。",
    "反対している。",
    "説明が足りないと思う。",
    "賛成の声も多い。",
    "費用は{n}億円に上る。",
    "{n}人が参加した。",
    "結論を先送りした。",
    "もう少し様子を見たい。",
    "知りませんでした。",
    "数字の根拠を示してほしい。",
]
# Of other pages: a quote from nowhere must not be like what readers write here, or it is an altered one.
ELSEWHERE = (
    ["雪解けの遅い谷では", "古い灯台のそばで", "祖母の日記には", "望遠鏡をのぞくと", "台所の窓辺に"],
    [
        "渡り鳥が羽を休め",
        "木星の縞がにじみ",
        "梅干しの壺が並び",
        "夜行列車の汽笛が響き",
        "猫が毛づくろいをし",
    ],
    [
        "、誰も気にとめなかったらしい。",
        "、翌朝には霜が降りた。",
        "、手紙の返事を待っていた。",
        "、眠れぬまま明け方になった。",
    ],
)


def sentence(rng: random.Random) -> str:
    """One sentence of some 30 characters."""
    verb = rng.choice(VERBS).format(n=rng.randint(2, 980))
    return f"{rng.choice(SUBJECTS)}{rng.choice(TOPICS)}について、{rng.choice(PARTS)}{verb}"


def text(rng: random.Random, sentences: int) -> str:
    """A text of so many sentences."""
    return "".join(sentence(rng) for _ in range(sentences))


@dataclass(frozen=True, slots=True)
class World:
    """The ids of what was made, and what can be quoted of each article."""

    site: Site
    articles: list[int]
    quotable: dict[int, list[str]]


def make_world(articles: int, rng: random.Random) -> World:
    """A site with so many articles of some 900 characters."""
    site = Site.objects.create(slug="bench", name="Bench", floor=Floor.OPEN)
    bodies = ["\n".join(text(rng, 5) for _ in range(6)) for _ in range(articles)]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO comments_article
                   (site_id, external_id, url, title, body, source, related, credit, floor, revision)
               SELECT %s, n::text, '', '題', b, '', '[]', '', '', 1
               FROM unnest(%s::text[]) WITH ORDINALITY AS k(b, n) RETURNING id""",
            [site.pk, bodies],
        )
        ids = [key for (key,) in cursor.fetchall()]
        cursor.execute(
            """INSERT INTO comments_articlerevision (article_id, number, title, body)
               SELECT id, 1, title, body FROM comments_article WHERE site_id = %s""",
            [site.pk],
        )
    return World(
        site, ids, {key: [body.split("。")[0] + "。"] for key, body in zip(ids, bodies, strict=True)}
    )


def rows(
    world: World,
    articles: Sequence[int],
    bodies: Iterable[str],
    at: datetime,
    step: timedelta,
    rng: random.Random,
) -> Iterator[tuple[Any, ...]]:
    """Comments of readers, `step` apart, as rows of `comments_comment`."""
    for number, body in enumerate(bodies):
        posted = at + number * step
        reader = rng.randrange(60_000)
        odd = rng.random()
        name = "" if odd < 0.03 else f"読者{reader}"
        email = "" if odd < 0.05 else "壊れた住所" if odd < 0.06 else f"reader{reader}@example.com"
        ip = f"198.{reader % 200}.{reader // 200 % 250}.{rng.randrange(250)}"
        form = stored_form(body)
        key = author_key(world.site.pk, "", email)
        article = articles[number % len(articles)]
        yield (
            uuid7(), world.site.pk, article, "bench", None, None, "comment", None, None, "",
            name, email, "", "", False, key, True, ip, "Mozilla/5.0",
            body, *form, 1, 1, posted, None, posted, True, "", "received",
        )  # fmt: skip


def plain_bodies(rng: random.Random, count: int) -> Iterator[str]:
    """Comments of 60 to 200 characters."""
    return (text(rng, rng.randint(2, 6)) for _ in range(count))


def mixed_bodies(world: World, articles: Sequence[int], rng: random.Random, count: int) -> Iterator[str]:
    """A third quotes: word for word, folded, or from nowhere; the rest with the usual oddities."""
    for number in range(count):
        body, dice = text(rng, rng.randint(2, 6)), rng.random()
        if number % 3 == 0:
            known = world.quotable[articles[number % len(articles)]]
            quoted = rng.choice(known) if dice < 0.7 else "".join(rng.choice(part) for part in ELSEWHERE)
            if 0.45 < dice < 0.7:
                quoted = quoted[: len(quoted) // 2] + "\n>" + quoted[len(quoted) // 2 :]
            body = f">{quoted}\n{body}"
        elif dice < 0.05:
            body += " https://example.com/a https://example.com/b https://example.net/c"
        elif dice < 0.08:
            body += "馬鹿じゃないのか。"
        yield body


def copy(rows: Iterable[tuple[Any, ...]]) -> int:
    """COPY rows into the table of comments; how many."""
    names, count = ", ".join(_COLUMNS), 0
    with connection.cursor() as cursor, cursor.copy(f"COPY comments_comment ({names}) FROM STDIN") as writer:
        for row in rows:
            writer.write_row(row)
            count += 1
    return count
