"""A web server on this machine, and settings under which a source may lead there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from comments.models import ImportSource, Site
from tests import world

# Not 127.0.0.1: what else listens on this machine must stay refused where this is allowed.
HOST = "127.0.0.5"
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Web:
    """A server that answers by path, and remembers what it was asked."""

    base: str = ""
    pages: dict[str, Callable[[dict[str, str]], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def put(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        """Serve `body` at `path`; its address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = lambda _asked: (status, named, body)
        return self.base + path

    def put_tagged(self, path: str, body: bytes, etag: str) -> str:
        """Serve `body` with an ETag, and 304 to whoever knows it."""

        def page(asked: dict[str, str]) -> Answer:
            known = asked.get("If-None-Match") == etag
            return (304, {"ETag": etag}, b"") if known else (200, {"ETag": etag}, body)

        self.pages[path] = page
        return self.base + path


def serve(stack: ExitStack) -> Web:
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.asked.append((self.path, dict(self.headers)))
            page = web.pages.get(self.path.partition("?")[0])
            status, headers, body = page(dict(self.headers)) if page else (404, {}, b"")
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):  # who asked had enough
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = stack.enter_context(ThreadingHTTPServer((HOST, 0), Handler))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    stack.callback(server.shutdown)
    web.base = f"http://{HOST}:{server.server_port}"
    return web


@pytest.fixture(autouse=True)
def _settings(settings: Settings, tmp_path: Path) -> None:
    settings.IMPORT_DATA_DIR = tmp_path / "data"
    settings.IMPORT_FOLDERS = [str(tmp_path / "files")]
    settings.IMPORT_ALLOWED_HOSTS = [f"{HOST}/32"]
    settings.IMPORT_SECRETS = {
        "SEKISHO_IMPORT_PARTNER": "s3cr3t-of-the-partner",
        "SEKISHO_IMPORT_PARTNER_HOSTS": f"{HOST}, partner.example",
    }
    (tmp_path / "files").mkdir()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The one folder that sources may name."""
    return tmp_path / "files"


@pytest.fixture
def web() -> Iterator[Web]:
    with ExitStack() as stack:
        yield serve(stack)


@pytest.fixture
def other_web() -> Iterator[Web]:
    with ExitStack() as stack:
        yield serve(stack)


def make_source(site: Site, address: str, **fields: object) -> ImportSource:
    return ImportSource.objects.create(**{"site": site, "slug": "partner", "address": address, **fields})


@pytest.fixture
def home(db: None) -> Site:
    """A site whose language is English, so that what is stored reads so."""
    return world.make_site(language="en")
