"""An import run: read, receive, keep the ledger; resumable wherever it died.

The source is read once, in its order (`reading`). Its comments are handed on
in chunks that wait in the database, and stored by the reader itself and by
any number of workers, in any order (`storing`). What depends on rows further
down (a comment before its article, a reply before its parent) is marked in
the database, so that memory stays the same however long the source is, and a
run that goes on after a kill knows it. Comments are handed on for screening
at the end, for a quote can be traced only when all is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from comments import bulk
from comments.formats.base import Unreadable
from comments.imports.beginning import Busy, NotResumable, begin, resume
from comments.imports.chunks import in_chunks
from comments.imports.dry import Preview, first_rows, preview
from comments.imports.links import link_waiting
from comments.imports.opening import Told, open_source
from comments.imports.passed import Passed
from comments.imports.reading import read, read_waiting, unread
from comments.imports.recovering import recover
from comments.imports.ringing import ring
from comments.imports.runs import Halted, Pulse, TakenOver, announce_rest, finish, heed, release
from comments.imports.seen import Seen
from comments.imports.source import Numbered, Source, digest_of, encoding_of, find_format, readable
from comments.imports.storing import store_down_to, store_next
from comments.models import ImportRun, RunStatus

__all__ = [
    "Busy",
    "NotResumable",
    "Preview",
    "Source",
    "TakenOver",
    "Told",
    "begin",
    "digest_of",
    "encoding_of",
    "execute",
    "find_format",
    "first_rows",
    "open_source",
    "preview",
    "readable",
    "recover",
    "resume",
    "store_next",
]

# Places of waiting rows read from the database at once.
WAITING_AT_ONCE = 10_000
# Rows between two looks at the clock.
PASSED_AT_ONCE = 1_000
# Chunks that wait for storers. Enough that some workers never lack one, few
# enough that what a cancelled run leaves out is little.
MOST_WAITING = 16

# Called after every step with the name of the stage and the run as it stands.
Progress = Callable[[str, ImportRun], None]


def _silent(stage: str, run: ImportRun) -> None:
    pass


def execute(run: ImportRun, source: Source, progress: Progress = _silent) -> ImportRun:
    """Do what is left of a run; the run as it ended, or as it was paused.

    Where the source can not be read on, the run fails with the reason, and
    what came before stands. Any other fault leaves the run unfinished, to be
    resumed. Raises `TakenOver`.
    """
    progress = Passed(source, progress)
    try:
        try:
            error = _Reader(run, source, progress).read_all()
        except Halted:
            error = ""
            # Not into `run`: who was slow would go on under the attempt of whoever has taken over.
            paused = ImportRun.objects.select_related("source").get(pk=run.pk)
            if paused.status == RunStatus.PAUSED:
                return paused
        progress("linking", run)
        link_waiting(run)
        progress("announcing", run)
        announce_rest(run)
        return finish(run, error)
    except TakenOver:
        raise
    except BaseException:
        release(run)
        raise


@dataclass
class _Reader:
    """Reads a source, and stores of it what others leave."""

    run: ImportRun
    source: Source
    progress: Progress

    def __post_init__(self) -> None:
        self.pulse = Pulse(self.run)

    def read_all(self) -> str:
        """Read and store everything; why the source could not be read on, if so. Raises `Halted`."""
        error = ""
        seen = Seen()
        try:
            for chunk in in_chunks(self._unread(seen)):
                self._after(read(self.run, chunk, seen))
        except Unreadable as fault:
            error = str(fault)
        self._read_waiting()
        store_down_to(self.run, 0, self._stored, self.pulse.beat)
        return error

    def _unread(self, seen: Seen) -> Iterator[Numbered]:
        return unread(self._numbered(), self.run.position, seen)

    def _numbered(self) -> Iterator[Numbered]:
        """The rows from the beginning. Of a long archive, passing over what is read takes minutes."""
        for numbered in self.source.numbered():
            if numbered.position % PASSED_AT_ONCE == 0:
                self.pulse.beat()
            yield numbered

    def _read_waiting(self) -> None:
        """Read the source again for the comments that came before their article.

        Where it can not be read to its end, it could not be the first time
        either, and all that waits stands before that place.
        """
        waiting = _waiting(self.run)
        position = next(waiting, None)
        if position is None:
            return

        def waited() -> Iterator[Numbered]:
            nonlocal position
            for numbered in self._numbered():
                if numbered.position == position:
                    yield numbered
                    position = next(waiting, None)
                if position is None:
                    return

        for chunk in in_chunks(waited()):
            self._after(read_waiting(self.run, chunk))

    def _after(self, run: ImportRun) -> None:
        """Call the workers, heed people, and lend a hand where much is waiting."""
        self.run = run
        ring()
        self._stored()
        heed(run)
        store_down_to(run, MOST_WAITING, self._stored, self.pulse.beat)

    def _stored(self) -> None:
        self.progress("storing", self.run)


def _waiting(run: ImportRun) -> Iterator[int]:
    """The places of the comments that wait for their article, ascending."""
    after = -1
    while True:
        found = bulk.fetch(
            """SELECT position FROM comments_importmark
               WHERE run_id = %s AND article IS NULL AND comment IS NULL AND position > %s
               ORDER BY position LIMIT %s""",
            [run.pk, after, WAITING_AT_ONCE],
        )
        if not found:
            return
        yield from (position for (position,) in found)
        after = found[-1][0]
