"""A source read: its files fetched where they are new, and each made a run of.

The command, the worker and a person's *Run now* all end here. Whatever
happens is in PostgreSQL: a run for each file, also for one that could not be
fetched; what went wrong and when it is tried again stand at the source.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from django.db import Error as DatabaseFault
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from comments import imports
from comments.formats.base import Unreadable
from comments.imports.source import PATH_LIMIT
from comments.models import ImportRun, ImportSource, RunStatus, Unchanged
from comments.sources import claims
from comments.sources.faults import Fault, NotTried
from comments.sources.fetching import File, Stamp, files, limits_of
from comments.sources.spool import attended, fetched, spooled
from comments.sources.telling import tell_owner

logger = logging.getLogger(__name__)


class Watcher(Protocol):
    """Who looks on."""

    def fetching(self, name: str, size: int) -> None:
        """So many bytes of a file are here."""

    def reading(self, source: imports.Source) -> AbstractContextManager[imports.Progress]:
        """A file is here; what is given back is told how its run goes on."""


class Nobody:
    """A watcher who does not look."""

    def fetching(self, name: str, size: int) -> None:
        pass

    def reading(self, source: imports.Source) -> AbstractContextManager[imports.Progress]:  # noqa: ARG002
        return nullcontext(lambda _stage, _run: None)


@dataclass(slots=True)
class Reading:
    """What became of the files of a source."""

    # Of each run what was read, None where nothing had to be or could be.
    runs: list[tuple[ImportRun, imports.Source | None]] = field(default_factory=list)
    unchanged: list[tuple[File, Unchanged]] = field(default_factory=list)
    faults: list[tuple[str, Exception]] = field(default_factory=list)
    left_alone: str = ""

    def error(self) -> str:
        """What went wrong, for the source's page; nothing, if all is well."""
        told = [f"{name}: {fault}" if name else str(fault) for name, fault in self.faults[:3]]
        if len(self.faults) > len(told):
            told.append(_("And %(number)d more.") % {"number": len(self.faults) - len(told)})
        return "\n".join(told)


def read_source(
    source_id: int,
    *,
    by_hand: bool = False,
    again: bool = False,
    watcher: Watcher | None = None,
    clock: Callable[[], datetime] = timezone.now,
) -> Reading | None:
    """Read a source that is due; None where nothing is due, or another process reads it.

    `by_hand` reads it whether due or not, and leaves a failure to who sees it;
    else it is tried again. `again` reads what has not changed, too. What is a
    fault of ours is raised, after it was noted.
    """
    claim = claims.claim(source_id, clock, whenever=by_hand)
    if claim is None:
        return None
    reader = _Reader(claim, watcher or Nobody(), again=again)
    with override(claim.source.site.language):
        try:
            reader.read()
            _settle(claim, reader.reading, retry=not by_hand)
        except claims.Lost:
            logger.warning("source %s was taken over by another process", source_id)
            return None
        except imports.TakenOver as taken:
            reader.reading.left_alone = str(taken)
            claim.left_alone()
        except KeyboardInterrupt:
            claim.dropped()
            raise
        except Exception as error:
            # With the database gone the claim stays, and lapses: the sweep finds it.
            with suppress(DatabaseFault):
                claim.failed(_fault_of_ours(error), retry=not by_hand)
            raise
    return reader.reading


def _settle(claim: claims.Claim, reading: Reading, *, retry: bool) -> None:
    if reading.left_alone:
        claim.left_alone()
    elif not reading.faults:
        claim.done()
    else:
        mends = retry and not all(isinstance(fault, NotTried) for _name, fault in reading.faults)
        if claim.failed(reading.error(), retry=mends) and retry:
            tell_owner(claim.source, reading.error())


def _fault_of_ours(error: Exception) -> str:
    return _("%(name)s: a fault of Sekisho itself; its log says more.") % {"name": type(error).__name__}


