"""`/metrics`: who may read it, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from comments import counters, redis_client
from comments.models import Article
from moderation import services
from moderation.models import Case
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty() -> None:
    counters.flush()
    redis_client.ask(lambda redis: redis.delete(counters.HASH))


def scrape(client: Client) -> dict[str, float]:
    """`{'name{label="value"}': number}` as Prometheus reads it."""
    counters.flush()
    answer = client.get("/metrics")
    assert answer.status_code == 200
    samples: dict[str, float] = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            samples[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return samples


def test_counts_what_came_in_and_what_became_of_it(
    client: Client, article: Article, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    world.make_rule("required_name", action="reject")
    with django_capture_on_commit_callbacks(execute=True):
        world.send(article, "待っている")
        world.send(article, "名なし", author_name="")
    before = scrape(client)
    assert before["sekisho_comments_received_total{source=api}"] == 2
    assert before["sekisho_pending_comments{lane=live}"] == 2
    assert before["sekisho_pending_comments{lane=import}"] == 0
    assert before["sekisho_oldest_pending_seconds"] > 0
    services.screen()
    after = scrape(client)
    assert after["sekisho_decisions_total{by=system,status=published}"] == 1
    assert after["sekisho_decisions_total{by=system,status=rejected}"] == 1
    assert after["sekisho_screening_seconds_count"] == after["sekisho_screening_seconds_bucket{le=+Inf}"] == 1
    assert after["sekisho_pending_comments{lane=live}"] == after["sekisho_oldest_pending_seconds"] == 0


def test_shows_what_waits_for_people(client: Client, article: Article) -> None:
    article.site.floor = "hold_all"
    article.site.save()
    world.make_rule("required_name")
    world.send_many(article, ["一", "二"])
    services.screen()
    late = Case.objects.earliest("pk")
    late.due_at -= timedelta(days=3_650)
    late.save()
    figures = scrape(client)
    assert figures["sekisho_open_cases{severity=normal}"] == 2
    assert figures["sekisho_overdue_cases{severity=normal}"] == Case.objects.count() - 1 == 1
    assert figures["sekisho_open_cases{severity=high}"] == 0


def test_counts_answers_by_method_and_status(client: Client) -> None:
    client.get("/healthz")
    client.get("/nowhere")
    client.generic("BREW", "/healthz")
    figures = scrape(client)
    assert figures["sekisho_http_requests_total{method=GET,status=200}"] == 1
    assert figures["sekisho_http_requests_total{method=GET,status=404}"] == 1
    assert figures["sekisho_http_requests_total{method=other,status=405}"] == 1
    assert figures["sekisho_http_request_seconds_count"] == 3


def test_without_redis_the_rest_is_shown(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = ""
    answer = client.get("/metrics").content.decode()
    assert "sekisho_redis_up 0.0" in answer
    assert "sekisho_database_up 1.0" in answer
    assert "sekisho_decisions" not in answer


class TestWhoMayRead:
    def test_without_a_token_this_machine(self, client: Client) -> None:
        assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 200
        assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200

    @pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "", "unix:"])
    def test_and_nobody_else(self, client: Client, address: str) -> None:
        assert client.get("/metrics", REMOTE_ADDR=address).status_code == 403

    def test_nor_who_came_through_a_proxy_on_it(self, client: Client) -> None:
        assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403

    def test_nor_anybody_behind_proxies(self, client: Client, settings: Settings) -> None:
        settings.TRUSTED_PROXIES = 1
        assert client.get("/metrics").status_code == 403

    def test_with_a_token_who_sends_it(self, client: Client, settings: Settings) -> None:
        settings.METRICS_TOKEN = "a-token-of-the-monitoring"
        for given in ({}, {"Authorization": "Bearer other"}, {"Authorization": "Bearer 監視"}):
            answer = client.get("/metrics", headers=given)
            assert (answer.status_code, b"METRICS_TOKEN" in answer.content) == (403, True)
        right = {"Authorization": "Bearer a-token-of-the-monitoring"}
        assert client.get("/metrics", headers=right, REMOTE_ADDR="192.0.2.1").status_code == 200
