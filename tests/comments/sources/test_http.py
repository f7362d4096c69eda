"""Fetching over http: what is refused, what breaks, what is sent where."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override
from pytest_django.fixtures import Settings

from comments.sources import http
from comments.sources.faults import Fault, NotTried
from comments.sources.network import Allowed, Guard
from comments.sources.spool import Limits, Sink, fetched
from tests.comments.sources.conftest import Web


class Ticking:
    """A clock that goes on by so many seconds each time it is read."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def fetch(
    url: str, folder: Path, secrets: dict[str, str] | None = None, known: Any = None, **limits: Any
) -> tuple[bytes, dict[str, str] | None]:
    path = folder / "fetched"
    told = {"bytes": 10_000_000, "seconds": 60.0, **limits}
    with path.open("wb") as file, Sink(file, Limits(**told)) as sink, override("en"):
        stamp = http.fetch(url, secrets or {}, sink, known or {})
    return path.read_bytes(), stamp


def fault(url: str, folder: Path, **given: Any) -> str:
    with override("en"), pytest.raises(Fault) as found:
        fetch(url, folder, **given)
    with override("en"):
        return str(found.value)


def test_what_is_there_and_its_validators(web: Web, folder: Path) -> None:
    url = web.put("/a.jsonl", b"rows", ETag='"1"', Last_Modified="Sat, 10 Jan 2026 12:00:00 GMT")
    body, stamp = fetch(url, folder)
    assert body == b"rows"
    assert stamp == {"etag": '"1"', "modified": "Sat, 10 Jan 2026 12:00:00 GMT"}


def test_the_validators_are_sent_back_and_304_is_nothing_new(web: Web, folder: Path) -> None:
    url = web.put_tagged("/a.jsonl", b"rows", '"1"')
    assert fetch(url, folder, known={"etag": '"1"'}) == (b"", None)
    assert fetch(url, folder, known={"etag": '"0"'}) == (b"rows", {"etag": '"1"'})


@pytest.mark.parametrize(
    ("to", "shown"),
    [
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254"),
        ("http://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1"),
        ("http://localhost/", "localhost leads to"),
        ("http://[::1]:8000/", "::1"),
        ("http://0x7f000001/", "127.0.0.1"),
    ],
)
def test_a_redirect_into_the_network_is_refused(web: Web, folder: Path, to: str, shown: str) -> None:
    url = web.put("/", b"", 302, Location=to)
    told = fault(url, folder)
    assert shown in told
    assert "IMPORT_ALLOWED_HOSTS" in told


@pytest.mark.parametrize("to", ["http://0/", "http://2130706433/", "http://127.1/"])
def test_an_address_written_as_a_number_leads_nowhere(web: Web, folder: Path, to: str) -> None:
    assert "This address cannot be read" in fault(web.put("/", b"", 302, Location=to), folder)


def test_by_default_nothing_of_this_machine_is_reached(web: Web, folder: Path, settings: Settings) -> None:
    settings.IMPORT_ALLOWED_HOSTS = []
    assert "not on the public internet" in fault(web.put("/", b"rows"), folder)
    assert web.asked == []


def test_a_name_that_is_allowed_may_lead_anywhere(
    web: Web, folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: resolve("127.0.0.5" if "." in host else host, *a, **k)
    )
    settings.IMPORT_ALLOWED_HOSTS = ["archive.internal"]
    web.put("/", b"rows")
    port = web.base.rpartition(":")[2]
    assert fetch(f"http://archive.internal:{port}/", folder)[0] == b"rows"
    assert "evil.example leads to 127.0.0.5" in fault(f"http://evil.example:{port}/", folder)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True), ("64:ff9b::5db8:d822", True),
        ("10.1.2.3", False), ("100.64.0.1", False), ("127.0.0.1", False), ("0.0.0.0", False),
        ("169.254.169.254", False), ("224.0.0.1", False), ("255.255.255.255", False), ("::", False),
        ("::1", False), ("fe80::1", False), ("fc00::1", False), ("ff02::1", False),
        ("::ffff:10.0.0.1", False), ("::ffff:169.254.169.254", False), ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False), ("2001:db8::1", False), ("fec0::1", False),
    ],
)  # fmt: skip
def test_what_is_public(address: str, public: bool) -> None:
    guard = Guard("example.com", Allowed())
    assert guard.permits(address) is public


def test_a_network_of_version_4_is_allowed_within_version_6_too() -> None:
    guard = Guard("example.com", Allowed.of(["10.1.0.0/16", "[fd00::7]"]))
    assert guard.permits("::ffff:10.1.2.3")
    assert guard.permits("fd00::7")
    assert not guard.permits("10.2.0.1")


