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
from comments.imports.chunks import CHUNK_ROWS, Numbered, chunks, store, store_waiting
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
from comments.imports.source import Source, digest_of, find_format, readable
from comments.models import ImportRun

__all__ = [
    "Busy",
    "NotResumable",
    "Source",
    "TakenOver",
    "begin",
    "digest_of",
    "execute",
    "find_format",
    "readable",
    "recover",
    "resume",
]

# Called after every step with the name of the stage and the run as it stands.
Progress = Callable[[str, ImportRun], None]


def execute(run: ImportRun, source: Source, progress: Progress = lambda stage, run: None) -> ImportRun:
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
        for chunk in chunks(source.rows(), skip=run.position):
            progress("storing", store(run, chunk))
    except Unreadable as fault:
        return str(fault)
    return ""


def _read_waiting(run: ImportRun, source: Source, progress: Progress) -> None:
    """Read the source again for the comments that came before their article."""
    waiting = _waiting(run)
    position = next(waiting, None)
    rows: list[Numbered] = []
    try:
        for number, row in enumerate(source.rows() if position is not None else ()):
            if number != position:
                continue
            rows.append(Numbered(number, row))
            position = next(waiting, None)
            if len(rows) == CHUNK_ROWS or position is None:
                progress("storing", store_waiting(run, rows))
                rows = []
            if position is None:
                return
    except Unreadable:
        # It ended the first reading too, at the same place; all before is settled.
        if rows:
            store_waiting(run, rows)


def _waiting(run: ImportRun) -> Iterator[int]:
    """The places of the comments that wait for their article, ascending."""
    after = -1
    while True:
        found = bulk.fetch(
            """SELECT position FROM comments_importmark
               WHERE run_id = %s AND article IS NULL AND comment IS NULL AND position > %s
               ORDER BY position LIMIT %s""",
            [run.pk, after, CHUNK_ROWS],
        )
        if not found:
            return
        yield from (position for (position,) in found)
        after = found[-1][0]
