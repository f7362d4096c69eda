"""A service on this machine, and settings under which a rule may have it asked."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from moderation.external import calling
from moderation.models import Rule
from tests import world

# Not 127.0.0.1: what else listens on this machine must stay refused where this is allowed.
HOST = "127.0.0.6"
SECRET = "whsec_" + b64encode(b"the key of the service on this machine").decode()
NAME = "SEKISHO_EXTERNAL_OURS"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


Answer = tuple[int, dict[str, str], bytes]
NO: Answer = (200, {}, b'{"hit": false}')
YES: Answer = (200, {}, b'{"hit": true}')


@dataclass
class Service:
    """A server that answers whatever `answer` says, and remembers what it was asked."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answer: Callable[[Asked], Answer] = lambda _asked: NO
    # Where it is given, half of an answer is sent, and the rest when it is set.
    halt: threading.Event | None = None

    def bodies(self) -> str:
        return b"".join(each.body for each in self.asked).decode()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = Asked(self.path, dict(self.headers), body)
            made.asked.append(asked)
            status, headers, answer = made.answer(asked)
            with suppress(ConnectionError):  # who asked had enough
                self.send_response(status)
                for name, value in {"Content-Length": str(len(answer)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                half = len(answer) // 2 if made.halt else 0
                self.wfile.write(answer[:half])
                if made.halt:
                    made.halt.wait(20)
                self.wfile.write(answer[half:])

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        made.url = f"http://{HOST}:{server.server_port}/check"
        yield made
        server.shutdown()


@pytest.fixture(autouse=True)
def _settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EXTERNAL_ALLOWED_HOSTS = [f"{HOST}/32"]
    settings.EXTERNAL_SECRETS = {NAME: SECRET, f"{NAME}_HOSTS": f"{HOST}, service.example"}
    monkeypatch.setattr(calling, "_lines", {})


def params(service: Service, **given: Any) -> dict[str, Any]:
    return {"protocol": "signed", "url": service.url, "credential": NAME, "deadline_ms": 10_000, **given}


def make_rule(service: Service, *, terms: dict[str, Any] | None = None, **given: Any) -> Rule:
    """A rule in force that holds what the service says yes to."""
    return world.make_rule("external", params=params(service, **given), **{"action": "hold", **(terms or {})})
