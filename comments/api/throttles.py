"""Throttles per site key and per client address, in one round trip to Redis.

They fail open: with Redis down nothing is throttled, and after a failure
Redis is left alone for a second, so that requests do not queue for it.
"""

from __future__ import annotations

import logging
import math
import time
from functools import cache
from typing import TYPE_CHECKING

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from comments.api.addresses import network
from comments.api.problems import Kind, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redis.commands.core import Script

    from comments.api.addresses import Address
    from comments.api.authentication import Access

log = logging.getLogger(__name__)

# How long a request waits for Redis, and how long Redis is left alone after a failure, in seconds.
TIMEOUT = 0.2
PAUSE = 1.0

# The generic cell rate algorithm (ITU-T I.371), a leaky bucket that needs one
# number a key: the time at which the bucket will be empty. It holds a minute's
# worth. A refused request costs nothing in any bucket. Answers the
# milliseconds to wait, 0 for go.
_GCRA = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local wait, empty = 0, {}
for i, key in ipairs(KEYS) do
  local then_empty = math.max(tonumber(redis.call('GET', key)) or now, now) + 60000 / ARGV[i]
  wait = math.max(wait, then_empty - now - 60000)
  empty[i] = then_empty
end
-- A thousandth of a millisecond is what rounding may take.
if wait > 0.001 then return math.ceil(wait) end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.3f', empty[i]), 'PX', math.ceil(empty[i] - now))
end
return 0
"""


class Breaker:
    """Says whether to try a service, and lets one caller a pause try a failed one."""

    def __init__(self, pause: float) -> None:
        self.pause = pause
        self.closed_until = 0.0

    def allows(self) -> bool:
        """Whether to try now. After a failure one caller tries, the others wait for its result."""
        if not self.closed_until:
            return True
        now = time.monotonic()
        if now < self.closed_until:
            return False
        self.closed_until = now + self.pause
        return True

    def failed(self) -> bool:
        """Note a failure; whether it is the first of a row."""
        first = not self.closed_until
        self.closed_until = time.monotonic() + self.pause
        return first

    def succeeded(self) -> None:
        self.closed_until = 0.0


_breaker = Breaker(PAUSE)


@cache
def _script(url: str) -> Script:
    client = redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )
    return client.register_script(_GCRA)


def _wait(limits: Mapping[str, int]) -> int:
    """Spend one request of each `{bucket: requests a minute}`; milliseconds to wait, 0 for go."""
    if not settings.REDIS_URL or not _breaker.allows():
        return 0
    try:
        wait = int(_script(settings.REDIS_URL)(keys=list(limits), args=list(limits.values())))
    except (redis.RedisError, OSError) as error:
        if _breaker.failed():
            log.warning("Redis does not answer: nothing is throttled until it does (%s)", error)
        return 0
    _breaker.succeeded()
    return wait


def spend(access: Access, address: Address | None) -> None:
    """Count a request of a site key and of a client's address. Raises `Problem` (429).

    A limit of 0 switches that throttle off.
    """
    limits = {f"throttle:key:{access.key_id}": settings.THROTTLE_SITE_KEY}
    if address:
        # An address counts apart at each site: no site can use up another's share.
        limits[f"throttle:address:{access.site_id}:{network(address)}"] = settings.THROTTLE_CLIENT_ADDRESS
    limits = {bucket: limit for bucket, limit in limits.items() if limit}
    if limits and (wait := _wait(limits)):
        seconds = math.ceil(wait / 1000)
        raise Problem(
            Kind.THROTTLED,
            f"Wait {seconds} s, then send the same again.",
            headers={"Retry-After": str(seconds)},
        )