@dataclass(slots=True)
class _Reader:
    """One reading of a source; its claim is renewed whenever there is a sign of life."""

    claim: claims.Claim
    watcher: Watcher
    again: bool
    reading: Reading = field(default_factory=Reading)

    @property
    def source(self) -> ImportSource:
        return self.claim.source

    def read(self) -> None:
        if claims.is_paused(self.source):
            self.reading.left_alone = _("A run of it is paused. Resume or cancel that one first.")
            return
        try:
            with files(self.source) as found:
                for file in found:
                    self.claim.renew()
                    self._read_file(file)
                    if claims.is_paused(self.source):
                        # The files behind it wait for it, too.
                        break
        except imports.Busy as busy:
            self.reading.left_alone = str(busy)
        except Fault as fault:
            self._note_fault(shown_address(self.source), fault)
        if self.reading.unchanged and not self.reading.runs:
            self._note_unchanged()

    def _read_file(self, file: File) -> None:
        """One file; what is wrong with it does not stop the others."""
        if not file.name.isprintable() or len(file.name) > PATH_LIMIT:
            fault = NotTried(_("No run can keep the name of this file. Rename it."))
            self._note_fault(_printable(file.name), fault)
            return
        last = None if self.again else _last(self.source, file)
        known = {name: value for name, value in (last.stamp if last else {}).items() if name != "told"}
        try:
            if known and file.look() == known:
                self.reading.unchanged.append((file, Unchanged.SAME_STAMP))
                return
            with spooled(limits_of(self.source)) as sink:
                stamp = fetched(sink, partial(file.fetch, sink, known), partial(self._fetching, file))
                sink.file.flush()
                if stamp is None:
                    self.reading.unchanged.append((file, Unchanged.NOT_MODIFIED))
                else:
                    self._run(file, sink.path, {**stamp, "told": fingerprint(self.source)}, last)
        except (Fault, Unreadable) as fault:
            self._note_fault(file.name, fault)

    def _run(self, file: File, path: Path, stamp: Stamp, last: ImportRun | None) -> None:
        source = self.source
        # Of a large file this takes its time: all of it is looked at.
        opened = attended(partial(imports.open_source, path, file.name, told(source)), self.claim.renew)
        if last is not None and last.digest == opened.digest:
            ImportRun.objects.filter(pk=last.pk).update(stamp=stamp)
            self.reading.unchanged.append((file, Unchanged.SAME_BYTES))
            return
        run = imports.begin(source.site, source.slug, opened.wanted(source.policy or opened.format.policy))
        with self.watcher.reading(opened) as tell:
            run = imports.execute(run, opened, partial(self._storing, tell))
        self.reading.runs.append((run, opened))
        if run.status == RunStatus.DONE:
            ImportRun.objects.filter(pk=run.pk).update(stamp=stamp)
        elif run.status == RunStatus.FAILED:
            self.reading.faults.append((file.name, Fault("%(reason)s", reason=run.error)))

    def _fetching(self, file: File, size: int) -> None:
        self.claim.renew()
        self.watcher.fetching(file.name, size)

    def _storing(self, tell: imports.Progress, stage: str, run: ImportRun) -> None:
        self.claim.progressed()
        tell(stage, run)

    def _note_unchanged(self) -> None:
        """One run of zero rows, however many files there are."""
        file, why = self.reading.unchanged[0]
        alone = len(self.reading.unchanged) == 1
        path = file.name if alone else shown_address(self.source)
        self._ended(path=path, status=RunStatus.DONE, unchanged=why)

    def _note_fault(self, name: str, fault: Exception) -> None:
        self.reading.faults.append((name, fault))
        self._ended(path=name, status=RunStatus.FAILED, error=str(fault))

    def _ended(self, *, path: str, **columns: object) -> None:
        """A run that had no rows to read."""
        run = ImportRun.objects.create(
            source=self.source,
            path=path[:PATH_LIMIT],
            policy=self.source.policy,
            format=self.source.format,
            finished_at=timezone.now(),
            **columns,
        )
        self.reading.runs.append((run, None))


def _printable(name: str) -> str:
    return "".join(each if each.isprintable() else "\ufffd" for each in name)


def shown_address(source: ImportSource) -> str:
    """The address, as far as it is shown: a query may be a secret."""
    return source.address.partition("?")[0] if "://" in source.address else source.address


def told(source: ImportSource) -> imports.Told:
    """What the source's page says of its files."""
    return imports.Told(
        zone=source.zone or source.site.zone,
        format=source.format,
        encoding=source.encoding,
        url=source.url,
        columns=source.columns,
    )


def fingerprint(source: ImportSource) -> str:
    """Of everything that makes the same bytes another reading."""
    what = told(source)
    parts = [source.address, source.policy, what.zone, what.format, what.encoding, what.url, what.columns]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _last(source: ImportSource, file: File) -> ImportRun | None:
    """The last run that read this file, if it ended well and the source says of it what it said then.

    One that did not end well has stored a part of what it read: only reading
    again makes all as the file says, even where the file is as it was before.
    """
    last = source.runs.filter(path=file.name, unchanged="").exclude(digest="").order_by("-pk").first()
    ended_well = last is not None and last.status == RunStatus.DONE
    return last if last and ended_well and last.stamp.get("told") == fingerprint(source) else None
