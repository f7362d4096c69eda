"""How a run begins, or goes on: one of a source at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from comments.imports.runs import is_alive, set_aside, this_process
from comments.imports.storing import store_down_to
from comments.models import ImportRun, ImportSource, RunStatus, Site


class Busy(Exception):
    """Another run of the same source is going on."""

    def __init__(self, run: ImportRun) -> None:
        super().__init__(
            f"run {run.pk} of source {run.source.slug!r} is going on (last sign of life "
            f"{run.heartbeat_at:%H:%M:%S %Z}). Wait until it ends."
        )
        self.run = run


class NotResumable(Exception):
    """A run that can not go on, and why."""


def begin(site: Site, slug: str, wanted: Mapping[str, Any]) -> ImportRun:
    """A new run of a source, or its unfinished run of the same file and options.

    `wanted` are the fields digest, format, policy and options, by which an
    unfinished run is known, and path. The source is made on first use.
    Raises `Busy`.
    """
    with transaction.atomic():
        ImportSource.objects.get_or_create(site=site, slug=slug)
        # Starts of the same source wait for each other here.
        source = ImportSource.objects.select_for_update(no_key=True).get(site=site, slug=slug)
        _make_way(source)
        same = {name: value for name, value in wanted.items() if name != "path"}
        run = source.runs.filter(finished_at=None, **same).first()
        if run is not None:
            return _take(run)
        return ImportRun.objects.create(
            source=source, owner=this_process(), heartbeat_at=timezone.now(), **wanted
        )


def resume(run_id: int, digest: str) -> ImportRun:
    """The unfinished run `run_id`, taken over. Raises `NotResumable`, `Busy`."""
    with transaction.atomic():
        run = ImportRun.objects.filter(pk=run_id).select_related("source").first()
        if run is None:
            raise NotResumable(f"there is no run {run_id}.")
        source = ImportSource.objects.select_for_update(no_key=True).get(pk=run.source_id)
        run.refresh_from_db()
        if run.finished_at is not None:
            raise NotResumable(f"run {run_id} has ended: nothing is left to do. Start a new one.")
        if run.digest != digest:
            raise NotResumable(
                f"the file is not the one that run {run_id} began with. Start a new run: what is "
                "stored already stays as it is."
            )
        _make_way(source)
        run.refresh_from_db()
        return _take(run)


def _make_way(source: ImportSource) -> None:
    """Set aside a run of the source that has died, and store what was read before. Raises `Busy`."""
    running = source.runs.select_for_update(no_key=True).filter(status=RunStatus.RUNNING).first()
    if running is not None:
        if is_alive(running, timezone.now()):
            raise Busy(running)
        set_aside(running)
    # Rows that were read before must not be stored behind those of a newer file.
    for left in source.runs.filter(finished_at=None):
        store_down_to(left, 0)


def _take(run: ImportRun) -> ImportRun:
    run.status, run.attempt, run.error, run.asked = RunStatus.RUNNING, run.attempt + 1, "", ""
    run.owner, run.heartbeat_at = this_process(), timezone.now()
    run.save(update_fields=["status", "attempt", "error", "asked", "owner", "heartbeat_at"])
    return run
