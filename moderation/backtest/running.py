"""A try-out's life: cut into chunks, tried by any number of workers, added up.

Chunks are claimed by their row locks, so a worker that dies gives its chunk
back; counts, samples and the end of a chunk are one transaction. So a try-out
that is killed anywhere goes on, and ends the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from comments import bulk
from moderation.backtest.counts import Counts
from moderation.backtest.drafts import thaw
from moderation.backtest.judging import Sample, Slice, answers, count, least, rows_of
from moderation.backtest.reproducing import reproduce
from moderation.models import Tryout, TryoutChunk, TryoutStatus
from moderation.services.guarding import guard, is_passing

if TYPE_CHECKING:
    from django.db.models import QuerySet

log = structlog.get_logger(__name__)

# Comments a chunk: enough that the round trips cost little beside them, and
# done in under a second, which is as long as a live comment may have to wait
# for the worker.
CHUNK = 2_000
# Samples of each kind that are kept.
SAMPLES = 30


def run_next(
    *, now: Callable[[], datetime] = timezone.now, on_more: Callable[[], None] = lambda: None
) -> bool:
    """Try one chunk of the oldest try-out that goes on; whether there was one.

    `on_more` is called once it is claimed, if there is more for another
    worker, and at the end, if that was not the last. What failed because the
    database was away is raised, and the chunk stays for the next look; any
    other error ends the try-out, which tells of it.
    """
    _plan_next()
    taken: list[int] = []
    try:
        done = _try_chunk(now, on_more, taken)
    except Exception as error:
        if not taken or is_passing(error):
            raise
        log.exception("tryout-failed", tryout=taken[0])
        _fail(taken[0], error, now())
        return True
    finished = _finish(now())
    if done and not finished:
        on_more()
    return done


_PLAN = """
INSERT INTO moderation_tryoutchunk (tryout_id, number, first, last)
SELECT %s, n, min(id), max(id)
FROM (
    SELECT c.id, (row_number() OVER (ORDER BY c.id) - 1) / {chunk} AS n
    FROM comments_comment c
    WHERE c.received_at >= %s AND c.received_at < %s AND c.withdrawn_at IS NULL {site}
) numbered
GROUP BY n
"""


def _unlocked(status: TryoutStatus) -> QuerySet[Tryout]:
    """Try-outs in a status, the oldest first, locked; without those that another has locked.

    With a lock that leaves others to store samples of them.
    """
    rows = Tryout.objects.select_for_update(skip_locked=True, no_key=True)
    return rows.filter(status=status).order_by("pk")


@transaction.atomic
def _plan_next() -> None:
    """Cut a try-out that waits into chunks."""
    tryout = _unlocked(TryoutStatus.WAITING).first()
    if tryout is None:
        return
    site, chosen = ("", []) if tryout.site_id is None else ("AND c.site_id = %s", [tryout.site_id])
    bulk.execute(_PLAN.format(chunk=CHUNK, site=site), [tryout.pk, tryout.since, tryout.until, *chosen])
    tryout.status = TryoutStatus.RUNNING
    tryout.save(update_fields=["status"])


@transaction.atomic
def _try_chunk(now: Callable[[], datetime], on_more: Callable[[], None], taken: list[int]) -> bool:
    running = TryoutChunk.objects.filter(done_at=None, tryout__status=TryoutStatus.RUNNING)
    chunk = (
        running.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .select_related("tryout")
        .order_by("tryout_id", "number")
        .first()
    )
    if chunk is None:
        return False
    taken.append(chunk.tryout_id)
    if running.exclude(pk=chunk.pk).exists():
        on_more()
    guard()
    bulk.execute(_PATIENCE)
    counts, samples = try_slice(chunk.tryout, chunk.first, chunk.last)
    _keep(chunk.tryout_id, samples)
    chunk.counts, chunk.done_at = counts.as_json(), now()
    chunk.save(update_fields=["counts", "done_at"])
    return True


def try_slice(tryout: Tryout, first: int, last: int) -> tuple[Counts, list[Sample]]:
    """What the rules of a try-out say of its comments from `first` to `last`. Writes nothing."""
    tried = thaw(tryout)
    rows, erased = rows_of(Slice(first, last, tryout.since, tryout.until, tryout.site_id))
    found = sorted(answers(rows, tried), key=lambda each: each.claimed.row.id)
    counts, samples = count(found, tried, erased)
    again = reproduce(found, tried.drafts)
    return replace(counts, same=again.same, differing=again.differing), samples


# Nobody waits for a chunk's row: one whose quotes take long to trace may take its time.
_PATIENCE = "SET LOCAL idle_in_transaction_session_timeout = '5min'; SET LOCAL statement_timeout = '1min'"

_LIMITS = """
SELECT kind, place FROM (
    SELECT kind, place, row_number() OVER (PARTITION BY kind ORDER BY place, comment_id) AS n
    FROM moderation_tryouthit WHERE tryout_id = %s
) numbered WHERE n = %s
"""


def _keep(tryout: int, samples: list[Sample]) -> None:
    """Store the samples that may be among those with the least places: others have been found already."""
    if not samples:
        return
    limits: dict[str, int] = dict(bulk.fetch(_LIMITS, [tryout, SAMPLES]))
    columns = {
        "tryout_id": "bigint",
        "comment_id": "bigint",
        "revision": "int",
        "kind": "text",
        "judged": "text",
        "place": "bigint",
        "findings": "jsonb",
    }
    kept = [
        (tryout, each.comment, each.revision, each.kind, each.judged, each.place, json.dumps(each.findings))
        for each in least(samples, SAMPLES, limits)
    ]
    bulk.insert("moderation_tryouthit", columns, kept)


_TRIM = """
DELETE FROM moderation_tryouthit WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY kind ORDER BY place, comment_id) AS n
        FROM moderation_tryouthit WHERE tryout_id = %s
    ) numbered WHERE n > %s)
