"""What has happened, counted over all processes: the figures behind `/metrics`.

Web servers and workers are many processes, perhaps on many machines, so their
counts are added up in one Redis hash. A request or a task only adds to a
number in memory; once a second a timer sends what has gathered, in one round
trip. While Redis is away the counts wait in memory. A killed process takes up
to a second of counts with it, and a Redis that lost its memory begins at 0,
which Prometheus takes for the restart that it is.
"""

from __future__ import annotations

import atexit
import json
import os
import threading
from collections import Counter as Tally
from collections.abc import Mapping
from dataclasses import dataclass

from redis import Redis

from comments import redis_client

HASH = "sekisho:counters"
FLUSH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Counter:
    """A number that only rises, one for each combination of `labels`."""

    name: str
    help: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Histogram:
    """Durations in seconds, counted by the upper bounds of `buckets`."""

    name: str
    help: str
    buckets: tuple[float, ...]


RECEIVED = Counter(
    "sekisho_comments_received", "Comments stored, by source (`api`, or an import).", ("source",)
)
DECISIONS = Counter(
    "sekisho_decisions", "Decisions, by what became of the comment and by whom.", ("status", "by")
)
CHECK_FAILURES = Counter(
    "sekisho_check_failures", "Checks that raised; their comments were held.", ("check",)
)
EXTERNAL_ANSWERS = Counter(
    "sekisho_external_answers",
    "Questions to services outside, by service and what came of them (`answered`, or why not).",
    ("service", "outcome"),
)
RINGS_LOST = Counter(
    "sekisho_rings_lost", "Rings that did not reach the workers; the sweep found the comments."
)
HTTP_REQUESTS = Counter("sekisho_http_requests", "HTTP requests answered.", ("method", "status"))
HTTP_SECONDS = Histogram(
    "sekisho_http_request_seconds",
    "Time to answer a request.",
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
SCREENING_SECONDS = Histogram(
    "sekisho_screening_seconds",
    "Time to screen one batch of comments.",
    (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2),
)
COUNTERS = (RECEIVED, DECISIONS, CHECK_FAILURES, EXTERNAL_ANSWERS, RINGS_LOST, HTTP_REQUESTS)
HISTOGRAMS = (HTTP_SECONDS, SCREENING_SECONDS)

# A label that came from outside could be anything; what is longer is cut.
_LONGEST_LABEL = 100


class Buffer:
    """Counts that wait to be sent, and the timer that sends them."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin empty: after a fork the parent's counts are the parent's to send."""
        self._waiting: Tally[str] = Tally()
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self._sending = threading.Lock()

    def add(self, amounts: Mapping[str, float]) -> None:
        with self._lock:
            self._waiting.update(amounts)
            self._arm()

    def _arm(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(FLUSH_SECONDS, self._ring)
            self._timer.daemon = True
            self._timer.start()

    def _ring(self) -> None:
        with self._lock:
            self._timer = None
        self.flush()

    def flush(self) -> None:
        """Send what waits; what can not be sent goes on waiting."""
        with self._sending:
            with self._lock:
                amounts, self._waiting = self._waiting, Tally()
            if not amounts:
                return
            try:
                redis_client.ask(lambda redis: _send(redis, amounts))
            except redis_client.Unavailable:
                self.add(amounts)


def _send(redis: Redis, amounts: Mapping[str, float]) -> None:
    pipeline = redis.pipeline(transaction=True)
    for field, amount in amounts.items():
        pipeline.hincrbyfloat(HASH, field, amount)
    pipeline.execute()


_buffer = Buffer()
os.register_at_fork(after_in_child=_buffer.reset)


@atexit.register
def flush() -> None:
    """Send what this process has counted since it last did."""
    _buffer.flush()


def add(counter: Counter, *labels: str, by: float = 1) -> None:
    """Count `by` more, for label values in the order of `counter.labels`."""
    if len(labels) != len(counter.labels):
        raise ValueError(f"{counter.name} has the labels {counter.labels}, not {len(labels)} values.")
    _buffer.add({_field(counter.name, *(label[:_LONGEST_LABEL] for label in labels)): by})


def observe(histogram: Histogram, seconds: float) -> None:
    """Count one duration."""
    bound = next((bound for bound in histogram.buckets if seconds <= bound), float("inf"))
    _buffer.add({_field(histogram.name, str(bound)): 1, _field(histogram.name, "sum"): seconds})


def _field(*words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def read() -> dict[tuple[str, ...], float]:
    """`{(name, *label values): number}` as all processes have sent them. Raises `Unavailable`.

    A histogram's are `(name, upper bound)`, not yet cumulative, and `(name, "sum")`.
    """
    stored = redis_client.ask(lambda redis: redis.hgetall(HASH))
    return {tuple(json.loads(field)): float(value) for field, value in stored.items()}
