"""The life of a run: begun, taken over, fenced off, finished, recovered.

A run belongs to one process at a time. Whoever takes it over raises
`attempt`; every write of a run goes through `fence`, which the process before
does not pass any more. So taking over a run that was only slow is harmless.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from comments.models import ImportMark, ImportRun, ImportSource, RunStatus, Site
from comments.services import announce
from comments.signals import Change, changed

logger = logging.getLogger(__name__)

# A chunk takes some fifty milliseconds; a run without a sign of life for so
# long has died, or its machine has.
QUIET = timedelta(minutes=2)
# Comments announced in one transaction.
ANNOUNCED_AT_ONCE = 5_000


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


class TakenOver(Exception):
    """Another process goes on with this run."""


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
    """Set aside a run of the source that has died. Raises `Busy` if it lives."""
    running = source.runs.select_for_update(no_key=True).filter(status=RunStatus.RUNNING).first()
    if running is None:
        return
    if is_alive(running, timezone.now()):
        raise Busy(running)
    _set_aside(running)


def _set_aside(run: ImportRun) -> None:
    run.status, run.attempt = RunStatus.FAILED, run.attempt + 1
    run.error = (
        f"The process stopped after {run.position:,} rows. The same command again, "
        f"or import_comments --resume {run.pk}, goes on from there."
    )
    run.save(update_fields=["status", "attempt", "error"])


def _take(run: ImportRun) -> ImportRun:
    run.status, run.attempt, run.error = RunStatus.RUNNING, run.attempt + 1, ""
    run.owner, run.heartbeat_at = this_process(), timezone.now()
    run.save(update_fields=["status", "attempt", "error", "owner", "heartbeat_at"])
    return run


def fence(run: ImportRun) -> ImportRun:
    """The run's row as it stands, locked. Raises `TakenOver`."""
    locked = (
        ImportRun.objects.select_for_update(no_key=True, of=("self",))
        .select_related("source")
        .filter(pk=run.pk, attempt=run.attempt)
        .first()
    )
    if locked is None:
        raise TakenOver(f"run {run.pk} is continued by another process.")
    locked.heartbeat_at = timezone.now()
    return locked


def announce_rest(run: ImportRun) -> None:
    """Announce what is stored and not yet announced, each comment once."""
    while True:
        with transaction.atomic():
            locked = fence(run)
            if locked.first_comment_id is None or locked.last_comment_id is None:
                return
            after = locked.announced_id or locked.first_comment_id - 1
            if after >= locked.last_comment_id:
                return
            last = min(after + ANNOUNCED_AT_ONCE, locked.last_comment_id)
            announce(run.pk, after + 1, last)
            locked.announced_id = last
            locked.save(update_fields=["announced_id", "heartbeat_at"])


def finish(run: ImportRun, error: str = "") -> ImportRun:
    """End a run: done, or failed where its source could not be read on."""
    with transaction.atomic():
        locked = fence(run)
        locked.status = RunStatus.FAILED if error else RunStatus.DONE
        locked.error, locked.finished_at = error, timezone.now()
        locked.save(update_fields=["status", "error", "finished_at", "heartbeat_at"])
        ImportMark.objects.filter(run=locked).delete()
        changed(Change.RUN_FINISHED, [locked.pk], live=False)
    return locked


def release(run: ImportRun) -> None:
    """Say that nobody works at the run any more, so that it can be taken over at once."""
    with transaction.atomic():
        locked = ImportRun.objects.select_for_update(no_key=True).get(pk=run.pk)
        if locked.attempt == run.attempt and locked.finished_at is None:
            _set_aside(locked)


def recover(now: datetime) -> list[int]:
    """Set dead runs aside and announce what they stored; the runs' ids.

    A run that its people resume within QUIET is left to them: its comments
    are then announced when all rows are there.
    """
    unannounced = Q(last_comment_id__isnull=False) & (
        Q(announced_id=None) | Q(announced_id__lt=F("last_comment_id"))
    )
    dead = ImportRun.objects.filter(finished_at=None, heartbeat_at__lt=now - QUIET).filter(
        Q(status=RunStatus.RUNNING) | unannounced
    )
    recovered = []
    for key in dead.values_list("pk", flat=True):
        with transaction.atomic():
            run = dead.select_for_update(no_key=True, skip_locked=True).filter(pk=key).first()
            if run is None:
                continue
            _set_aside(run)
        logger.warning("import run %s has died; what it stored is announced", key)
        try:
            announce_rest(run)
        except TakenOver:
            continue
        recovered.append(key)
    return recovered


def is_alive(run: ImportRun, now: datetime) -> bool:
    """Whether the process of a run may still write.

    Of a process on this machine we know; of one elsewhere its last sign of
    life must do.
    """
    if run.heartbeat_at < now - QUIET:
        return False
    host, _, process = run.owner.partition(" ")
    if host != socket.gethostname():
        return True
    return process == _process(int(process.split(" ")[0])) if process else False


def this_process() -> str:
    """Host, process id and start time: no other process has all three."""
    return f"{socket.gethostname()} {_process(os.getpid())}"


def _process(pid: int) -> str:
    """The process id and, where /proc tells, the start time; `""` for none.

    A zombie is dead. Without /proc a process that took the number of a dead
    one passes for it, until QUIET is over.
    """
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "" if Path("/proc/self").exists() else _without_proc(pid)
    return "" if state in "ZX" else f"{pid} {rest[18]}"


def _without_proc(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return f"{pid} "