"""


@transaction.atomic
def _finish(now: datetime) -> bool:
    """End a try-out that has no chunk left; whether there was one."""
    left = TryoutChunk.objects.filter(tryout=OuterRef("pk"), done_at=None)
    tryout = _unlocked(TryoutStatus.RUNNING).exclude(Exists(left)).first()
    if tryout is None:
        return False
    tryout.counts = counts_of(tryout).as_json()
    tryout.status, tryout.finished_at = TryoutStatus.DONE, now
    tryout.save(update_fields=["counts", "status", "finished_at"])
    bulk.execute(_TRIM, [tryout.pk, SAMPLES])
    tryout.chunks.all().delete()
    return True


def counts_of(tryout: Tryout) -> Counts:
    """What has been counted until now."""
    parts = tryout.chunks.filter(counts__isnull=False).values_list("counts", flat=True)
    return sum((Counts.from_json(part or {}) for part in parts), start=Counts.from_json(tryout.counts))


@transaction.atomic
def end(tryout: Tryout, status: TryoutStatus, now: datetime, error: str = "") -> None:
    """End a locked try-out before its time: what was counted stays, what is left is not tried."""
    tryout.counts = counts_of(tryout).as_json()
    tryout.status, tryout.finished_at, tryout.error = status, now, error
    tryout.save(update_fields=["counts", "status", "finished_at", "error"])
    bulk.execute(_TRIM, [tryout.pk, SAMPLES])
    tryout.chunks.all().delete()


def _fail(tryout: int, error: Exception, now: datetime) -> None:
    with transaction.atomic():
        locked = Tryout.objects.select_for_update(no_key=True).get(pk=tryout)
        if locked.status == TryoutStatus.RUNNING:
            end(locked, TryoutStatus.FAILED, now, f"{type(error).__name__}: {error}"[:2_000])
