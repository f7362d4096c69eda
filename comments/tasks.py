"""What `comments` does in the background; beat rings for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis import Redis

from comments import imports, redis_client
from comments.api import idempotency
from comments.formats.base import Unreadable
from comments.imports import again
from comments.models import ImportRun, ImportSource, RunStatus
from comments.sources import claims, local, running

logger = logging.getLogger(__name__)

# The sweep rings again after a minute; until then one ring is enough.
RING_SECONDS = 55
# Runs of zero rows are kept for so many days.
KEPT_DAYS = 30


@shared_task
def purge_idempotency_keys() -> int:
    """Delete kept answers that no retry may ask for any more; how many."""
    return idempotency.purge(timezone.now())


@shared_task
def recover_runs() -> None:
    """Ring for the sources that are due, and hand on the comments of import runs that have died.

    Due is also a source whose process has died: its run goes on where it was.
    """
    now = timezone.now()
    for source_id in claims.due(now):
        ring(source_id)
    imports.recover(now)


@shared_task(acks_late=False, ignore_result=True)
def store_chunk() -> None:
    """Store one chunk of an import that is going on, if one is left."""
    imports.store_next()


@shared_task
def import_source(source_id: int) -> None:
    """Read a source, if it is due and nobody reads it. Routed to the queue `imports`."""
    reading = running.read_source(source_id)
    if reading is not None:
        logger.info(
            "source %s is read: %d runs, %d faults", source_id, len(reading.runs), len(reading.faults)
        )


@shared_task
def purge_imports() -> None:
    """Delete uploads that no source names, spooled files of killed processes, old runs of zero rows."""
    addresses = ImportSource.objects.filter(address__startswith="upload:").values_list("address", flat=True)
    local.purge(set(addresses))
    old = timezone.now() - timedelta(days=KEPT_DAYS)
    ImportRun.objects.filter(finished_at__lt=old).exclude(unchanged="").delete()


def ring(source_id: int) -> None:
    """Tell a worker that a source is due. Where Redis does not answer, the sweep finds it."""
    try:
        # It tells within a fifth of a second that Redis is gone, and only once a second.
        redis_client.ask(Redis.ping)
        import_source.apply_async((source_id,), expires=RING_SECONDS)
    except redis_client.Unavailable:
        pass
    except (OperationalError, OSError) as error:
        logger.warning("ring for source %s lost: %s", source_id, error)


@shared_task(acks_late=False, ignore_result=True)
def go_on_with_run(run_id: int) -> None:
    """Go on with an import run that was paused or died; why it cannot stands at it."""
    _told(run_id, again.go_on)


@shared_task(acks_late=False, ignore_result=True)
def run_problems_again(run_id: int) -> None:
    """Read again what an import run had refused; why it cannot stands at that run."""
    _told(run_id, again.problems_again)


def _told(run_id: int, do: Callable[[int], ImportRun]) -> None:
    try:
        do(run_id)
    except (Unreadable, imports.Busy, imports.NotResumable, imports.TakenOver) as fault:
        logger.warning("import run %s: %s", run_id, fault)
        ImportRun.objects.filter(pk=run_id).exclude(status=RunStatus.RUNNING).update(error=str(fault))
