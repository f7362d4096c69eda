"""The doorbell: tells the workers that something waits. Losing a ring loses nothing."""

from __future__ import annotations

import structlog
from django.conf import settings
from kombu.exceptions import OperationalError
from redis import Redis, RedisError

log = structlog.get_logger(__name__)

_FLAG = "sekisho:rung"
# At most one ring is outstanding: the flag stands until a worker answers, or
# for two seconds, should the ring be lost.
_FLAG_MS = 2000
# A ring never delays a request by more than this, in seconds.
_PATIENCE = 0.2

_redis: Redis | None = None


def _client() -> Redis:
    global _redis  # noqa: PLW0603 - one connection pool a process
    if _redis is None:
        _redis = Redis.from_url(
            settings.REDIS_URL, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE
        )
    return _redis


def ring() -> None:
    """Ring unless a ring is outstanding. Never raises for want of Redis: the sweep finds what waits."""
    from moderation.tasks import screen

    try:
        if _client().set(_FLAG, 1, nx=True, px=_FLAG_MS):
            screen.delay()
    except (RedisError, OperationalError, OSError) as error:
        log.warning("ring-lost", error=str(error))


def answer() -> None:
    """Take the flag down, before claiming: whoever stores from now on rings anew."""
    try:
        _client().delete(_FLAG)
    except (RedisError, OSError) as error:
        log.warning("answer-lost", error=str(error))
