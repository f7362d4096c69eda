"""What a publisher's form tells, from the API to the rules."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from comments.erasing import erase
from comments.form_tokens import mint
from comments.models import Article, Comment, Site
from moderation.models import Finding
from moderation.services import screen
from tests import world
from tests.publisher import Publisher

pytestmark = pytest.mark.django_db
NAMES = ("form_token", "form_seconds", "form_trap")


@pytest.fixture
def publisher(site: Site) -> Publisher:
    return Publisher(site)


def post(publisher: Publisher, article: Article, **fields: Any) -> Comment:
    answer = publisher.post(article=article.external_id, body="工事はいつ終わりますか。", **fields)
    assert answer.status_code == 202, answer.content
    return Comment.objects.get(public_id=json.loads(answer.content)["id"])


def facts(comment: Comment) -> tuple[Any, ...]:
    return tuple(getattr(comment, name) for name in NAMES)


def test_a_token_comes_back_with_the_readers_time(publisher: Publisher, site: Site, article: Article) -> None:
    answer = publisher.get("/api/v1/form-token/")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    comment = post(publisher, article, form_token=json.loads(answer.content)["token"], form_trap="")
    assert (comment.form_token, comment.form_trap) == ("valid", False)
    assert comment.form_seconds is not None
    assert comment.form_seconds < 60
    old = mint(site.pk, timezone.now() - timedelta(minutes=3))
    later = post(publisher, article, form_token=old).form_seconds
    assert later is not None
    assert 180 <= later < 240


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({}, ("", None, False)),
        ({"form_token": "", "form_trap": " \n"}, ("", None, False)),
        ({"form_token": None, "form_trap": None}, ("", None, False)),
        ({"form_token": "forged"}, ("invalid", None, False)),
        ({"form_token": "x" * 9_000, "form_trap": "安い！" * 9_000}, ("invalid", None, True)),
        ({"form_trap": "\x00\ud800"}, ("", None, True)),
    ],
)
def test_whatever_came_is_taken_in_and_told(
    publisher: Publisher, article: Article, fields: dict[str, Any], kept: tuple[Any, ...]
) -> None:
    assert facts(post(publisher, article, **fields)) == kept


def test_nobody_gets_a_token_without_a_key(site: Site) -> None:
    assert Publisher(None).get("/api/v1/form-token/").status_code == 401
    assert Publisher(site).post("/api/v1/form-token/").status_code == 405


def test_the_rules_see_it(publisher: Publisher, article: Article) -> None:
    world.make_rule("honeypot")
    world.make_rule("form_time", params={"seconds": 5, "required": True})
    world.make_rule("user_agent", params={"tell": ["listed"]})
    token = mint(article.site_id, timezone.now())
    fast = post(publisher, article, form_token=token, form_trap="x", user_agent="curl/8.5.0")
    bare = post(publisher, article, user_agent="Mozilla/5.0")
    screen()
    found = {
        key: sorted(Finding.objects.filter(decision__comment=key).values_list("code", flat=True))
        for key in (fast.pk, bare.pk)
    }
    assert found == {fast.pk: ["fast", "filled", "listed"], bare.pk: ["missing"]}


def test_the_forecast_sees_it_too(publisher: Publisher, article: Article) -> None:
    world.make_rule("honeypot", action="hold")
    asked = {"article": article.external_id, "body": "いつまでですか。", "form_trap": "x"}
    assert json.loads(publisher.post("/api/v1/comments/check/", **asked).content)["status"] == "held"


def test_it_is_erased_with_the_rest(publisher: Publisher, article: Article) -> None:
    token = mint(article.site_id, timezone.now())
    comment = post(publisher, article, form_token=token, form_trap="x")
    erase([comment.pk], now=timezone.now())
    comment.refresh_from_db()
    assert facts(comment) == ("", None, False)
