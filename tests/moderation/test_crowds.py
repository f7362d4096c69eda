"""Who came to an article just before: the fact behind `article_surge`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments import bulk
from comments.models import Article, Comment
from comments.services import CLOCK_TOLERANCE, Received
from moderation.checks.base import Needs
from moderation.crowds import _CROWD
from moderation.facts import Limits, claim, gather
from moderation.models import Finding
from moderation.services import screen
from moderation.services.guarding import guard
from tests import world
from tests.world import NOON, send


def arrive(article: Article, seconds: int, **fields: Any) -> Received:
    """A comment of an author of its own, so many seconds after noon."""
    given = {"author_email": f"s{seconds}@example.com", **fields}
    return send(
        article, f"{seconds}番目ですが、この記事はおかしい。", now=NOON + timedelta(seconds=seconds), **given
    )


def crowd(received: Received, rows: int = 50) -> list[int]:
    """Seconds after noon at which each other author last wrote."""
    claimed = gather(claim(Limits(100, 100, 100)).rows, Needs(crowd_seconds=60, crowd_rows=rows))
    (mine,) = [each.submission for each in claimed if each.row.id == received.comment_id]
    return [int((at - NOON).total_seconds()) for at in mine.crowd]


def test_each_other_author_counts_once(article: Article) -> None:
    arrive(article, 1)
    arrive(article, 2, author_email="s1@example.com")
    arrive(article, 3, author_email="", ip="192.0.2.1")
    arrive(article, 4, author_email="", ip="2001:db8::1")
    arrive(article, 5, author_email="", ip="2001:db8::1")
    arrive(world.make_article(article.site), 6)
    Comment.objects.filter(pk=arrive(article, 7).comment_id).update(withdrawn_at=NOON)
    Comment.objects.filter(pk=arrive(article, 8).comment_id).update(live=False)
    last = arrive(article, 10)
    assert crowd(last) == [5, 3, 2]
    assert crowd(last, rows=1) == [5]
    assert crowd(arrive(article, 62, author_email="", ip="2001:db8::1")) == [10, 3]


def test_those_past_the_limit_are_told_of(article: Article) -> None:
    world.make_rule("article_surge", params={"most": 3})
    for seconds in range(1, 6):
        arrive(article, seconds)
    screen()
    told = Finding.objects.order_by("id").values_list("decision__comment__author_email", "data__count")
    assert list(told) == [("s4@example.com", 4), ("s5@example.com", 5)]


def query_count(article: Article, first: int, many: int) -> int:
    for seconds in range(first, first + many):
        arrive(article, seconds)
    with CaptureQueriesContext(connection) as captured:
        assert screen().claimed == many
    return len(captured)


def test_queries_do_not_grow_with_the_batch(article: Article) -> None:
    world.make_rule("article_surge", params={"most": 1})
    query_count(article, 0, 2)
    few = query_count(article, 2, 2)
    assert query_count(article, 4, 40) == few


def test_a_crowd_is_found_by_index(article: Article) -> None:
    received = arrive(article, 1)
    guard()
    window = timedelta(minutes=5)
    keys = [[received.comment_id], [article.pk], [""], [NOON]]
    found = bulk.fetch(f"EXPLAIN {_CROWD}", [*keys, window, CLOCK_TOLERANCE, window, 60])
    plan = "\n".join(line for (line,) in found)
    assert "comment_thread" in plan
    assert "Seq Scan" not in plan
