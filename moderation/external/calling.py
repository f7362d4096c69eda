"""Requests to services, all at once and within a deadline; none is asked again and again while it is down.

An asynchronous client on an event loop of its own: thirty sockets cost less
than thirty threads, and a deadline ends what is under way, also where a
thread would be stuck in reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import structlog

from comments.redis_client import Breaker
from comments.sources.network import Guard
from moderation.checks.facts import ServiceAnswer
from moderation.external.credentials import allowed
from moderation.external.failures import is_of_service
from moderation.external.protocols import Request

if TYPE_CHECKING:
    import aiohttp

log = structlog.get_logger(__name__)

# So much of an answer is read, in bytes: an answer is a line.
LARGEST = 64 * 1024
AGENT = "Sekisho/0.1 | Sekisho external/1"
# After so many calls in a row without an answer a service is left alone for so many
# seconds; then one call finds out whether it is back. One odd text must not do that,
# nor may each of a thousand comments wait for a server that is gone.
IN_A_ROW, PAUSE = 5, 30.0

Read = Callable[[int, Mapping[str, str], bytes], ServiceAnswer]


class Reply(NamedTuple):
    """What came back, and after how long."""

    answer: ServiceAnswer
    milliseconds: int


@dataclass(slots=True)
class Line:
    """What this process knows of a service: whether it answers."""

    breaker: Breaker = field(default_factory=lambda: Breaker(PAUSE))
    failed: int = 0

    def note(self, service: str, reply: Reply) -> None:
        if not is_of_service(reply.answer.failure):
            self.failed = 0
            if self.breaker.succeeded():
                log.info("external-back", service=service)
            return
        self.failed += 1
        if self.failed >= IN_A_ROW and self.breaker.failed():
            log.warning("external-paused", service=service, failure=reply.answer.failure)


@dataclass(frozen=True, slots=True)
class Batch:
    """The requests that go to one service, and how long they may take together, in seconds."""

    service: str
    requests: Sequence[Request]
    seconds: float
    read: Read


# A process's own: each finds out for itself, with one batch, that a service is down.
_lines: dict[str, Line] = {}


def call(batches: Sequence[Batch], lines: dict[str, Line] | None = None) -> list[list[Reply]]:
    """The replies of each batch, in the order of its requests; all services at once. Never raises."""
    known = _lines if lines is None else lines
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(_all(batches, known))
    finally:
        # Unlike `asyncio.run` this does not wait for a resolver that hangs past the deadline.
        loop.close()


async def _all(batches: Sequence[Batch], lines: dict[str, Line]) -> list[list[Reply]]:
    return await asyncio.gather(*(_batch(each, lines.setdefault(each.service, Line())) for each in batches))


async def _batch(batch: Batch, line: Line) -> list[Reply]:
    if not line.breaker.allows():
        return [PAUSED] * len(batch.requests)
    guard = Guard(urlsplit(batch.requests[0].url).hostname or "", allowed())
    until = asyncio.get_running_loop().time() + batch.seconds
    async with _session(guard) as session:

        async def ask(requests: Sequence[Request]) -> list[Reply]:
            found = await asyncio.gather(
                *(_ask(session, each, until, batch.read, guard) for each in requests)
            )
            for reply in found:
                line.note(batch.service, reply)
            return found

        # One that was down is asked one thing first.
        first = 1 if line.breaker.open_until is not None else len(batch.requests)
        replies = await ask(batch.requests[:first])
        rest = batch.requests[first:]
        if rest and line.breaker.open_until is not None:
            return replies + [PAUSED] * len(rest)
        return replies + await ask(rest)


PAUSED = Reply(ServiceAnswer(failure="paused"), 0)


def _session(guard: Guard) -> aiohttp.ClientSession:
    """Nothing is kept of it; it follows no proxy and unpacks nothing."""
    # The client takes a tenth of a second to import, and most processes ask nobody.
    import aiohttp  # noqa: PLC0415

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(socket_factory=guard.make_socket, force_close=True, limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        headers={"User-Agent": AGENT, "Accept-Encoding": "identity"},
        auto_decompress=False,
        trust_env=False,
    )


async def _ask(
    session: aiohttp.ClientSession, request: Request, until: float, read: Read, guard: Guard
) -> Reply:
    import aiohttp  # noqa: PLC0415

    clock = asyncio.get_running_loop().time
    started = clock()
    try:
        async with asyncio.timeout_at(until):
            answer = await _post(session, request, read)
    except TimeoutError:
        answer = ServiceAnswer(failure="timeout")
    except (aiohttp.ClientError, OSError, ValueError):
        # Of a redirect nothing is read but its number: it could lead anywhere.
        answer = ServiceAnswer(failure="not-permitted" if guard.refused else "unreachable")
    except Exception:
        log.exception("external-failed", host=guard.host)
        answer = ServiceAnswer(failure="error")
    return Reply(answer, round((clock() - started) * 1000))


async def _post(session: aiohttp.ClientSession, request: Request, read: Read) -> ServiceAnswer:
    body = bytearray()
    async with session.post(
        request.url, data=request.body, headers=request.headers, allow_redirects=False
    ) as response:
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > LARGEST:
                return ServiceAnswer(failure="too-large")
        return read(response.status, response.headers, bytes(body))
