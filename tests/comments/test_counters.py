"""Counts of many processes, added up in Redis."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from comments import counters, redis_client
from comments.counters import Counter, Histogram

APPLES = Counter("test_apples", "Apples.", ("kind",))
WAITS = Histogram("test_wait_seconds", "Waits.", (0.1, 1))


@pytest.fixture(autouse=True)
def empty() -> None:
    counters.flush()
    redis_client.ask(lambda redis: redis.delete(counters.HASH))


def test_counts_are_added_up() -> None:
    counters.add(APPLES, "fuji")
    counters.flush()
    counters.add(APPLES, "fuji", by=2)
    counters.add(APPLES, "王林")
    counters.flush()
    assert counters.read() == {("test_apples", "fuji"): 3, ("test_apples", "王林"): 1}


def test_a_duration_counts_in_the_first_bucket_that_holds_it() -> None:
    for seconds in (0.05, 0.1, 0.5, 7.0):
        counters.observe(WAITS, seconds)
    counters.flush()
    assert counters.read() == {
        ("test_wait_seconds", "0.1"): 2,
        ("test_wait_seconds", "1"): 1,
        ("test_wait_seconds", "inf"): 1,
        ("test_wait_seconds", "sum"): pytest.approx(7.65),
    }


def test_counts_wait_while_redis_is_away(settings: Settings, tmp_path: Path) -> None:
    there = settings.REDIS_URL
    settings.REDIS_URL = f"unix://{tmp_path}/none.sock"
    counters.add(APPLES, "fuji")
    counters.flush()
    counters.add(APPLES, "fuji")
    settings.REDIS_URL = there
    counters.flush()
    assert counters.read() == {("test_apples", "fuji"): 2}


def test_a_forked_process_sends_only_its_own() -> None:
    counters.add(APPLES, "parent")
    child = os.fork()
    if child == 0:
        counters.add(APPLES, "child")
        counters.flush()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    counters.flush()
    assert counters.read() == {("test_apples", "parent"): 1, ("test_apples", "child"): 1}


def test_labels_must_be_those_of_the_counter() -> None:
    with pytest.raises(ValueError, match="kind"):
        counters.add(APPLES)
