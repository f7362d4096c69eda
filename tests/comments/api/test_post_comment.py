from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.utils import timezone

from comments.articles import put_article
from comments.drafts import ArticleDraft
from comments.models import Article, Comment, CommentRevision, Floor, Site
from tests import world
from tests.publisher import COMMENTS, Publisher, problem

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

WHOLE: dict[str, Any] = {
    "author_name": "汐見",
    "author_email": "shiomi@mail.example",
    "author_url": "https://shiomi.example/",
    "author_id": "reader-88",
    "author_verified": True,
    "body": "桟橋の改修は\n冬までに終わるのでしょうか。",
    "ip": "2001:db8::7",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
}


def test_a_comment_is_stored_as_it_was_sent(publisher: Publisher, known: str) -> None:
    response = publisher.post(article=known, **WHOLE)
    assert response.status_code == 202
    answer = response.json()
    assert answer["status"] == "received"
    assert answer["outcome"] == "created"
    assert answer["status_url"] == f"http://testserver{COMMENTS}{answer['id']}/" == response["Location"]
    comment = Comment.objects.get(public_id=answer["id"])
    assert {name: getattr(comment, name) for name in WHOLE} == WHOLE | {"ip": "2001:db8::7"}
    assert (comment.source, comment.live, comment.article.external_id) == ("api", True, known)


def test_a_comment_without_name_and_address_is_the_rules_business(publisher: Publisher, known: str) -> None:
    response = publisher.post(article=known, body="名前はありません。", author_name=None, author_email="")
    assert response.status_code == 202
    assert Comment.objects.get().author_name == ""


@pytest.mark.parametrize(
    "spelling", ["https://EXAMPLE.com:443/pier?utm_source=mail#top", "https://example.com/pier"]
)
def test_an_article_is_known_by_any_of_its_urls(publisher: Publisher, site: Site, spelling: str) -> None:
    for url in ("https://example.com/pier", "https://example.com/harbour/pier"):
        put_article(ArticleDraft(external_id="p1", url=url, body="桟橋の話"), site)
    assert publisher.post(article_url=spelling, body="古い住所から").status_code == 202


def test_a_parent_is_a_comment_of_the_same_article(publisher: Publisher, site: Site, known: str) -> None:
    first = publisher.post(article=known, body="一番乗り").json()["id"]
    second = publisher.post(article=known, body="二番", parent=first)
    assert Comment.objects.get(public_id=second.json()["id"]).parent == Comment.objects.get(public_id=first)
    elsewhere = world.make_article(site).external_id
    error = problem(publisher.post(article=elsewhere, body="別の記事で", parent=first), 422, "refused")
    assert error["errors"] == [
        {
            "field": "parent",
            "value": first,
            "mend": "no such comment is at this article: send the id of one that is.",
            "code": "unknown-parent",
        }
    ]


@pytest.mark.parametrize("minutes", [-60, -4, 0, 4, 60])
def test_the_time_of_a_live_comment_is_held_to_five_minutes(
    publisher: Publisher, known: str, minutes: int
) -> None:
    before = timezone.now()
    claimed = before + timedelta(minutes=minutes)
    publisher.post(article=known, body="今書きました", posted_at=claimed.isoformat())
    comment = Comment.objects.get()
    if abs(minutes) <= 4:
        assert (comment.posted_at, comment.claimed_posted_at) == (claimed, None)
    else:
        edge = timedelta(minutes=5 if minutes > 0 else -5)
        assert before + edge <= comment.posted_at <= timezone.now() + edge
        assert comment.claimed_posted_at == claimed


def test_an_external_id_sent_again_is_the_same_comment(publisher: Publisher, known: str) -> None:
    first = publisher.post(article=known, body="初稿", external_id="c1").json()
    again = publisher.post(article=known, body="初稿", external_id="c1").json()
    edited = publisher.post(article=known, body="第二稿", external_id="c1").json()
    assert [first["outcome"], again["outcome"], edited["outcome"]] == ["created", "unchanged", "updated"]
    assert first["id"] == again["id"] == edited["id"]
    assert Comment.objects.get().body == "第二稿"
    assert CommentRevision.objects.get().body == "初稿"


def test_an_external_id_stays_with_its_article(publisher: Publisher, site: Site, known: str) -> None:
    publisher.post(article=known, body="ここの話", external_id="c1")
    other = world.make_article(site).external_id
    problem(publisher.post(article=other, body="よその話", external_id="c1"), 409, "disagreement")
    assert Comment.objects.get().body == "ここの話"


