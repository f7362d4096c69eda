"""An import run: read, receive, keep the ledger; resumable wherever it died.

The source is read once. Each chunk is stored in one transaction together with
the counts and the place up to which the source is settled. What depends on
rows further down (a comment before its article, a reply before its parent) is
marked in the database, so that memory stays the same however long the source
is, and a run that goes on after a kill knows it. Comments are handed on for
screening at the end, for a quote can be traced only when all is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from comments import bulk
from comments.formats.base import Unreadable
from comments.imports.chunks import in_chunks, store, store_waiting
from comments.imports.dry import Preview, first_rows, preview
from comments.imports.links import link_waiting
from comments.imports.runs import (
    Busy,
    NotResumable,
    TakenOver,
    announce_rest,
    begin,
    finish,
    recover,
    release,
    resume,
)
from comments.imports.source import Numbered, Source, digest_of, encoding_of, find_format, readable
from comments.models import ImportRun

__all__ = [
    "Busy",
    "NotResumable",
    "Preview",
    "Source",
    "TakenOver",
    "begin",
    "digest_of",
    "encoding_of",
    "execute",
    "find_format",
    "first_rows",
    "preview",
    "readable",
    "recover",
    "resume",
]

# Places of waiting rows read from the database at once.
WAITING_AT_ONCE = 10_000

# Called after every step with the name of the stage and the run as it stands.
Progress = Callable[[str, ImportRun], None]


def _silent(stage: str, run: ImportRun) -> None:
    pass


def execute(run: ImportRun, source: Source, progress: Progress = _silent) -> ImportRun:
    """Do what is left of a run; the run as it ended.

    Where the source can not be read on, the run fails with the reason, and
    what came before stands. Any other fault leaves the run unfinished, to be
    resumed. Raises `TakenOver`.
    """
    try:
        error = _read(run, source, progress)
        _read_waiting(run, source, progress)
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


def _read(run: ImportRun, source: Source, progress: Progress) -> str:
    """Store what is not settled yet; why the source could not be read on, if so."""
    try:
        for chunk in in_chunks(source.numbered(run.position)):
            progress("storing", store(run, chunk))
    except Unreadable as fault:
        return str(fault)
    return ""


def _read_waiting(run: ImportRun, source: Source, progress: Progress) -> None:
    """Read the source again for the comments that came before their article.

    Where it can not be read to its end, it could not be the first time
    either, and all that waits stands before that place.
    """
    waiting = _waiting(run)
    position = next(waiting, None)
    if position is None:
        return

    def waited() -> Iterator[Numbered]:
        nonlocal position
        for numbered in source.numbered():
            if numbered.position == position:
                yield numbered
                position = next(waiting, None)
            if position is None:
                return

    for chunk in in_chunks(waited()):
        progress("storing", store_waiting(run, chunk))


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
