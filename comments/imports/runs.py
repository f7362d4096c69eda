"""The life of a run: fenced off, set aside, announced, halted, finished.

A run belongs to one process at a time. Whoever takes it over raises
`attempt`; every write of a run goes through `fence`, which the process before
does not pass any more. So taking over a run that was only slow is harmless.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from comments.imports.counting import counts_of
from comments.models import Asked, ImportChunk, ImportMark, ImportRun, RunStatus
from comments.services import announce
from comments.signals import Change, changed

# A chunk takes some fifty milliseconds; a run without a sign of life for so
# long has died, or its machine has.
QUIET = timedelta(minutes=2)
# Seconds between signs of life of a run that has nothing to write.
BEAT_SECONDS = 20
# Comments announced in one transaction.
ANNOUNCED_AT_ONCE = 5_000


class TakenOver(Exception):
    """Another process goes on with this run."""


class Halted(Exception):
    """A person asked the run to pause or to end; it does."""


def set_aside(run: ImportRun) -> None:
    """Mark the locked run of a dead process: whoever it was, it writes no more."""
    run.status, run.attempt = RunStatus.FAILED, run.attempt + 1
    run.error = (
        f"The process stopped after {run.position:,} rows. The same command again, "
        f"or import_comments --resume {run.pk}, goes on from there."
    )
    run.save(update_fields=["status", "attempt", "error"])


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


def heed(run: ImportRun) -> None:
    """Do what a person has asked of the run meanwhile. Raises `Halted` once it is done.

    What a cancelled run had read and nobody has begun to store is left out:
    it is counted nowhere, as if the run had been asked before.
    """
    if run.asked == Asked.CANCEL:
        # Those that are being stored at this moment are waited for, and stay.
        with transaction.atomic():
            fence(run)
            left = ImportChunk.objects.filter(run=run, stored_at=None)
            keys = list(left.select_for_update().order_by("pk").values_list("pk", flat=True))
            left.filter(pk__in=keys).delete()
    elif run.asked == Asked.PAUSE:
        with transaction.atomic():
            locked = fence(run)
            locked.status, locked.asked, locked.attempt = RunStatus.PAUSED, "", locked.attempt + 1
            locked.save(update_fields=["status", "asked", "attempt", "heartbeat_at"])
    else:
        return
    raise Halted


def finish(run: ImportRun, error: str = "") -> ImportRun:
    """End a run: done, cancelled, or failed where its source could not be read on."""
    with transaction.atomic():
        locked = fence(run)
        ended = RunStatus.CANCELLED if locked.asked == Asked.CANCEL else RunStatus.DONE
        locked.status = RunStatus.FAILED if error else ended
        locked.counts = counts_of(locked)
        locked.asked, locked.error, locked.finished_at = "", error, timezone.now()
        locked.save(update_fields=["status", "asked", "counts", "error", "finished_at", "heartbeat_at"])
        ImportMark.objects.filter(run=locked).delete()
        changed(Change.RUN_FINISHED, [locked.pk], live=False)
    return locked


class Pulse:
    """Says that a run is alive while it passes rows over or waits: whoever says nothing has died."""

    def __init__(self, run: ImportRun, clock: Callable[[], float] = time.monotonic) -> None:
        self._run, self._clock, self._last = run, clock, clock()

    def beat(self) -> None:
        """Say so, where that is due. Raises `TakenOver`."""
        now = self._clock()
        if now - self._last < BEAT_SECONDS:
            return
        with transaction.atomic():
            fence(self._run).save(update_fields=["heartbeat_at"])
        self._last = now


def release(run: ImportRun) -> None:
    """Say that nobody works at the run any more, so that it can be taken over at once."""
    with transaction.atomic():
        locked = ImportRun.objects.select_for_update(no_key=True).get(pk=run.pk)
        if locked.attempt == run.attempt and locked.finished_at is None:
            set_aside(locked)


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
