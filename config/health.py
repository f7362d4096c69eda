"""Whether the process is alive, and whether it should be sent requests."""

from datetime import UTC, datetime

import redis
import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = structlog.get_logger(__name__)


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 while the process serves; asks nothing of anybody else."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when requests can be served, 503 when the database does not answer.

    Without Redis the API still takes comments in and the sweep decides them
    later: that is "degraded" and no reason to send requests elsewhere.
    `oldest_pending_seconds` is the age of the comment that waits longest for
    the workers, null when none does.
    """
    database, oldest = _database()
    broker = _redis()
    status = "unavailable" if database != "ok" else "ok" if broker == "ok" else "degraded"
    body = {"status": status, "database": database, "redis": broker, "oldest_pending_seconds": oldest}
    return JsonResponse(body, status=200 if database == "ok" else 503)


def _database() -> tuple[str, float | None]:
    """How the database is, and the age in seconds of the oldest pending comment."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT min(since) FROM moderation_pending")
            (since,) = cursor.fetchone()
    except DatabaseError as error:
        log.warning("readyz: the database does not answer", error=str(error))
        return "unavailable", None
    return "ok", None if since is None else round((datetime.now(UTC) - since).total_seconds(), 1)


def _redis() -> str:
    if not settings.REDIS_URL:
        return "absent"
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5
        ) as client:
            client.ping()
    except redis.RedisError as error:
        log.warning("readyz: Redis does not answer", error=str(error))
        return "unavailable"
    return "ok"
