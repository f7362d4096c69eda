"""The doorbell: tells the workers that something waits. Losing a ring loses nothing."""

from __future__ import annotations

import structlog
from kombu.exceptions import OperationalError

from comments import counters
from comments.redis_client import Unavailable, ask

log = structlog.get_logger(__name__)

_FLAG = "sekisho:rung"
# At most one ring is outstanding: the flag stands until a worker answers, or
# for two seconds, should the ring be lost.
_FLAG_MS = 2000


def ring(*, full: bool = False) -> None:
    """Ring unless a ring is outstanding. Never raises for want of Redis: the sweep finds what waits.

    `full` says that at least one whole batch may wait.
    """
    from moderation.tasks import screen  # noqa: PLC0415 - the tasks ring, too

    try:
        if ask(lambda redis: redis.set(_FLAG, 1, nx=True, px=_FLAG_MS)):
            screen.delay(full=full)
    except Unavailable:
        counters.add(counters.RINGS_LOST)
    except (OperationalError, OSError) as error:
        log.warning("ring-lost", error=str(error))
        counters.add(counters.RINGS_LOST)


def answer() -> None:
    """Take the flag down, before claiming: whoever stores from now on rings anew."""
    try:
        ask(lambda redis: redis.delete(_FLAG))
    except Unavailable:
        log.warning("answer-lost")
