"""Who asks whether we live, and the id of a request."""

import pytest
from django.conf import LazySettings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from config.middleware import request_id


@pytest.mark.django_db
def test_alive_needs_no_database(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_with_all_there(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "redis": "ok", "oldest_pending_seconds": None}


@pytest.mark.django_db
def test_without_redis_requests_are_still_served(client: Client, settings: LazySettings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock?db=0"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["redis"] == "unavailable"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("7f3c-A_b.9", True),
        ("x" * 64, True),
        ("x" * 65, False),
        ("", False),
        (None, False),
        ("two words", False),
        ("line\nbreak", False),
        ("関所", False),
    ],
)
def test_a_harmless_request_id_is_kept(given: str | None, kept: bool) -> None:
    assert (request_id(given) == given) is kept
    assert 1 <= len(request_id(given)) <= 64


def test_the_answer_carries_the_request_id(client: Client) -> None:
    assert client.get("/healthz", headers={"x-request-id": "abc-1"})["X-Request-ID"] == "abc-1"
    assert len(client.get("/healthz")["X-Request-ID"]) == 32
