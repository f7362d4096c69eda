"""Waiting times as counts in buckets that grow by a fixed factor: median and p95 without the times. Pure.

Bucket `n` holds the times from 2^(n/4) to 2^((n+1)/4) seconds, four to a
doubling; the first all below. What is said of a bucket is its geometric
middle, which no time in it is further from than the eighth part of a
doubling: 9 % (2^(1/8) = 1.0905).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor, log

TO_A_DOUBLING = 4
# How far what is said may be from the true time, in percent.
WITHIN = 9


def bucket_of(seconds: float) -> int:
    """The bucket of a time, as the triggers of the tallies have it."""
    return floor(TO_A_DOUBLING * log(max(seconds, 1.0)) / log(2.0))


def middle_of(bucket: int) -> float:
    """Seconds in the middle of a bucket."""
    return float(2 ** ((bucket + 0.5) / TO_A_DOUBLING))


def quantile(counts: Mapping[int, int], share: float) -> float | None:
    """Seconds that at least `share` of the times are not above, None where there are none.

    `counts` are times by bucket; the nearest rank is taken.
    """
    rank = max(1, ceil(share * sum(counts.values())))
    passed = 0
    for bucket, number in sorted(counts.items()):
        passed += number
        if number and passed >= rank:
            return middle_of(bucket)
    return None
