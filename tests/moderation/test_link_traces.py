"""Who linked there before: the traces of stored comments, and the facts made from them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments import bulk
from comments.erasing import erase
from comments.models import Article, Comment
from comments.services import Received, edit
from moderation.checks.base import Needs
from moderation.facts import Limits, claim, gather
from moderation.linked import _LINKED
from moderation.models import Finding, LinkTrace
from moderation.services import screen
from moderation.services.guarding import guard
from tests import world
from tests.moderation.checks.test_disguised_links import BODIES
from tests.world import NOON, send

SPAM = "無料で稼げます https://kasegu.example.jp/a?{}"
NEEDS = Needs(link_seconds=86_400, link_rows=50)


def spam(article: Article, number: int, **fields: Any) -> Received:
    at = NOON + timedelta(minutes=number)
    given = {"author_email": f"n{number}@example.com", **fields}
    return send(article, SPAM.format(number), now=at, **given)


def domains(received: Received) -> list[str]:
    return sorted(LinkTrace.objects.filter(comment=received.comment_id).values_list("domain", flat=True))


def authors_before(received: Received) -> int:
    """Other authors who linked there before, as a claim gathers it."""
    rows = claim(Limits(100, 100, 100)).rows
    (claimed,) = [each for each in gather(rows, NEEDS) if each.row.id == received.comment_id]
    return len({each.author for each in claimed.submission.linked})


def test_only_comments_with_links_are_traced(article: Article) -> None:
    plain = send(article, "駅前の工事はいつ終わりますか。www もうすぐ。")
    linking = send(
        article,
        "https://a.example.co.jp/ と http://b.EXAMPLE.co.jp と http://192.0.2.7/ と https://ｓｐａｍ.jp/",
        author_url="www.my.example.com",
    )
    assert domains(plain) == []
    assert domains(linking) == ["192.0.2.7", "example.co.jp", "example.com", "spam.jp"]


@pytest.mark.parametrize(
    "body",
    [
        "詳しくは mokeru[.]example.com へ",
        "mokeru(dot)example(dot)com",
        "「mokeruドットexampleどっとcom」で検索",
        "ｍｏｋｅｒｕ．ｅｘａｍｐｌｅ．ｃｏｍ で検索",
        "mokeru.example。com で検索",
        "hxxps://mokeru.example.com/a",
        "ｈｔｔｐｓ：／／ｍｏｋｅｒｕ．ｅｘａｍｐｌｅ．ｃｏｍ／",
        "ht\u200btps://mokeru.example.com/",
        "mokeru【点】example｛．｝com と mokeru{ . }example.com",
    ],
)
def test_hidden_links_are_traced_whatever_they_are_hidden_by(article: Article, body: str) -> None:
    received = send(article, body)
    assert domains(received) == ["example.com"]


def test_every_hidden_link_that_the_checks_find_is_traced(article: Article) -> None:
    hidden = [body for body, code, _ in BODIES if code == "hidden"]
    assert len(hidden) > 15
    assert [body for body in hidden if not domains(send(article, body))] == []


def test_hidden_links_of_three_new_authors_are_told_of(article: Article) -> None:
    world.make_rule("new_author_links")
    bodies = [
        "副業は kasegu[.]example へ",
        "kasegu(dot)example",
        "hxxp://kasegu.example/x",
        "kaseguドットexample",
    ]
    for number, body in enumerate(bodies):
        send(
            article,
            body.replace("example", "co.jp"),
            now=NOON + timedelta(minutes=number),
            author_email=f"h{number}@example.com",
        )
    screen()
    assert [each.data["count"] for each in Finding.objects.order_by("id")] == [3, 4]


def test_an_edit_is_traced_anew_and_an_erasure_leaves_nothing(article: Article) -> None:
    received = spam(article, 1)
    comment = Comment.objects.get(pk=received.comment_id)
    edit(comment, "直しました。http://example.org/ です。", now=NOON)
    assert domains(received) == ["example.org"]
    erase([comment.pk], now=NOON)
    assert domains(received) == []


def test_authors_are_told_apart(article: Article) -> None:
    spam(article, 1)
    spam(article, 2, author_email="n1@example.com")
    spam(article, 3, author_email="", ip="192.0.2.1")
    spam(article, 4, author_email="", ip="192.0.2.2")
    spam(article, 5, author_email="", ip="192.0.2.2")
    spam(world.make_article(world.make_site("yugure")), 6)
    Comment.objects.filter(pk=spam(article, 7).comment_id).update(withdrawn_at=NOON)
    assert authors_before(spam(article, 8)) == 3
    assert authors_before(spam(article, 9, author_email="n1@example.com")) == 3


def test_only_what_stands_before_counts_whatever_was_stored_first(article: Article) -> None:
    spam(article, 5)
    late = spam(article, 3)
    spam(article, 2)
    assert authors_before(late) == 1


def test_the_third_new_author_is_told_of_and_a_reader_of_long_standing_is_not(article: Article) -> None:
    send(article, "いつも読んでいます。", now=NOON - timedelta(days=30), author_email="n2@example.com")
    world.make_rule("new_author_links")
    for number in range(1, 6):
        spam(article, number)
    screen()
    told = Finding.objects.order_by("id").values_list("decision__comment__author_email", "data__count")
    assert list(told) == [("n4@example.com", 3), ("n5@example.com", 4)]


def query_count(article: Article, many: int) -> int:
    for number in range(many):
        spam(article, number)
    with CaptureQueriesContext(connection) as captured:
        assert screen().claimed == many
    return len(captured)


def test_queries_do_not_grow_with_the_batch(article: Article) -> None:
    world.make_rule("new_author_links", params={"authors": 2})
    spam(article, 0, author_email="first@example.com")
    screen()
    query_count(article, 1)
    few = query_count(article, 2)
    assert query_count(article, 40) == few


def test_what_came_before_is_found_by_index(article: Article) -> None:
    received = spam(article, 1)
    guard()
    keys = [[received.comment_id], ["example.jp"], [article.site_id], [NOON], [True], [None], [None]]
    found = bulk.fetch(f"EXPLAIN {_LINKED}", [*keys, timedelta(days=3), 50])
    plan = "\n".join(line for (line,) in found)
    assert "Seq Scan" not in plan
    # Of an author's first comment the index depends on the version, while there is but one comment.
    assert "linktrace_by_domain" in plan
