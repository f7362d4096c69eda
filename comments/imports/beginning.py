"""How a run begins, or goes on: one of a source at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from comments.imports.recovering import end_cancelled
from comments.imports.runs import is_alive, set_aside, this_process
from comments.imports.storing import WAIT_SECONDS, store_left
from comments.models import Asked, ImportChunk, ImportRun, ImportSource, RunStatus, Site

# For chunks of an earlier run that others are storing, each some 100 ms long.
PATIENCE_SECONDS = 10


class Busy(Exception):
    """Another run of the same source is going on, or is being undone."""

    def __init__(self, run: ImportRun) -> None:
        going = (
            "is being undone"
            if run.being_undone
            else f"is going on (last sign of life {run.heartbeat_at:%H:%M:%S %Z})"
        )
        super().__init__(f"run {run.pk} of source {run.source.slug!r} {going}. Wait until it ends.")
        self.run = run


class NotResumable(Exception):
    """A run that can not go on, and why."""


def begin(site: Site, slug: str, wanted: Mapping[str, Any]) -> ImportRun:
    """A new run of a source, or its unfinished run of the same file and options.

    `wanted` are the fields digest, format, policy and options, by which an
    unfinished run is known, and path. The source is made on first use.
    Raises `Busy`.
    """
    source, _ = ImportSource.objects.get_or_create(site=site, slug=slug)
    with _alone(source):
        same = {name: value for name, value in wanted.items() if name != "path"}
        run = source.runs.filter(finished_at=None, **same).first()
        if run is not None:
            return _take(run)
        return ImportRun.objects.create(
            source=source, owner=this_process(), heartbeat_at=timezone.now(), **wanted
        )


def resume(run_id: int, digest: str) -> ImportRun:
    """The unfinished run `run_id`, taken over. Raises `NotResumable`, `Busy`."""
    run = ImportRun.objects.filter(pk=run_id).select_related("source").first()
    if run is None:
        raise NotResumable(f"there is no run {run_id}.")
    if run.finished_at is None and run.digest != digest:
        raise NotResumable(
            f"the file is not the one that run {run_id} began with. Start a new run: what is "
            "stored already stays as it is."
        )
    with _alone(run.source):
        run.refresh_from_db()
        if run.finished_at is not None:
            raise NotResumable(f"run {run_id} has ended: nothing is left to do. Start a new one.")
        return _take(run)


@contextmanager
def _alone(source: ImportSource) -> Iterator[None]:
    """A transaction in which no run of the source is going on, and of none anything is left to be stored.

    What is left of earlier runs is stored before it, a chunk a transaction:
    rows that were read before must not be stored behind those of a newer
    file, and comments must not stay locked meanwhile. Raises `Busy`.
    """
    while True:
        _make_way(source)
        with transaction.atomic():
            # Starts of the same source wait for each other here.
            ImportSource.objects.select_for_update(no_key=True).get(pk=source.pk)
            running = source.runs.filter(Q(status=RunStatus.RUNNING) | Q(being_undone=True)).first()
            if running is not None:
                raise Busy(running)
            if not ImportChunk.objects.filter(run__source=source, stored_at=None).exists():
                yield
                return


def _make_way(source: ImportSource) -> None:
    """Set aside a run that has died, store what is left, end what was cancelled. Raises `Busy`."""
    with transaction.atomic():
        running = source.runs.select_for_update(no_key=True).filter(status=RunStatus.RUNNING).first()
        if running is not None:
            if is_alive(running, timezone.now()):
                raise Busy(running)
            set_aside(running)
    for left in source.runs.filter(finished_at=None):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not store_left(left):
            if time.monotonic() > deadline:
                raise Busy(left)
            time.sleep(WAIT_SECONDS)
        if left.asked == Asked.CANCEL:
            end_cancelled(left)


def _take(run: ImportRun) -> ImportRun:
    run.status, run.attempt, run.error, run.asked = RunStatus.RUNNING, run.attempt + 1, "", ""
    run.owner, run.heartbeat_at = this_process(), timezone.now()
    run.save(update_fields=["status", "attempt", "error", "asked", "owner", "heartbeat_at"])
    return run
