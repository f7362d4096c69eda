"""`/metrics`: the figures of all processes, for Prometheus."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_address

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from comments import bulk, counters, redis_client
from moderation.models import Lane, Severity

log = structlog.get_logger(__name__)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class CountRequestsMiddleware:
    """Counts every answer; stands first, so that it sees those of the other middleware too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.get_response(request)
        method = request.method if request.method in _METHODS else "other"
        counters.add(counters.HTTP_REQUESTS, str(method), str(response.status_code))
        counters.observe(counters.HTTP_SECONDS, time.perf_counter() - started)
        return response


class Figures(Collector):
    """The counters of all processes from Redis, and what stands in PostgreSQL now.

    Each part is left out when its server does not answer; `sekisho_redis_up`
    and `sekisho_database_up` say so.
    """

    def collect(self) -> Iterable[Metric]:
        try:
            yield from _counted(counters.read())
            up = 1
        except redis_client.Unavailable:
            up = 0
        yield GaugeMetricFamily("sekisho_redis_up", "Whether Redis answers.", up)
        try:
            yield from [*_waiting(), *_cases()]
            up = 1
        except DatabaseError as error:
            log.warning("metrics: the database does not answer", error=str(error))
            up = 0
        yield GaugeMetricFamily("sekisho_database_up", "Whether PostgreSQL answers.", up)


def _counted(numbers: Mapping[tuple[str, ...], float]) -> Iterable[Metric]:
    for counter in counters.COUNTERS:
        family = CounterMetricFamily(counter.name, counter.help, labels=counter.labels)
        if not counter.labels:
            family.add_metric((), numbers.get((counter.name,), 0))
        for (name, *labels), number in sorted(numbers.items()):
            if name == counter.name and len(labels) == len(counter.labels) > 0:
                family.add_metric(labels, number)
        yield family
    yield from (_histogram(histogram, numbers) for histogram in counters.HISTOGRAMS)


def _histogram(histogram: counters.Histogram, numbers: Mapping[tuple[str, ...], float]) -> Metric:
    total, buckets = 0.0, []
    for bound in (*histogram.buckets, float("inf")):
        total += numbers.get((histogram.name, str(bound)), 0)
        buckets.append(("+Inf" if bound == float("inf") else str(bound), total))
    return HistogramMetricFamily(
        histogram.name, histogram.help, buckets=buckets, sum_value=numbers.get((histogram.name, "sum"), 0)
    )


def _waiting() -> Iterable[Metric]:
    """What waits for the workers, by lane, and for how long the oldest has."""
    rows = {
        lane: (count, age)
        for lane, count, age in bulk.fetch(
            """SELECT lane, count(*), extract(epoch FROM clock_timestamp() - min(since))
               FROM moderation_pending GROUP BY lane"""
        )
    }
    waiting = GaugeMetricFamily(
        "sekisho_pending_comments", "Comments that wait for the workers.", labels=["lane"]
    )
    for lane in Lane:
        waiting.add_metric([lane.name.lower()], rows.get(lane, (0, 0))[0])
    yield waiting
    oldest = max((float(age) for _, age in rows.values()), default=0)
    yield GaugeMetricFamily(
        "sekisho_oldest_pending_seconds", "How long the comment has waited that waits longest.", oldest
    )


def _cases() -> Iterable[Metric]:
    """What waits for a person, by severity."""
    rows = {
        severity: (open_now, overdue)
        for severity, open_now, overdue in bulk.fetch(
            """SELECT severity, count(*), count(*) FILTER (WHERE due_at < clock_timestamp())
               FROM moderation_case WHERE closed_at IS NULL GROUP BY severity"""
        )
    }
    names = {
        "sekisho_open_cases": "Cases that wait for a moderator.",
        "sekisho_overdue_cases": "Open cases that should have been decided by now.",
    }
    for position, (name, text) in enumerate(names.items()):
        family = GaugeMetricFamily(name, text, labels=["severity"])
        for severity in Severity:
            family.add_metric([severity.name.lower()], rows.get(severity, (0, 0))[position])
        yield family


_registry = CollectorRegistry(auto_describe=False)
_registry.register(Figures())


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, to whoever may see them; 403 for everybody else."""
    if not may_see(request):
        mend = (
            "Send Authorization: Bearer <METRICS_TOKEN>." if settings.METRICS_TOKEN else "Set METRICS_TOKEN."
        )
        return HttpResponse(f"Not from here. {mend}\n", status=403, content_type="text/plain")
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(_registry), content_type=content_type)


def may_see(request: HttpRequest) -> bool:
    """With METRICS_TOKEN, who sends it as a bearer token; without, who asks from this very machine.

    What came through a proxy on this machine has a loopback address too, and
    is refused by the header that the proxy adds.
    """
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    if settings.TRUSTED_PROXIES or {"X-Forwarded-For", "Forwarded"} & set(request.headers):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