@pytest.mark.parametrize(
    ("site_floor", "article_floor", "status"),
    [
        (Floor.OPEN, "", 202),
        (Floor.HOLD_ALL, "", 202),
        (Floor.OPEN, Floor.CLOSED, 409),
        (Floor.CLOSED, "", 409),
        (Floor.CLOSED, Floor.OPEN, 202),
    ],
)
def test_closed_comments_take_nothing_in(
    publisher: Publisher, article: Article, site_floor: str, article_floor: str, status: int
) -> None:
    Site.objects.update(floor=site_floor)
    Article.objects.update(floor=article_floor)
    response = publisher.post(article=article.external_id, body="まだ間に合いますか")
    assert response.status_code == status
    assert Comment.objects.count() == (status == 202)
    if status == 409:
        problem(response, 409, "closed")


REFUSED = [
    ({"article": None}, "article", "required"),
    ({"article_url": "https://example.com/1"}, "article", "required"),
    ({"article": "nowhere"}, "article", "unknown-article"),
    ({"article": "a\0"}, "article", "unstorable"),
    ({"article": 12}, "article", "wrong-type"),
    ({"article": "x" * 201}, "article", "too-long"),
    ({"article": None, "article_url": "https://example.com/nowhere"}, "article_url", "unknown-article"),
    ({"article": None, "article_url": "ftp://example.com/"}, "article_url", "url"),
    ({"article": None, "article_url": "/relative"}, "article_url", "url"),
    ({"body": None}, "body", "null"),
    ({"body": ""}, "body", "blank"),
    ({"body": " \n　"}, "body", "blank"),
    ({"body": 12}, "body", "wrong-type"),
    ({"body": ["a"]}, "body", "wrong-type"),
    ({"body": "字" * 20_001}, "body", "too-long"),
    ({"body": "a\0b"}, "body", "unstorable"),
    ({"body": "a\ud800b"}, "body", "unstorable"),
    ({"author_name": "n" * 201}, "author_name", "too-long"),
    ({"author_name": True}, "author_name", "wrong-type"),
    ({"author_name": "\udfff"}, "author_name", "unstorable"),
    ({"author_email": "e" * 255}, "author_email", "too-long"),
    ({"author_url": "u" * 2_001}, "author_url", "too-long"),
    ({"author_id": 7}, "author_id", "wrong-type"),
    ({"author_verified": "true"}, "author_verified", "wrong-type"),
    ({"author_verified": 1}, "author_verified", "wrong-type"),
    ({"parent": "c1"}, "parent", "wrong-type"),
    ({"parent": "{0197c1f0-0000-7000-8000-000000000000}"}, "parent", "wrong-type"),
    ({"parent": "0197c1f0-0000-7000-8000-000000000000"}, "parent", "unknown-parent"),
    ({"external_id": "i" * 201}, "external_id", "too-long"),
    ({"external_id": "a\0"}, "external_id", "unstorable"),
    ({"ip": "localhost"}, "ip", "wrong-type"),
    ({"ip": "fe80::1%eth0"}, "ip", "wrong-type"),
    ({"ip": "192.0.2.1/24"}, "ip", "wrong-type"),
    ({"user_agent": "u" * 501}, "user_agent", "too-long"),
    ({"posted_at": "yesterday"}, "posted_at", "wrong-type"),
    ({"posted_at": 1767225600}, "posted_at", "wrong-type"),
    ({"posted_at": "2026-01-10T09:00:00"}, "posted_at", "naive-time"),
    ({"posted_at": "0001-01-01T00:00:00+09:00"}, "posted_at", "range"),
    ({"posted_at": "9999-12-31T23:59:59-12:00"}, "posted_at", "range"),
    ({"email": "old@example.com"}, "email", "unknown-field"),
    ({"\ud800": 1}, "\\ud800", "unknown-field"),
]


@pytest.mark.parametrize(("change", "field", "code"), REFUSED)
def test_what_is_refused_is_named_and_not_stored(
    publisher: Publisher, known: str, change: dict[str, Any], field: str, code: str
) -> None:
    response = publisher.post(**{"article": known, "body": "よろしく", **change})
    (error,) = problem(response, 422, "refused")["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert error["mend"]
    assert len(str(error["value"])) <= 80
    assert not Comment.objects.exists()


def test_all_wrong_types_are_told_at_once(publisher: Publisher) -> None:
    error = problem(publisher.post(article=1, body=2, ip=3), 422, "refused")
    assert [each["field"] for each in error["errors"]] == ["article", "body", "ip"]


def test_a_body_of_20000_characters_fits_however_it_is_escaped(publisher: Publisher, known: str) -> None:
    assert publisher.post(article=known, body="\U00020bb7" * 20_000).status_code == 202


def test_ids_are_uuids_of_version_7(publisher: Publisher, known: str) -> None:
    assert UUID(publisher.post(article=known, body="番号は？").json()["id"]).version == 7


def test_a_comment_costs_three_queries(
    publisher: Publisher, known: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    publisher.post(article=known, body="鍵を覚える")
    # Key and article in one; the comment; its place among those that wait.
    with django_assert_num_queries(3):
        assert publisher.post(article=known, body="三つで足りる").status_code == 202
