"""The doorbell: tells the workers that something waits. Losing a ring loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog
from kombu.exceptions import OperationalError

from comments import counters
from comments.redis_client import Unavailable, ask

log = structlog.get_logger(__name__)

_FLAG = "sekisho:rung"
_FLAG_OF_QUOTES = "sekisho:rung-for-quotes"
_FLAG_OF_UNDOS = "sekisho:rung-for-undos"
_FLAG_OF_TRYOUTS = "sekisho:rung-for-tryouts"
# At most one ring is outstanding: the flag stands until a worker answers, or
# for two seconds, should the ring be lost.
_FLAG_MS = 2000


def ring(*, full: bool = False) -> None:
    """Ring unless a ring is outstanding. Never raises for want of Redis: the sweep finds what waits.

    `full` says that at least one whole batch may wait.
    """
    from moderation.tasks import screen  # noqa: PLC0415 - the tasks ring, too

    _ring(_FLAG, partial(screen.delay, full=full))


def ring_for_quotes() -> None:
    """As `ring`, that quotes are to be traced again."""
    from moderation.tasks import retrace  # noqa: PLC0415 - as above

    _ring(_FLAG_OF_QUOTES, retrace.delay)


def ring_for_undos(*, on: bool = False) -> None:
    """As `ring`, that an import is to be undone; `on` says that who was at it gives way."""
    from moderation.tasks import undo_imports  # noqa: PLC0415 - as above

    _ring(_FLAG_OF_UNDOS, partial(undo_imports.delay, on=on))


def ring_for_tryouts() -> None:
    """As `ring`, that a try-out has something left to try: one such ring is outstanding at most, so
    that live comments never queue behind more than the chunks which are being tried."""
    from moderation.tasks import try_out  # noqa: PLC0415 - as above

    _ring(_FLAG_OF_TRYOUTS, try_out.delay)


def _ring(flag: str, send: Callable[[], object]) -> None:
    try:
        if ask(lambda redis: redis.set(flag, 1, nx=True, px=_FLAG_MS)):
            send()
    except Unavailable:
        counters.add(counters.RINGS_LOST)
    except (OperationalError, OSError) as error:
        log.warning("ring-lost", error=str(error))
        counters.add(counters.RINGS_LOST)


def answer() -> None:
    """Take the flag down, before claiming: whoever stores from now on rings anew."""
    _answer(_FLAG)


def answer_for_quotes() -> None:
    """As `answer`, for `ring_for_quotes`."""
    _answer(_FLAG_OF_QUOTES)


def answer_for_undos() -> None:
    """As `answer`, for `ring_for_undos`."""
    _answer(_FLAG_OF_UNDOS)


def answer_for_tryouts() -> None:
    """As `answer`, for `ring_for_tryouts`."""
    _answer(_FLAG_OF_TRYOUTS)


def _answer(flag: str) -> None:
    try:
        ask(lambda redis: redis.delete(flag))
    except Unavailable:
        log.warning("answer-lost")
