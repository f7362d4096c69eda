"""Throttles per site key and per client address, in one round trip to Redis.

They fail open: while Redis does not answer nothing is throttled.
"""

from __future__ import annotations

import math
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from comments.api.addresses import network
from comments.api.problems import Kind, Problem
from comments.redis_client import Unavailable, ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redis import Redis
    from redis.commands.core import Script

    from comments.api.addresses import Address
    from comments.api.authentication import Access

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


def _wait(limits: Mapping[str, int]) -> int:
    """Spend one request of each `{bucket: requests a minute}`; milliseconds to wait, 0 for go."""

    def spend_each(client: Redis) -> int:
        return int(_script(client)(keys=list(limits), args=list(limits.values())))

    try:
        return ask(spend_each)
    except Unavailable:
        return 0


@cache
def _script(client: Redis) -> Script:
    return client.register_script(_GCRA)


class Throttle(Enum):
    """What is counted apart: the prefix of its buckets, and the settings that limit them."""

    ANY = "throttle", "THROTTLE_SITE_KEY", "THROTTLE_CLIENT_ADDRESS"
    # Checked as a reader types, a comment is checked more often than it is sent.
    CHECK = "throttle:check", "THROTTLE_CHECK_SITE_KEY", "THROTTLE_CHECK_CLIENT_ADDRESS"

    def limits(self, access: Access, address: Address | None) -> dict[str, int]:
        """`{bucket: requests a minute}` of a request."""
        prefix, of_key, of_address = self.value
        limits = {f"{prefix}:key:{access.key_id}": getattr(settings, of_key)}
        if address:
            # An address counts apart at each site: no site can use up another's share.
            limits[f"{prefix}:address:{access.site_id}:{network(address)}"] = getattr(settings, of_address)
        return limits


def spend(access: Access, address: Address | None, throttle: Throttle = Throttle.ANY) -> None:
    """Count a request of a site key and of a client's address. Raises `Problem` (429).

    A limit of 0 switches that throttle off.
    """
    limits = throttle.limits(access, address)
    limits = {bucket: limit for bucket, limit in limits.items() if limit}
    if limits and (wait := _wait(limits)):
        seconds = math.ceil(wait / 1000)
        raise Problem(
            Kind.THROTTLED,
            f"Wait {seconds} s, then send the same again.",
            headers={"Retry-After": str(seconds)},
        )
