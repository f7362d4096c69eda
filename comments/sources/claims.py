"""Who reads a source: one process at a time, which says again and again that it lives.

`due_at` and `claimed_until` are the queue of record; a message in Redis only
rings. So a ring that is lost is found by the sweep, and one that comes twice
finds nothing due.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext, override

from comments.imports.runs import QUIET
from comments.models import ImportSource, RunStatus, SiteScoped
from comments.sources.schedules import next_time
from comments.sources.telling import tell_owner

logger = logging.getLogger(__name__)

# A sign of life is written when the last one is as old as this.
RENEW = timedelta(seconds=20)
# Beat's clock and ours may differ; nothing is read more often than every five minutes.
EARLY = timedelta(seconds=30)
# Pauses after a failure double from the first to the longest, each with a
# jitter, so that what failed together does not come again together. After so
# many tries in a row it waits for its schedule, and its owner gets a mail.
TRIES = 6
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)


class Lost(Exception):
    """Another process took the source over: this one was still for too long."""


@dataclass(slots=True)
class Claim:
    """A source that this process reads."""

    source: ImportSource
    until: datetime
    clock: Callable[[], datetime]
    _progressed: bool = False

    def progressed(self) -> None:
        """Rows were stored: what kills the process next is not what killed it before.

        A run has a fence of its own. So where a step of it took longer than a
        claim lasts, it goes on, and takes the claim back from whoever looked
        in meanwhile and left it alone.
        """
        if not self._progressed:
            self._mine().update(failures=0)
        self._progressed = True
        try:
            self.renew()
        except Lost:
            until = self.clock() + QUIET
            free = ImportSource.objects.filter(pk=self.source.pk, claimed_until=None)
            if free.update(claimed_until=until):
                self.until = until

    def renew(self) -> None:
        """Say that it lives. Raises `Lost`."""
        now = self.clock()
        if now + QUIET - self.until < RENEW:
            return
        if not self._mine().update(claimed_until=now + QUIET):
            raise Lost
        self.until = now + QUIET

    def done(self) -> None:
        """It was read well."""
        self._settle(failures=0, error="", due_at=next_time(self.source, self.clock()))

    def failed(self, error: str, *, retry: bool, jitter: Callable[[], float] = random.random) -> bool:
        """It was not; whether that was the last try for now."""
        failures = min(self.source.failures + 1, 30_000)
        due = next_time(self.source, self.clock())
        last = not retry or failures % TRIES == 0
        if not last:
            again = self.clock() + pause_after(failures % TRIES, jitter())
            due = min(due, again) if due else again
        self._settle(failures=failures, error=error, due_at=due)
        return last

    def left_alone(self) -> None:
        """Somebody else reads it, or has paused it: no failure."""
        now = self.clock()
        self._settle(skipped_at=now, due_at=next_time(self.source, now))

    def dropped(self) -> None:
        """Give it back as if it had not been taken."""
        self._settle(due_at=self.source.due_at)

    def _settle(self, **columns: object) -> None:
        self._mine().update(claimed_until=None, **columns)

    def _mine(self) -> SiteScoped[ImportSource]:
        return ImportSource.objects.filter(pk=self.source.pk, claimed_until=self.until)


def pause_after(failures: int, jitter: float) -> timedelta:
    """How long to wait after so many failures; `jitter` is from 0 to 1."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(failures - 1, TRIES)
    return min(doubled, LONGEST_PAUSE) * (0.75 + jitter / 2)


def due(now: datetime) -> list[int]:
    """The sources that somebody should read now: due, or held by a process that has died."""
    wanted = Q(due_at__lte=now) | Q(claimed_until__lt=now)
    return list(
        ImportSource.objects.filter(wanted).exclude(address="").order_by("pk").values_list("pk", flat=True)
    )


def claim(source_id: int, clock: Callable[[], datetime], *, whenever: bool = False) -> Claim | None:
    """Take a source that is due, or `whenever`; None where there is nothing to do."""
    now = clock()
    with transaction.atomic():
        source = ImportSource.objects.select_for_update(no_key=True).filter(pk=source_id).first()
        if source is None or not source.address:
            return None
        is_due = whenever or (source.due_at is not None and source.due_at <= now + EARLY)
        held = source.claimed_until
        if held is not None and held >= now:
            if is_due:
                _note_overlap(source, now)
            return None
        if held is not None and not _note_death(source, held, now) and not whenever:
            return None
        if held is None and not is_due:
            return None
        # What rings from now on until the next time rings for what is being done.
        until, due_at = now + QUIET, next_time(source, now + EARLY)
        ImportSource.objects.filter(pk=source_id).update(
            claimed_until=until, due_at=due_at, failures=source.failures, error=source.error
        )
    return Claim(source, until, clock)


def _note_death(source: ImportSource, held: datetime, now: datetime) -> bool:
    """Count the death of the process that held it; whether it is time to take it over.

    A file that kills whoever reads it (by its memory) is tried less and less
    often, not every two minutes for ever.
    """
    if source.failures and now < held + pause_after(source.failures, 0.5):
        return False
    source.failures = min(source.failures + 1, 30_000)
    with override(source.site.language):
        source.error = gettext("The process that read it has died. It is read again.")
    if source.failures % TRIES == 0:
        transaction.on_commit(partial(tell_owner, source, source.error))
    return True


def is_paused(source: ImportSource) -> bool:
    """Whether a person has stopped a run of it, to go on later."""
    return source.runs.filter(status=RunStatus.PAUSED, finished_at=None).exists()


def _note_overlap(source: ImportSource, now: datetime) -> None:
    logger.info("source %s is being read already: this tick leaves it alone", source.pk)
    ImportSource.objects.filter(pk=source.pk).update(skipped_at=now, due_at=next_time(source, now + EARLY))
