"""Storing what a reader handed on, a chunk at a time, by whoever comes first.

The reader stores too: without any worker an import ends all the same, only
later. Chunks are claimed by their row locks, so a storer that dies gives its
chunk back; rows, counts and the end of the payload are one transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from comments import bulk
from comments.formats.base import Notice
from comments.imports import marks
from comments.imports.handing import Handed, unpack
from comments.imports.ledger import Ledger, refusal
from comments.imports.links import ELSEWHERE
from comments.imports.marks import Mark
from comments.lookup import Found, find_comments
from comments.models import ImportChunk, ImportRun, RunStatus
from comments.services import Arrival, Origin, Outcome, Received, receive

logger = logging.getLogger(__name__)

# Until the next look at chunks that others are storing, each some 100 ms long.
WAIT_SECONDS = 0.01

# What is wrong with a row, and would be again. Anything else is a fault of the
# moment or of ours: the chunk waits.
_OF_A_ROW = (DataError, IntegrityError, ValueError, ArithmeticError, RecursionError)

_MOVED = Notice("moved", "It is stored at another article already: it stays there.")
_CONTESTED = Notice(
    "decided", "A person has decided it as it was: that stands, and the edit waits for a person."
)


@transaction.atomic
def store_next(run_id: int | None = None) -> bool:
    """Store the first chunk of a run, or of any that goes on, that nobody is at; whether there was one."""
    running = {"run__status": RunStatus.RUNNING}
    waiting = ImportChunk.objects.filter(stored_at=None, **(running if run_id is None else {"run": run_id}))
    chunk = (
        waiting.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .select_related("run__source")
        .order_by("run_id", "number")
        .first()
    )
    if chunk is None:
        return False
    storing = _Storing(chunk.run)
    storing.store_all(unpack(bytes(chunk.payload or b"")))
    marks.write(storing.marks)
    storing.ledger.write(chunk.run_id)
    chunk.payload, chunk.counts, chunk.stored_at = None, storing.ledger.counts, timezone.now()
    chunk.save(update_fields=["payload", "counts", "stored_at"])
    return True


def _nothing() -> None:
    pass


def store_down_to(
    run: ImportRun, most: int, stored: Callable[[], None] = _nothing, waits: Callable[[], None] = _nothing
) -> None:
    """Store chunks of a run until at most so many are left; others may be storing them, too.

    `stored` is called after each that was stored here, `waits` while others are at all that is left.
    """
    while ImportChunk.objects.filter(run=run, stored_at=None).count() > most:
        if store_next(run.pk):
            stored()
        else:
            waits()
            time.sleep(WAIT_SECONDS)


def store_left(run: ImportRun) -> bool:
    """Store what a run that nobody reads for has left; whether it is all stored.

    What others are storing is not waited for: one that hangs would take whoever waits along.
    """
    mine = ImportRun.objects.filter(pk=run.pk, attempt=run.attempt)
    while mine.exists() and store_next(run.pk):
        pass
    return not ImportChunk.objects.filter(run=run, stored_at=None).exists()


@dataclass
class _Storing:
    """What the comments of one chunk become."""

    run: ImportRun
    ledger: Ledger = field(default_factory=Ledger)
    marks: list[Mark] = field(default_factory=list)

    def store_all(self, comments: Sequence[Handed]) -> None:
        """Store the comments; one that cannot be becomes a problem, and keeps no other out."""
        part = _Storing(self.run)
        try:
            with transaction.atomic():
                part.store(comments)
                # Else the database looks at what they refer to when it is too late to say which it was.
                bulk.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except _OF_A_ROW as fault:
            middle = len(comments) // 2
            if middle:
                self.store_all(comments[:middle])
                self.store_all(comments[middle:])
            else:
                self._refuse(comments[0], fault)
        else:
            self.ledger.take_in(part.ledger)
            self.marks += part.marks

    def _refuse(self, each: Handed, fault: Exception) -> None:
        logger.warning("run %s, row %s cannot be stored", self.run.pk, each.position, exc_info=fault)
        # Not in the words of the fault: they may hold what somebody else has written.
        reason = (
            f"it cannot be stored ({type(fault).__name__}). The log of whoever stored the others says more."
        )
        self.ledger.refuse(each.position, refusal(each.row, "not-stored", reason), each.row.notices)

    def store(self, comments: Sequence[Handed]) -> None:
        """Store the comments; new ones get their parents where these are there and stand before them."""
        source = self.run.source
        keys = {each.draft.external_id for each in comments} | {each.draft.parent for each in comments}
        known = find_comments(source.site_id, source.slug, keys)
        origin = Origin(source.site_id, source.slug, live=False, import_run_id=self.run.pk)
        parents = _parents(comments, known)
        arrivals = [
            Arrival(each.draft, each.article_id, _at_same(parents[each.position], each), each.comment_id)
            for each in comments
        ]
        received = receive(arrivals, origin, now=timezone.now(), known=known)
        for each, result in zip(comments, received, strict=True):
            self._settle(each, result, known, parents[each.position])

    def _settle(
        self, each: Handed, result: Received, known: Mapping[str, Found], parent: tuple[int, int] | None
    ) -> None:
        self.ledger.settle(each.position, each.row, result.outcome)
        stored = known.get(each.draft.external_id)
        if stored and stored.article_id != each.article_id:
            self.ledger.notice(each.position, each.kind, each.place, _MOVED)
        if result.contested:
            self.ledger.notice(each.position, each.kind, each.place, _CONTESTED)
        if not each.draft.parent or result.parent_id is not None:
            return
        if parent and result.outcome == Outcome.CREATED:
            self.ledger.notice(each.position, each.kind, each.place, ELSEWHERE)
        else:
            # Where order could matter, links are made when all rows are there.
            at = (self.run.pk, each.position, each.kind, each.place)
            self.marks.append(
                Mark(*at, comment=result.comment_id, parent=each.draft.parent, forward=each.forward)
            )


def _parents(comments: Sequence[Handed], known: Mapping[str, Found]) -> dict[int, tuple[int, int] | None]:
    """`{position: (parent, its article)}` of the comments whose parent stands before them and is there."""
    there = {key: (found.id, found.article_id) for key, found in known.items()}
    for each in comments:
        there.setdefault(each.draft.external_id, (each.comment_id, each.article_id))
    return {each.position: None if each.forward else there.get(each.draft.parent) for each in comments}


def _at_same(parent: tuple[int, int] | None, each: Handed) -> int | None:
    return parent[0] if parent and parent[1] == each.article_id else None
