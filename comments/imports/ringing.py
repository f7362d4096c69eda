"""Tells the workers that a chunk waits. Losing a ring loses nothing: the reader stores what is left."""

from __future__ import annotations

import logging

from kombu.exceptions import OperationalError
from redis import Redis

from comments.redis_client import Unavailable, ask

logger = logging.getLogger(__name__)

# A ring that no worker took within so many seconds says nothing new any more.
EXPIRES = 30


def ring() -> None:
    """Call one worker to one chunk."""
    from comments.tasks import store_chunk  # noqa: PLC0415 - the tasks import what rings

    try:
        # It tells within a fifth of a second that Redis is gone, and only once a second.
        ask(Redis.ping)
        store_chunk.apply_async(expires=EXPIRES)
    except Unavailable:
        pass
    except (OperationalError, OSError) as error:
        logger.warning("ring for a chunk lost: %s", error)
