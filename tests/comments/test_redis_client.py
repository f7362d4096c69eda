"""Redis that is gone, silent or back: what it costs those who ask it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu.exceptions import OperationalError
from pytest_django import Settings

from comments import counters
from comments.redis_client import PAUSE, Breaker, Unavailable, ask
from config.celery import Application
from moderation import doorbell


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_failed_service_is_tried_by_one_caller_a_pause() -> None:
    clock = Clock()
    breaker = Breaker(PAUSE, clock)
    assert breaker.allows()
    assert breaker.failed()
    assert not breaker.failed()
    clock.now += PAUSE - 0.01
    assert not breaker.allows()
    clock.now += 0.01
    assert [breaker.allows(), breaker.allows()] == [True, False]
    assert breaker.succeeded()
    assert breaker.allows()
    assert not breaker.succeeded()


def test_asks_and_gets_an_answer() -> None:
    assert ask(lambda redis: redis.ping()) is True


def test_without_a_url_there_is_no_redis(settings: Settings) -> None:
    settings.REDIS_URL = ""
    with pytest.raises(Unavailable, match="REDIS_URL"):
        ask(lambda redis: redis.ping())


@pytest.fixture(params=["gone", "refused", "dropped", "silent"])
def dead(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a Redis that is down in one of the ways in which servers are."""
    if request.param == "gone":
        yield f"unix://{tmp_path}/none.sock"
        return
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        if request.param == "silent":
            listener.listen(8)  # connections are made and never answered
        elif request.param == "dropped":
            listener.listen(0)  # a full queue: no further SYN is answered, as behind a firewall that drops
            for client in (first, second):
                client.setblocking(False)
                client.connect_ex(("127.0.0.1", port))
        yield f"redis://127.0.0.1:{port}/0"


def test_a_ring_costs_one_caller_a_moment_and_the_others_nothing(
    dead: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[counters.Counter] = []
    monkeypatch.setattr(counters, "add", lost.append)
    settings.REDIS_URL = dead
    times = [timed(doorbell.ring) for _ in range(3)]
    assert times[0] < 1
    assert max(times[1:]) < 0.15
    assert lost == [counters.RINGS_LOST] * 3


def test_a_message_is_given_up_within_a_moment(dead: str) -> None:
    app = Application("probe", broker=dead.replace("unix://", "redis+socket://"), set_as_current=False)
    app.conf.broker_transport_options = {"socket_connect_timeout": 0.2}

    def send() -> None:
        with pytest.raises(OperationalError):
            app.send_task("moderation.tasks.screen", retry=False, ignore_result=True)

    send()  # the first one imports what it needs
    assert timed(send) < 1
    app.close()


def timed(call: object) -> float:
    started = time.perf_counter()
    assert callable(call)
    call()
    return time.perf_counter() - started
