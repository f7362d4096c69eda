"""Who asks whether we live, and the id of a request."""

from datetime import timedelta

import pytest
from django.core.signals import request_started
from django.db import connection
from django.test import Client
from django.utils import timezone

from config.middleware import request_id

pytestmark = pytest.mark.django_db


def test_alive_needs_no_database(client: Client, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_ready_with_all_there(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "redis": "ok", "oldest_pending_seconds": None}
