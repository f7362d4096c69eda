"""A seeded newspaper: articles and comments, believable in length and mixture."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from bench.prose import ELSEWHERE, text
from comments.authors import author_key
from comments.ids import uuid7
from comments.models import Floor, Site
from comments.services import _COLUMNS
from moderation.text import stored_form

SEED = 20261122
# As an import or the API writes a comment.
COLUMNS = tuple(_COLUMNS)
START = datetime(2025, 1, 1, tzinfo=UTC)


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
            "", None, False, body, *form, 1, 1, posted, None, posted, True, "", "received",
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


def copy(rows: Iterable[tuple[Any, ...]], columns: Iterable[str] = COLUMNS) -> int:
    """COPY rows into the table of comments; how many."""
    names, count = ", ".join(columns), 0
    with connection.cursor() as cursor, cursor.copy(f"COPY comments_comment ({names}) FROM STDIN") as writer:
        for row in rows:
            writer.write_row(row)
            count += 1
    return count
