"""A load generator: many keep-alive connections, one thread, a process of its own.

Closed loop: each client sends its next request when the last was answered.
Open loop: requests are sent when they are due, however slow the answers are,
and waits count from then.
"""

from __future__ import annotations

import json
import multiprocessing
import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
# A server that has not answered by then will not; the run fails.
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of request `number`. Times are seconds since the epoch; status 0 is a broken connection."""

    number: int
    due: float
    done: float
    status: int
    body: bytes

    @property
    def seconds(self) -> float:
        return self.done - self.due


@dataclass(frozen=True, slots=True)
class Load:
    """Requests in their order; they end with the list or after `seconds`. `rate` 0 is a closed loop."""

    port: int
    requests: Sequence[bytes]
    clients: int
    seconds: float
    rate: float = 0.0


class _Client:
    """One connection and the request that it waits for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def send(self, number: int, due: float, request: bytes) -> None:
        self.number, self.due = number, due
        self.socket.sendall(request)

    def receive(self) -> Answer | None:
        """The answer once it is whole."""
        try:
            data = self.socket.recv(65_536)
        except OSError:
            data = b""
        self.received += data
        head, mark, body = self.received.partition(b"\r\n\r\n")
        if not data:
            return self._answer(0, b"")
        length = _LENGTH.search(head)
        if not mark or length is None or len(body) < int(length[1]):
            return None
        self.received = b""
        return self._answer(int(head[9:12]), body)

    def _answer(self, status: int, body: bytes) -> Answer:
        return Answer(self.number, self.due, time.time(), status, body)


def drive(load: Load) -> list[Answer]:
    """Send the load and gather the answers. Raises `TimeoutError`."""
    idle = [_Client(load.port) for _ in range(load.clients)]
    answers: list[Answer] = []
    started, sent = time.time(), 0
    with selectors.DefaultSelector() as selector:
        while True:
            now = time.time()
            open_ = sent < len(load.requests) and now - started < load.seconds
            while open_ and idle and (due := _due(load, sent, started, now)) <= now:
                client = idle.pop()
                client.send(sent, due, load.requests[sent])
                selector.register(client.socket, selectors.EVENT_READ, client)
                sent += 1
                open_ = sent < len(load.requests)
            if not open_ and not selector.get_map():
                return answers
            if now - started > load.seconds + PATIENCE:
                raise TimeoutError(f"{len(selector.get_map())} requests were not answered.")
            for key, _ in selector.select(_pause(load, sent, started, now) if open_ and idle else 1.0):
                answer = key.data.receive()
                if answer is not None:
                    selector.unregister(key.fileobj)
                    answers.append(answer)
                    if not answer.status:
                        key.data.connect()
                    idle.append(key.data)


def _due(load: Load, number: int, started: float, now: float) -> float:
    return started + number / load.rate if load.rate else now


def _pause(load: Load, number: int, started: float, now: float) -> float:
    return max(0.0, _due(load, number, started, now) - now)


class Generator:
    """A process that drives loads, one at a time."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def start(self, load: Load) -> Future[list[Answer]]:
        return self._pool.submit(drive, load)

    def drive(self, load: Load) -> list[Answer]:
        return self.start(load).result()


@contextmanager
def generator() -> Iterator[Generator]:
    """A load generator in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield Generator(pool)


def post(path: str, document: dict[str, Any], secret: str, **headers: str) -> bytes:
    """A POST of JSON as it goes over the wire; `headers` by their names with `_` for `-`."""
    body = json.dumps(document, ensure_ascii=False).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {secret}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
