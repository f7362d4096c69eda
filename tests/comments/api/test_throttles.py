from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING

import pytest
from django.conf import settings as configured

from comments import redis_client
from comments.api.addresses import client_address, network, parse_address
from tests import world
from tests.publisher import ARTICLES, Publisher, problem

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Empty buckets."""
    client = redis_client.server(configured.REDIS_URL).client
    for name in client.scan_iter("throttle:*"):
        client.delete(name)


def test_a_site_key_has_so_many_requests_a_minute(
    publisher: Publisher, known: str, settings: Settings
) -> None:
    settings.THROTTLE_SITE_KEY = 3
    assert [publisher.get(ARTICLES, article=known).status_code for _ in range(4)] == [200, 200, 200, 429]
    response = publisher.post(article=known, body="多すぎた")
    problem(response, 429, "throttled")
    assert 1 <= int(response["Retry-After"]) <= 20
    assert Publisher(world.make_site("yugiri")).get(ARTICLES, article=known).status_code == 404


def test_bodies_that_cannot_be_read_count_for_the_key(publisher: Publisher, settings: Settings) -> None:
    settings.THROTTLE_SITE_KEY = 2
    codes = [publisher.send("POST", "/api/v1/comments/", b"{").status_code for _ in range(3)]
    assert codes == [400, 400, 429]


def test_a_readers_address_has_so_many_comments_a_minute(
    publisher: Publisher, known: str, settings: Settings
) -> None:
    settings.THROTTLE_CLIENT_ADDRESS = 2

    def codes(ip: str | None, times: int) -> list[int]:
        return [publisher.post(article=known, body="連投", ip=ip).status_code for _ in range(times)]

    assert codes("192.0.2.1", 3) == [202, 202, 429]
    assert codes("192.0.2.2", 1) == [202]
    assert codes("::ffff:192.0.2.1", 1) == [429]
    assert codes("2001:db8:0:7::1", 1) + codes("2001:db8:0:7:ffff::2", 1) == [202, 202]
    assert codes("2001:db8:0:7::3", 1) == [429]
    assert codes("2001:db8:0:8::1", 1) == [202]
    assert codes(None, 3) == [202, 202, 429]


def test_a_throttle_of_0_is_none(publisher: Publisher, known: str, settings: Settings) -> None:
    settings.THROTTLE_SITE_KEY = settings.THROTTLE_CLIENT_ADDRESS = 0
    assert publisher.post(article=known, body="自由").status_code == 202


def _unreachable(folder: Path, kind: str) -> tuple[str, socket.socket | None]:
    """The URL of a Redis that is gone, or of one that takes connections and says nothing."""
    path = os.path.relpath(folder / "s")
    if kind == "gone":
        return f"unix://{folder / 's'}", None
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1)
    return f"unix://{folder / 's'}", listener


@pytest.mark.parametrize("kind", ["gone", "silent"])
def test_without_redis_comments_are_taken_in(
    publisher: Publisher, known: str, settings: Settings, tmp_path: Path, kind: str
) -> None:
    settings.REDIS_URL, listener = _unreachable(tmp_path, kind)
    settings.THROTTLE_SITE_KEY = 1
    before = time.monotonic()
    codes = [publisher.post(article=known, body="橋は落ちても").status_code for _ in range(5)]
    assert codes == [202] * 5
    assert time.monotonic() - before < 5
    if listener:
        listener.close()


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "unknown", "192.0.2.1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, " [2001:db8::1]:4711", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
    ],
)
def test_the_client_is_whom_our_outermost_proxy_saw(
    settings: Settings, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    meta = {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": forwarded}
    assert client_address(meta) == parse_address(address)


def test_an_ipv6_client_is_its_64() -> None:
    first, second = parse_address("2001:db8:1:2:3:4:5:6"), parse_address("2001:db8:1:2::9")
    assert first
    assert second
    assert network(first) == network(second) == "2001:db8:1:2::"
