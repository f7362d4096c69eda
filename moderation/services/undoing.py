"""Undoing an import run: a batch a transaction, so that it can stop and go on anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from comments import bulk, counters
from comments.models import Status
from comments.recording import record_change
from comments.statuses import set_status, touch_sources
from comments.undoing import NotUndoable, hand_on, restore, take_back, taken_back
from moderation.models import Case, ImportUndo
from moderation.services.guarding import guard, is_passing
from moderation.services.noting import note_hidden_or_shown
from moderation.services.writing import is_hidden_or_shown
from moderation.undoing import Figures, Options, Tally, Touched, look, next_ids

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = structlog.get_logger(__name__)
T = TypeVar("T")

# Comments a transaction: it holds their rows for some hundred milliseconds.
BATCH = 500
# A batch that somebody else was in the way of is tried so often before the fault is raised.
TRIES = 3
# A worker goes on with what showed no sign of life for so long; until then it is left to who began it.
QUIET = timedelta(seconds=30)


def begin_undo(
    run_id: int, options: Options, *, now: datetime, by: User | None = None, reason: str = ""
) -> ImportUndo:
    """The record of an undo, by which any process does it; the unfinished one with the same options, if any.

    Raises `NotUndoable`.
    """
    with transaction.atomic():
        run = take_back(run_id, now=now)
        going = ImportUndo.objects.filter(run=run, finished_at=None).first()
        if going is None:
            record_change(run, gettext_noop("undo begun"), by=by)
            return ImportUndo.objects.create(
                run=run, by=by, reason=reason, started_at=now, moved_at=now, **options._asdict()
            )
    if options_of(going) != options:
        raise NotUndoable(
            f"an undo of run {run_id} with other options has been begun and not ended. Give the same "
            "options again to end it; what it leaves can be undone after that."
        )
    return going


def options_of(undo: ImportUndo) -> Options:
    """The options that an undo was begun with."""
    return Options(undo.include_decided, undo.include_answered)


def go_on(
    undo: ImportUndo,
    *,
    now: Callable[[], datetime] = timezone.now,
    seconds: float | None = None,
    step: Callable[[ImportUndo], object] = lambda _: None,
) -> ImportUndo:
    """Do what is left of an undo, as far as `seconds` reach; the undo as it stands.

    `step` is called after each batch. Others may go on with it at the same time.
    """
    started = monotonic()
    while undo.finished_at is None and (seconds is None or monotonic() - started < seconds):
        undo = patiently(partial(_batch, undo.pk, now()))
        step(undo)
    return undo


def unfinished(now: datetime, *, given_way: bool = False) -> list[ImportUndo]:
    """Undos that nobody is at: not yet begun, or left; all if who was at them has given way."""
    waiting = ImportUndo.objects.filter(finished_at=None).order_by("pk")
    return [undo for undo in waiting if given_way or undo.position == 0 or undo.moved_at < now - QUIET]


def patiently(batch: Callable[[], T]) -> T:
    """What a batch returns, tried again where somebody was in its way."""
    for _ in range(TRIES - 1):
        try:
            return batch()
        except Exception as error:
            if not is_passing(error):
                raise
            log.warning("undo-batch-again", error=str(error))
    return batch()


@transaction.atomic
def _batch(undo_id: int, now: datetime) -> ImportUndo:
    guard()
    undos = ImportUndo.objects.select_for_update(no_key=True, of=("self",)).select_related("run")
    undo = undos.get(pk=undo_id)
    if undo.finished_at is not None:
        return undo
    undo.moved_at = now
    ids = next_ids(undo.run, undo.position, BATCH)
    if not ids:
        return _finish(undo, now)
    bulk.fetch("SELECT FROM comments_comment WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])
    touched = look(undo.run_id, ids)
    waived = options_of(undo).waived
    taken = [each for each in touched if each.causes <= waived]
    brought = [each for each in taken if each.brought]
    edited = [each for each in taken if not each.brought]
    _close_cases(taken, now)
    hidden = _withdraw(undo, brought, now)
    hand_on([each.id for each in touched if each not in taken and each.status == Status.RECEIVED])
    articles = restore({each.id: each.before for each in edited}, now=now)
    # The articles last of all, or screening is locked out.
    touch_sources(articles | {each.article_id for each in hidden})
    note_hidden_or_shown({each.id: False for each in hidden})
    undo.position = ids[-1]
    undo.counts = _added(undo, touched)
    undo.save(update_fields=["position", "counts", "moved_at"])
    return undo


def _added(undo: ImportUndo, touched: Sequence[Touched]) -> dict[str, Any]:
    """The counts of the undo with those of a further batch."""
    tally, counts = Tally(), undo.counts
    tally.add(touched)
    more = tally.of(options_of(undo))
    left = Counter(counts.get("left", {})) + Counter(more.left)
    return {
        "withdrawn": counts.get("withdrawn", 0) + more.withdrawn,
        "restored": counts.get("restored", 0) + more.restored,
        "left": dict(sorted(left.items())),
    }


# Of a comment that was edited only cases are closed that came with the edit.
_CLOSE = """
UPDATE moderation_case k SET closed_at = %s, closed_why = 'import-undo'
FROM unnest(%s::bigint[], %s::int[]) AS t(id, before)
LEFT JOIN comments_commentrevision r ON r.comment_id = t.id AND r.number = t.before
WHERE k.comment_id = t.id AND k.closed_at IS NULL AND k.opened_at >= coalesce(r.created_at, '-infinity')
"""


def _close_cases(taken: Sequence[Touched], now: datetime) -> None:
    if taken:
        before = [0 if each.brought else each.before for each in taken]
        bulk.execute(_CLOSE, [now, [each.id for each in taken], before])


_DECIDE = """
INSERT INTO moderation_decision
    (comment_id, revision, from_status, to_status, cause, import_run_id, facts, supersedes_id, created_at)
SELECT c.id, c.revision, c.status, 'rejected', 'import-undo', %s,
    jsonb_build_object('run', %s::bigint, 'undo', %s::bigint), (
    SELECT max(d.id) FROM moderation_decision d WHERE d.comment_id = c.id), %s
FROM comments_comment c WHERE c.id = ANY(%s) ORDER BY c.id
"""


def _withdraw(undo: ImportUndo, brought: Sequence[Touched], now: datetime) -> list[Touched]:
    """Reject what the run brought, by a decision that names the run; those that could be quoted until now."""
    if not brought:
        return []
    keys = [each.id for each in brought]
    bulk.execute(_DECIDE, [undo.run_id, undo.run_id, undo.pk, now, keys])
    set_status(dict.fromkeys(keys, Status.REJECTED), withdrawn_at=now)
    bulk.execute("DELETE FROM moderation_pending WHERE comment_id = ANY(%s)", [keys])
    decided = partial(counters.add, counters.DECISIONS, Status.REJECTED, "system", by=len(keys))
    transaction.on_commit(decided)
    return [each for each in brought if is_hidden_or_shown(each.status, Status.REJECTED)]


def _finish(undo: ImportUndo, now: datetime) -> ImportUndo:
    undo.finished_at = now
    undo.counts = _added(undo, [])
    undo.save(update_fields=["counts", "moved_at", "finished_at"])
    taken_back(undo.run)
    if not Figures(**undo.counts).kept:
        # Nothing is left to look at of what the run guessed.
        open_case = Case.objects.filter(import_run=undo.run_id, closed_at=None)
        open_case.update(closed_at=now, closed_why="import-undo")
    log.info("import-undone", run=undo.run_id, undo=undo.pk, **undo.counts)
    return undo
