"""The one way to Redis for what a request or a task wants of it: short timeouts and a breaker.

Redis carries messages, counters and caches; whoever asks here does without
it when it does not answer. A failure costs one caller `PATIENCE` seconds; for
`PAUSE` seconds after it nobody else tries, so requests do not queue for a
server that is gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

# A request waits for Redis no longer than this, in seconds; nor is Redis
# asked again sooner than this after a failure.
PATIENCE = 0.2
PAUSE = 1.0

Answer = TypeVar("Answer")


class Unavailable(Exception):
    """Redis does not answer, or did not a moment ago."""


class Breaker:
    """Says whether to try a service; lets one caller a pause try one that has failed."""

    def __init__(self, pause: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.pause = pause
        self.clock = clock
        self.open_until: float | None = None

    def allows(self) -> bool:
        if self.open_until is None:
            return True
        now = self.clock()
        if now < self.open_until:
            return False
        self.open_until = now + self.pause  # this caller tries; the others wait for what it finds
        return True

    def failed(self) -> bool:
        """Note a failure; whether it is the first of a row."""
        first = self.open_until is None
        self.open_until = self.clock() + self.pause
        return first

    def succeeded(self) -> bool:
        """Note a success; whether it ends a row of failures."""
        ended = self.open_until is not None
        self.open_until = None
        return ended


@dataclass(frozen=True, slots=True)
class Server:
    """A Redis as this process knows it. Its pool makes connections anew after a fork."""

    client: redis.Redis
    breaker: Breaker


@cache
def server(url: str) -> Server:
    client = redis.Redis.from_url(
        url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
    )
    return Server(client, Breaker(PAUSE))


def ask(question: Callable[[redis.Redis], Answer]) -> Answer:
    """What `question` gets from Redis. Raises `Unavailable`, at once within a pause after a failure."""
    if not settings.REDIS_URL:
        raise Unavailable("REDIS_URL is not set")
    asked = server(settings.REDIS_URL)
    if not asked.breaker.allows():
        raise Unavailable("Redis did not answer a moment ago")
    try:
        answer = question(asked.client)
    except (redis.RedisError, OSError) as error:
        if asked.breaker.failed():
            log.warning("redis-lost", error=str(error))
        raise Unavailable(str(error)) from error
    if asked.breaker.succeeded():
        log.info("redis-back")
    return answer
