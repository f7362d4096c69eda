"""What becomes of a comment when a service does not answer, or can not be asked."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from comments import counters
from comments.models import Article
from comments.services import Received
from moderation.external import asking, protocols
from moderation.models import Case, Decision, ExternalAnswer, Finding
from moderation.rules import renew_rule_set
from moderation.services import screen, screen_again
from tests import world
from tests.moderation.external.conftest import NAME, NO, Service, make_rule
from tests.world import NOON, send, stored

pytestmark = pytest.mark.django_db


def judge(**given: Any) -> Counter[str]:
    return screen(now=lambda: NOON, **given).decided


def facts_of(received: Received) -> Any:
    return Decision.objects.filter(comment=received.comment_id, by=None).latest("pk").facts.get("external")


def test_what_was_not_answered_is_asked_again_when_it_is_screened_again(
    service: Service, article: Article
) -> None:
    service.answer = lambda _asked: (503, {}, b"")
    make_rule(service)
    sent = send(article, "楽しみです。")
    judge()
    assert stored(sent).status == "held"
    assert Decision.objects.get().cause == "check-failed"
    assert list(facts_of(sent).values()) == [{"failure": "status-503"}]
    assert Decision.objects.get().facts["failed"] == ["external"]

    service.answer = lambda _asked: NO
    renew_rule_set(None)
    screen_again([sent.comment_id])
    judge()
    assert stored(sent).status == "published"
    assert list(facts_of(sent).values()) == [{}]
    assert len(service.asked) == 2
    assert Case.objects.get().closed_at


@pytest.mark.parametrize(
    ("terms", "given", "status"),
    [
        ({}, {}, "held"),
        ({}, {"required": False}, "published"),
        # A rule that observes holds nothing.
        ({"mode": "observe"}, {}, "published"),
        ({"action": "flag"}, {}, "held"),
    ],
)
def test_what_becomes_of_no_answer(
    service: Service, article: Article, terms: dict[str, Any], given: dict[str, Any], status: str
) -> None:
    service.answer = lambda _asked: (200, {}, b"no")
    make_rule(service, terms=terms, **given)
    sent = send(article, "楽しみです。")
    judge()
    assert stored(sent).status == status
    assert list(facts_of(sent).values()) == [{"failure": "bad-answer"}]
    assert not Finding.objects.exists()


def test_the_desk_and_the_log_of_a_service_that_is_down(
    service: Service, article: Article, caplog: pytest.LogCaptureFixture
) -> None:
    service.answer = lambda _asked: (503, {}, b"")
    make_rule(service)
    world.send_many(article, [f"{at}番目。" for at in range(12)])
    assert judge() == Counter(held=12)
    told = [record.getMessage() for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]
    assert sum("external-no-answer" in each for each in told) == 1
    assert not [each for each in told if "check-failed" in each]
    counters.flush()
    key = ("sekisho_external_answers", ExternalAnswer.objects.first().service, "status-503")  # type: ignore[union-attr]
    assert counters.read()[key] >= 12


@pytest.mark.parametrize(
    ("secrets", "failure"),
    [
        ({}, "no-secret"),
        ({NAME: "whsec_AAAA", f"{NAME}_HOSTS": "127.0.0.6"}, "bad-secret"),
        ({NAME: "x", f"{NAME}_HOSTS": "service.example"}, "not-for-host"),
        ({NAME: "x"}, "not-for-host"),
    ],
)
def test_a_key_that_cannot_be_used_is_not_sent(
    service: Service, article: Article, settings: Settings, secrets: dict[str, str], failure: str
) -> None:
    settings.EXTERNAL_SECRETS = secrets
    make_rule(service)
    send(article, "楽しみです。")
    assert judge() == Counter(held=1)
    assert ExternalAnswer.objects.get().failure == failure
    assert service.asked == []


def test_a_key_goes_over_https_alone_unless_the_host_is_our_own(
    service: Service, article: Article, settings: Settings
) -> None:
    settings.EXTERNAL_ALLOWED_HOSTS = []
    make_rule(service)
    send(article, "楽しみです。")
    judge()
    assert ExternalAnswer.objects.get().failure == "not-https"
    assert service.asked == []


def test_a_service_that_is_down_is_not_asked_about_each_of_many(service: Service, article: Article) -> None:
    service.answer = lambda _asked: (500, {}, b"")
    make_rule(service)
    for start in range(3):
        world.send_many(article, [f"{start}回目の{at}番目。" for at in range(10)])
        assert judge() == Counter(held=10)
    assert len(service.asked) == 10
    failures = ExternalAnswer.objects.values_list("failure", flat=True)
    assert Counter(failures) == {"status-500": 10, "paused": 20}


def test_a_comment_whose_question_breaks_is_held_and_no_other(
    service: Service, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_rule(service)
    real = protocols.request_of

    def request_of(check: Any, about: Any, *rest: Any) -> Any:
        if "毒" in about.body:
            raise RecursionError
        return real(check, about, *rest)

    monkeypatch.setattr(asking, "request_of", request_of)
    bad, good = send(article, "毒のある文。"), send(article, "楽しみです。")
    judge()
    assert (stored(bad).status, stored(good).status) == ("held", "published")
    assert list(facts_of(bad).values()) == [{"failure": "error"}]
