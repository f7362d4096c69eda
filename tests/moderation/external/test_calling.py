"""Asking over real sockets: what is refused, what breaks, what is left alone."""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence
from functools import partial
from threading import Event
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from moderation.checks.external import External
from moderation.checks.facts import ServiceAnswer
from moderation.external.calling import IN_A_ROW, LARGEST, PAUSE, Batch, Line, Reply, call
from moderation.external.protocols import Request, answer_of
from tests.moderation.external.conftest import HOST, NAME, NO, YES, Service, params

PRIVATE = "127.0.0.7"


def asked(service: Service, times: int = 1, *, seconds: float = 10.0, line: Line | None = None) -> list[str]:
    """The failures of so many calls, empty where there was an answer."""
    return [reply.answer.failure for reply in replies(service.url, times, seconds=seconds, line=line)]


def replies(url: str, times: int = 1, *, seconds: float = 10.0, line: Line | None = None) -> Sequence[Reply]:
    check = External(protocol="signed", url=url, credential=NAME)
    requests = [Request(url, {"Content-Type": "application/json"}, b"{}")] * times
    batch = Batch("s", requests, seconds, partial(answer_of, check))
    (found,) = call([batch], {"s": line} if line else {})
    return found


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_all_of_a_batch_are_under_way_at_once(service: Service) -> None:
    together, there = Event(), []

    def answer(_asked: object) -> tuple[int, dict[str, str], bytes]:
        there.append(1)
        if len(there) == 20:
            together.set()
        # None of them answers before all have come.
        return YES if together.wait(20) else (500, {}, b"")

    service.answer = answer
    assert [reply.answer for reply in replies(service.url, 20, seconds=30)] == [ServiceAnswer(hit=True)] * 20


def test_who_is_slow_is_left_at_the_deadline(service: Service) -> None:
    over = Event()
    service.answer = lambda _asked: YES if over.wait(20) else NO
    assert asked(service, 3, seconds=0.2) == ["timeout"] * 3
    over.set()


def test_who_stops_in_the_middle_of_an_answer_is_left_at_the_deadline(service: Service) -> None:
    service.halt = Event()
    assert asked(service, seconds=0.2) == ["timeout"]
    service.halt.set()


def test_a_closed_port() -> None:
    with socket.socket() as free:
        free.bind((HOST, 0))
        url = f"http://{HOST}:{free.getsockname()[1]}/"
    assert replies(url)[0].answer.failure == "unreachable"


def test_a_name_that_nobody_has() -> None:
    assert replies("http://nowhere.invalid/")[0].answer.failure == "unreachable"


def test_a_resolver_that_hangs_holds_nobody_up(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the call nor the end of its event loop waits for the thread that resolves."""
    over, resolve = Event(), socket.getaddrinfo

    def getaddrinfo(host: str, *given: Any, **more: Any) -> Any:
        if host == "slow.example":
            over.wait(20)
        return resolve(HOST, *given, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    (reply,) = replies("http://slow.example/", seconds=0.2)
    assert (reply.answer.failure, over.is_set()) == ("timeout", False)
    assert reply.milliseconds < 10_000
    over.set()


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ((401, {}, b"no"), "status-401"),
        ((503, {}, b"later"), "status-503"),
        ((204, {}, b""), "status-204"),
        ((200, {}, b"x" * (LARGEST + 1)), "too-large"),
        ((200, {"Content-Encoding": "gzip"}, b"\x1f\x8b\x08\x00"), "bad-answer"),
        ((200, {"Content-Length": "40"}, b'{"hit": true}'), "unreachable"),
    ],
)
def test_what_is_no_answer(service: Service, answer: tuple[int, dict[str, str], bytes], failure: str) -> None:
    service.answer = lambda _asked: answer
    assert asked(service) == [failure]


def test_the_largest_answer_is_read(service: Service) -> None:
    service.answer = lambda _asked: (200, {}, b'{"hit": true}'.ljust(LARGEST))
    assert asked(service) == [""]


def test_a_redirect_is_not_followed(service: Service) -> None:
    service.answer = lambda _asked: (307, {"Location": f"http://{PRIVATE}:1/"}, b"")
    assert asked(service) == ["status-307"]
    assert len(service.asked) == 1


@pytest.mark.parametrize("host", [PRIVATE, "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "localhost"])
def test_nothing_inside_the_network_is_reached(host: str) -> None:
    assert replies(f"http://{host}:9/")[0].answer.failure == "not-permitted"


def test_by_default_not_even_this_machine(service: Service, settings: Settings) -> None:
    settings.EXTERNAL_ALLOWED_HOSTS = []
    assert asked(service) == ["not-permitted"]
    assert service.asked == []


def test_a_service_that_is_down_is_left_alone_for_a_while(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    line = Line()
    line.breaker.clock = clock
    caplog.set_level(logging.INFO)
    service.answer = lambda _asked: (500, {}, b"")
    assert asked(service, IN_A_ROW - 1, line=line) == ["status-500"] * (IN_A_ROW - 1)
    assert asked(service, line=line) == ["status-500"]
    assert len(service.asked) == IN_A_ROW

    assert asked(service, 100, line=line) == ["paused"] * 100
    clock.now = PAUSE - 1
    assert asked(service, line=line) == ["paused"]
    assert len(service.asked) == IN_A_ROW

    # Then one finds out, for all.
    clock.now = PAUSE
    assert asked(service, 10, line=line) == ["status-500"] + ["paused"] * 9
    assert len(service.asked) == IN_A_ROW + 1
    clock.now = 2 * PAUSE
    service.answer = lambda _asked: YES
    assert asked(service, 10, line=line) == [""] * 10
    told = [record.getMessage() for record in caplog.records]
    assert sum("external-paused" in each for each in told) == 1
    assert sum("external-back" in each for each in told) == 1


def test_one_odd_text_among_others_pauses_nothing(service: Service) -> None:
    line = Line()
    for _ in range(3 * IN_A_ROW):
        service.answer = lambda _asked: (500, {}, b"")
        assert asked(service, line=line) == ["status-500"]
        service.answer = lambda _asked: NO
        assert asked(service, line=line) == [""]


def test_what_reading_raises_is_a_failure_and_no_more(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> ServiceAnswer:
        raise KeyError

    batch = Batch("s", [Request(service.url, {}, b"")], 10, breaks)
    assert [[reply.answer.failure for reply in found] for found in call([batch], {})] == [["error"]]


def test_services_are_asked_side_by_side(service: Service) -> None:
    met = Event()

    def answer(what: object) -> tuple[int, dict[str, str], bytes]:
        if len(service.asked) == 2:
            met.set()
        return YES if met.wait(20) else NO

    service.answer = answer
    check = External(**params(service))
    batches = [
        Batch(name, [Request(service.url, {}, b"")], 30, partial(answer_of, check)) for name in ("a", "b")
    ]
    assert [[reply.answer.hit for reply in found] for found in call(batches, {})] == [[True], [True]]