def test_credentials_go_to_their_own_origin_alone(web: Web, other_web: Web, folder: Path) -> None:
    other_web.put("/rows", b"rows")
    url = web.put("/", b"", 302, Location=f"{other_web.base}/rows")
    secrets = {"token": "t0ken", "header X-Key": "k3y", "query sig": "s1g"}
    assert fetch(url, folder, secrets)[0] == b"rows"
    (path, headers), ((other_path, other_headers),) = web.asked[0], other_web.asked
    assert path == "/?sig=s1g"
    assert (headers["Authorization"], headers["X-Key"]) == ("Bearer t0ken", "k3y")
    assert other_path == "/rows"
    assert not {"Authorization", "X-Key", "Cookie"} & set(other_headers)


def test_credentials_need_tls(folder: Path) -> None:
    with pytest.raises(NotTried):
        fetch("http://partner.example/", folder, {"token": "t0ken"})


def test_a_login(web: Web, folder: Path) -> None:
    fetch(web.put("/", b"rows"), folder, {"username": "kai", "password": "umi"})
    assert web.asked[0][1]["Authorization"] == "Basic a2FpOnVtaQ=="


def test_too_large_is_given_up_on_the_way(web: Web, folder: Path) -> None:
    told = fault(web.put("/", b"x" * 3_000_000), folder, bytes=2_000_000)
    assert "larger than 2 megabytes" in told
    assert (folder / "fetched").stat().st_size <= 2_000_000


def test_too_slow(web: Web, folder: Path) -> None:
    told = fault(web.put("/", b"x" * 100), folder, seconds=30, clock=Ticking(40))
    assert "after 30 seconds" in told


def test_gone_midway(web: Web, folder: Path) -> None:
    url = web.put("/", b"x" * 100, Content_Length="5000")
    assert "broke after 100 bytes" in fault(url, folder)


@pytest.mark.parametrize(
    ("status", "told"),
    [(401, "does not let us in"), (404, "has nothing at this address"), (500, "answers with the error 500")],
)
def test_an_error_of_the_server(web: Web, folder: Path, status: int, told: str) -> None:
    assert told in fault(web.put("/", b"<h1>no</h1>", status), folder)


def test_a_server_that_sends_round_in_circles(web: Web, folder: Path) -> None:
    url = web.put("/", b"moved", 302, Location="/")
    assert "more than 5 times" in fault(url, folder)
    assert len(web.asked) == 6


def test_a_redirect_to_something_else(web: Web, folder: Path) -> None:
    assert "no http(s)" in fault(web.put("/", b"", 302, Location="file:///etc/passwd"), folder)


@pytest.mark.parametrize(
    "to",
    [
        "http://[::1",
        "http://a:99999/",
        "http://a:b/",
        "http://[v1.x]/",
        "https://\u2100.example/",
    ],
)
def test_a_redirect_to_no_address_at_all(web: Web, folder: Path, to: str) -> None:
    page = web.put("/", b"", 302, Location=to.encode().decode("latin-1"))
    assert fault(page, folder)
    assert len(web.asked) == 1


def test_not_modified_is_no_answer_to_whoever_knows_nothing(web: Web, folder: Path) -> None:
    assert "answers with the error 304" in fault(web.put("/", b"", 304), folder)


def test_a_validator_that_no_database_holds_is_not_kept(web: Web, folder: Path) -> None:
    url = web.put("/", b"rows", ETag='"\xe9"', Last_Modified="Sat, 10 Jan 2026 12:00:00 GMT")
    assert fetch(url, folder)[1] == {"modified": "Sat, 10 Jan 2026 12:00:00 GMT"}


def test_the_page_of_a_redirect_is_not_in_the_file(web: Web, folder: Path) -> None:
    web.put("/rows", b"rows")
    assert fetch(web.put("/", b"a long page that says moved", 301, Location="/rows"), folder)[0] == b"rows"


def test_nobody_listens(web: Web, folder: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.5", 0))
        port = free.getsockname()[1]
    assert "127.0.0.5 does not answer" in fault(f"http://127.0.0.5:{port}/", folder)


def test_the_head_is_enough(web: Web, folder: Path) -> None:
    body, _ = fetch(web.put("/", b"x" * 3_000_000), folder, head=1_000)
    assert body == b"x" * 1_000


def test_whoever_waits_gives_signs_of_life(tmp_path: Path) -> None:
    seen: list[int] = []
    with (tmp_path / "f").open("wb") as file, Sink(file, Limits(bytes=100, seconds=60)) as sink:

        def work() -> str:
            sink.write(b"abc")
            while not seen:
                pass
            return "done"

        assert fetched(sink, work, seen.append, pause=0.001) == "done"
    assert set(seen) <= {0, 3}


def test_what_comes_too_late_is_not_waited_for(tmp_path: Path) -> None:
    clock = Ticking(0)
    with (tmp_path / "f").open("wb") as file, Sink(file, Limits(bytes=100, seconds=60, clock=clock)) as sink:

        def work() -> None:
            while True:
                clock.now += 1
                sink.write(b"")

        with pytest.raises(Fault):
            fetched(sink, work, lambda _size: None, pause=0.001)
