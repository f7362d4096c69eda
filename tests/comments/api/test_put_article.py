from __future__ import annotations

import pytest

from comments.models import Article, ArticleRevision
from tests.publisher import ARTICLES, Publisher, problem

LIBRARY = {
    "id": "n1",
    "url": "https://news.example/library",
    "title": "図書館、夜九時まで",
    "body": "市は開館時間を延ばす。",
    "published_at": "2026-04-01T06:00:00+09:00",
    "closed": False,
    "source": "市広報",
    "related": ["駅前の再開発"],
    "credit": "写真:市",
}


def test_a_new_article_is_created_and_then_replaced(publisher: Publisher) -> None:
    first = publisher.put(**LIBRARY)
    assert first.status_code == 201
    assert first.json() == {
        "id": "n1",
        "url": "https://news.example/library",
        "title": "図書館、夜九時まで",
        "revision": 1,
        "published_at": "2026-03-31T21:00:00Z",
        "closed": False,
    }
    again = publisher.put(**LIBRARY)
    assert (again.status_code, again.json()) == (200, first.json())
    changed = publisher.put(**LIBRARY | {"body": "市は開館時間を延ばす。日曜は除く。"})
    assert (changed.status_code, changed.json()["revision"]) == (200, 2)
    assert list(ArticleRevision.objects.order_by("number").values_list("body", flat=True)) == [
        "市は開館時間を延ばす。",
        "市は開館時間を延ばす。日曜は除く。",
    ]


def test_a_url_is_kept_in_one_spelling_and_old_ones_stay_known(publisher: Publisher) -> None:
    publisher.put(url="HTTPS://News.Example:443/a?utm_source=x&id=3#c", id="n1", body="本文")
    assert publisher.get(ARTICLES, article="n1").json()["url"] == "https://news.example/a?id=3"
    publisher.put(url="https://news.example/moved", id="n1", body="本文")
    by_old = publisher.get(ARTICLES, article_url="https://news.example/a?id=3").json()
    assert by_old == publisher.get(ARTICLES, article="n1").json()
    assert by_old["url"] == "https://news.example/moved"
    assert publisher.put(url="https://news.example/a?id=3", body="本文").status_code == 200
    assert Article.objects.count() == 1


def test_an_id_and_a_url_of_two_articles_disagree(publisher: Publisher) -> None:
    publisher.put(id="n1", url="https://news.example/1", body="一")
    publisher.put(id="n2", url="https://news.example/2", body="二")
    response = publisher.put(id="n1", url="https://news.example/2", body="三")
    assert "'n1'" in problem(response, 409, "disagreement")["detail"]
    problem(publisher.put(id="n3", url="https://news.example/2", body="三"), 409, "disagreement")
    assert sorted(Article.objects.values_list("body", flat=True)) == ["一", "二"]


def test_closed_stays_as_it_was_unless_said(publisher: Publisher) -> None:
    closed = [
        publisher.put(id="n1", body="本文", **field).json()["closed"]
        for field in ({"closed": True}, {}, {"closed": False})
    ]
    assert closed == [True, True, False]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"id": None, "url": None}, "id", "required"),
        ({"id": 12}, "id", "wrong-type"),
        ({"id": "i" * 201}, "id", "too-long"),
        ({"id": "a\0"}, "id", "unstorable"),
        ({"url": "javascript:alert(1)"}, "url", "url"),
        ({"url": "https://user:secret@news.example/"}, "url", "url"),
        ({"url": "https://news.example/" + "a" * 2_000}, "url", "too-long"),
        ({"title": "t" * 1_001}, "title", "too-long"),
        ({"body": None}, "body", "null"),
        ({"body": "b" * 500_001}, "body", "too-long"),
        ({"body": "\udc00"}, "body", "unstorable"),
        ({"published_at": "2026-04-01"}, "published_at", "naive-time"),
        ({"closed": "yes"}, "closed", "wrong-type"),
        ({"related": "駅前"}, "related", "wrong-type"),
        ({"related": ["駅前", 3]}, "related", "wrong-type"),
        ({"related": ["a\0"]}, "related", "unstorable"),
        ({"floor": "open"}, "floor", "unknown-field"),
    ],
)
def test_what_is_refused_is_named_and_not_stored(
    publisher: Publisher, change: dict[str, object], field: str, code: str
) -> None:
    (error,) = problem(publisher.put(**LIBRARY | change), 422, "refused")["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert not Article.objects.exists()


def test_an_article_of_half_a_million_characters_fits(publisher: Publisher) -> None:
    assert publisher.put(id="n1", body="字" * 500_000).status_code == 201
