"""A rule's service on its page: how it answers, a try, and asking again about what waits for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from pytest_django.fixtures import Settings

from comments.models import Article, Site
from moderation.models import Case, Decision, ExternalAnswer, Rule, RuleSet
from moderation.services import screen
from tests import newsroom, world
from tests.moderation.external.conftest import NAME, NO, SECRET, Asked, Service, make_rule, params
from tests.world import NOON, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client: Client, site: Site) -> Client:
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def page(rule: Rule, name: str = "change") -> str:
    return reverse(f"admin:moderation_rule_{name}", args=[rule.pk])


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_of_a_rule_tells_how_its_service_answers(
    lead: Client, service: Service, article: Article
) -> None:
    rule = make_rule(service)
    assert "It was not asked within the last 24 hours." in text_of(lead, page(rule))
    answers = [NO, NO, (503, {}, b""), (200, {}, b"?")]
    service.answer = lambda asked: answers[int(json.loads(asked.body)["data"]["body"][0])]
    world.send_many(article, [f"{at}番目です。" for at in range(4)])
    screen(now=lambda: NOON)
    text = text_of(lead, page(rule))
    assert "Answers within the last 24 hours: 2." in text
    assert "1 × It answered with HTTP 503." in text
    assert "1 × Its answer is none that docs/external.md describes." in text
    assert "Ask again about what waits (2)" in text
    assert page(rule, "service") in text


def test_another_rule_shows_no_service(lead: Client) -> None:
    assert "service-title" not in text_of(lead, page(world.make_rule("links")))


def test_a_missing_key_is_told_before_anything_is_sent(
    lead: Client, service: Service, settings: Settings
) -> None:
    settings.EXTERNAL_SECRETS = {}
    rule = make_rule(service)
    assert "The environment does not have the variable that the rule names." in text_of(lead, page(rule))
    assert "The environment does not have" in lead.post(page(rule, "service")).content.decode()
    assert service.asked == []


def test_a_try_shows_what_is_sent_then_sends_it(lead: Client, service: Service) -> None:
    service.answer = lambda _asked: (200, {}, b'{"hit": true, "score": 7, "label": "off-topic"}')
    rule = make_rule(service, send_email=True)
    shown = text_of(lead, page(rule, "service"))
    assert service.asked == []
    assert "接続テストのコメントです。" in shown
    assert "test@example.com" in shown
    assert "192.0.2.1" not in shown

    told = lead.post(page(rule, "service")).content.decode()
    assert "a hit, off-topic, 7 of 100." in told
    (asked,) = service.asked
    assert json.loads(asked.body)["data"]["test"] is True
    assert not ExternalAnswer.objects.exists()
    for text in (shown, told):
        assert SECRET.removeprefix("whsec_") not in text


def test_a_try_of_akismet_shows_no_key(lead: Client, service: Service, settings: Settings) -> None:
    settings.EXTERNAL_SECRETS = {NAME: "akismet-key-7f3a", f"{NAME}_HOSTS": "127.0.0.6"}
    service.answer = lambda _asked: (200, {}, b"invalid")
    rule = make_rule(service, protocol="akismet")
    shown = text_of(lead, page(rule, "service"))
    assert "user_ip: 192.0.2.1" in shown
    told = lead.post(page(rule, "service")).content.decode()
    assert "It did not accept the key, or what was sent." in told
    assert b"api_key=akismet-key-7f3a" in service.asked[0].body
    assert b"is_test=1" in service.asked[0].body
    assert "akismet-key-7f3a" not in shown + told


def test_what_waits_for_an_answer_is_asked_about_again(
    lead: Client, service: Service, article: Article
) -> None:
    def answer(asked: Asked) -> Any:
        body = json.loads(asked.body)["data"]["body"]
        return (503, {}, b"") if down else (200, {}, json.dumps({"hit": "副業" in body}).encode())

    down = True
    service.answer = answer
    rule = make_rule(service)
    good, bad = world.send_many(article, ["楽しみです。", "副業で稼げます。"])
    screen(now=lambda: NOON)
    assert {stored(each).status for each in (good, bad)} == {"held"}
    assert "2 comments wait for a person" in text_of(lead, page(rule, "ask_again"))

    down = False
    before = RuleSet.objects.count()
    response = lead.post(page(rule, "ask_again"))
    assert (response.status_code, response["Location"]) == (302, page(rule))
    assert RuleSet.objects.count() == before + 1
    screen(now=lambda: NOON)
    assert (stored(good).status, stored(bad).status) == ("published", "held")
    assert Case.objects.filter(closed_at=None).count() == 1
    assert "Ask again" not in text_of(lead, page(rule))


@pytest.mark.parametrize("required", [True, False])
def test_the_desk_and_the_log_say_why_there_was_no_answer(
    lead: Client, service: Service, article: Article, site: Site, required: bool
) -> None:
    service.answer = lambda _asked: (503, {}, b"")
    site.floor = "hold_all"
    site.save()
    make_rule(service, required=required)
    world.send(article, "楽しみです。")
    screen(now=lambda: NOON)
    told = "A service outside gave no answer: It answered with HTTP 503."
    assert told in text_of(lead, reverse("desk:case", args=[Case.objects.get().pk]))
    decision = reverse("admin:moderation_decision_change", args=[Decision.objects.get().pk])
    assert told in text_of(lead, decision)
    assert told in text_of(lead, reverse("admin:moderation_decision_changelist"))


def test_only_the_comments_of_sites_that_he_sees(
    client: Client, service: Service, article: Article, site: Site
) -> None:
    service.answer = lambda _asked: (503, {}, b"")
    rule = make_rule(service, terms={"site": site})
    other = world.make_site("kozue")
    elsewhere = make_rule(service, terms={"site": other, "slug": "elsewhere"})
    world.send(article, "楽しみです。")
    world.send(world.make_article(other), "こちらも。")
    screen(now=lambda: NOON)
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "Ask again about what waits (1)" in text_of(client, page(rule))
    assert client.post(page(elsewhere, "ask_again")).status_code == 404
    assert client.post(page(elsewhere, "service")).status_code == 404


def test_only_a_lead_tries_and_asks_again(client: Client, service: Service, site: Site) -> None:
    rule = make_rule(service)
    client.force_login(newsroom.make_person(site, "audit", "Auditor"))
    assert "service-title" in text_of(client, page(rule))
    for name in ("service", "ask_again"):
        assert client.get(page(rule, name)).status_code == 403
        assert client.post(page(rule, name)).status_code == 403
    assert service.asked == []


def test_the_form_saves_a_rule_and_tells_what_is_wrong_where_it_is(lead: Client, service: Service) -> None:
    url = reverse("admin:moderation_rule_add") + "?check=external"
    fields = {
        "name_ja": "外部判定", "name_en": "Service", "slug": "service", "applies_to": "not_staff",
        "mode": "observe", "action": "hold", "severity": "2", "reason": str(world.make_reason().pk),
        "breaker_pairs": "100", "breaker_minutes": "60", "versions-TOTAL_FORMS": "0",
        "versions-INITIAL_FORMS": "0", "param_protocol": "signed", "param_url": service.url,
        "param_credential": NAME, "param_from_score": "80", "param_labels": "spam\ninsult",
        "param_deadline_ms": "1500", "param_required": "on",
    }  # fmt: skip
    for name, wrong, told in (
        ("param_url", "", "Write an address that begins with https://"),
        ("param_credential", "my-secret-key", "Write the name of a variable"),
        ("param_deadline_ms", "50", "greater than or equal to 100"),
        ("param_protocol", "smtp", "Select a valid choice"),
    ):
        page = lead.post(url, {**fields, name: wrong})
        assert page.status_code == 200
        assert told in str(page.context["adminform"].form.errors[name])
    assert lead.post(url, fields).status_code == 302
    rule = Rule.objects.get()
    assert rule.params == {
        **params(service, deadline_ms=1_500, from_score=80, labels=["spam", "insult"]),
        "blog": "", "required": True, "send_email": False, "send_address": False, "ask_imports": False,
    }  # fmt: skip


def test_the_page_is_japanese_where_the_reader_is(client: Client, service: Service, site: Site) -> None:
    rule = make_rule(service)
    client.force_login(User.objects.get(pk=newsroom.make_person(site, "hara", "Lead").pk))
    with override("ja"):
        text = client.get(page(rule), HTTP_ACCEPT_LANGUAGE="ja").content.decode()
    assert "直近24時間は尋ねていません。" in text
    assert "サービスを試す" in text
