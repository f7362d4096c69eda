"""Keeping quotes true: what is noted in `Retrace` is traced again, a chunk a transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import NamedTuple

import structlog
from django.db import transaction
from django.utils import timezone

from comments import bulk
from comments.edits import raise_versions
from comments.models import ParentHow
from comments.threads import Parent, set_parents
from moderation.requoted import Before, Origin, keep
from moderation.services.guarding import CLAIM_SECONDS, guard, is_passing
from moderation.services.noting import UNSETTLED_QUOTE, Tracing, note_overtaken
from moderation.services.quote_cases import Retold, close_settled, open_news
from moderation.services.quote_rows import OWN, Quoter, Quotes, read, row_of, write
from moderation.tracing import trace_rows

log = structlog.get_logger(__name__)

# Comments whose quotes are traced in one transaction: at some two milliseconds
# each it is far from the two seconds that anybody may hold rows.
CHUNK = 200
# Changes that are looked at together.
CHANGES = 500


class Change(NamedTuple):
    """A row of `Retrace`."""

    id: int
    article_id: int
    source_id: int | None
    comment_id: int | None
    unsettled: bool
    after: int


_CLAIM = """
SELECT id, article_id, source_id, comment_id, unsettled, after
FROM moderation_retrace ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_CONCERNED = f"""
WITH k AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bool[], %s::bigint[])
        AS k(article_id, source_id, comment_id, unsettled, after)
)
SELECT q.comment_id FROM k JOIN moderation_quote q
    ON q.source_comment_id = k.source_id AND q.comment_id > k.after
UNION
SELECT q.comment_id FROM k JOIN moderation_quote q
    ON q.article_id = k.article_id AND q.comment_id > k.after AND {UNSETTLED_QUOTE}
WHERE k.unsettled
UNION
SELECT q.comment_id FROM k JOIN moderation_quote q
    ON q.article_id = k.article_id AND q.comment_id > k.after AND q.article_revision_id IS NOT NULL
WHERE k.source_id IS NULL AND k.comment_id IS NULL
UNION
SELECT k.comment_id FROM k WHERE k.comment_id > k.after
ORDER BY comment_id LIMIT %s
"""  # noqa: S608
_LOCK = """
SELECT c.id, c.revision, c.status, c.article_id, c.site_id, c.parent_id, c.parent_how, c.body, c.posted_at,
    a.sources_version
FROM comments_comment c JOIN comments_article a ON a.id = c.article_id
WHERE c.id = ANY(%s) ORDER BY c.id FOR NO KEY UPDATE OF c
"""
_OWN = ", ".join(f'q."{name}"' for name in OWN)
# Quotes of an earlier text are about to be replaced: the new one waits to be judged.
_BEFORE = f"""
SELECT q.comment_id, s.revision, s.status = 'rejected', s.erased_at IS NOT NULL, {_OWN}
FROM unnest(%s::bigint[], %s::int[]) AS k(id, revision)
JOIN moderation_quote q ON q.comment_id = k.id AND q.revision = k.revision
LEFT JOIN comments_comment s ON s.id = q.source_comment_id
ORDER BY q.comment_id, q.start, q.id
"""  # noqa: S608


@dataclass(slots=True)
class Retraced:
    """What a call of `retrace` did: changes, comments traced, and those whose quotes became others."""

    changes: int = 0
    traced: int = 0
    changed: int = 0


def retrace(
    limit: int = CHUNK,
    *,
    now: Callable[[], datetime] = timezone.now,
    on_full: Callable[[], None] = lambda: None,
) -> Retraced:
    """Trace the quotes again that noted changes concern, of up to `limit` comments.

    `on_full` is called after the commit if there is more to do. A comment on
    which it fails is tried alone and then passed over, its quotes as they
    were. What failed because the database was away is no comment's fault: the
    error is raised, and the changes wait for the next look.
    """
    try:
        return _retrace(limit, now, on_full)
    except Exception as error:
        if is_passing(error):
            raise
        log.exception("retrace-failed", limit=limit)
    try:
        return _retrace(1, now, on_full)
    except Exception as error:
        if is_passing(error):
            raise
        with transaction.atomic():
            guard()
            changes = _claim()
            for comment in _concerned(changes, 1):
                log.exception("retrace-passed-over", comment=comment)
                _settle(changes, comment)
        transaction.on_commit(on_full)
        return Retraced()


def _retrace(limit: int, now: Callable[[], datetime], on_full: Callable[[], None]) -> Retraced:
    with transaction.atomic():
        guard()
        changes = _claim()
        if not changes:
            return Retraced()
        concerned = _concerned(changes, limit + 1)
        rows = [Quoter(*values) for values in bulk.fetch(_LOCK, [concerned[:limit]])] if concerned else []
        before = _before(rows)
        retold, left = _trace([row for row in rows if row.id in before], before)
        changed = [each for each in retold if [was.row for was in each.before] != each.now]
        _write(changed, retold, now())
        first_left = min([*left, *concerned[limit:]], default=None)
        _settle(changes, None if first_left is None else first_left - 1)
        if first_left is not None or len(changes) == CHANGES:
            transaction.on_commit(on_full)
        note_overtaken(
            [Tracing(each.row.id, each.row.article_id, each.row.sources_version) for each in retold]
        )
        return Retraced(len(changes), len(retold), len(changed))


def _claim() -> list[Change]:
    return [Change(*values) for values in bulk.fetch(_CLAIM, [CHANGES])]


def _concerned(changes: Sequence[Change], limit: int) -> list[int]:
    """The comments whose quotes the changes concern, in ascending id."""
    alike = sorted({each[1:] for each in changes}, key=str)
    columns = [list(column) for column in zip(*alike, strict=True)] or [[]] * 5
    return [key for (key,) in bulk.fetch(_CONCERNED, [*columns, limit])]


def _before(rows: Sequence[Quoter]) -> dict[int, list[Before]]:
    found: dict[int, list[Before]] = {}
    keys = [[row.id for row in rows], [row.revision for row in rows]]
    for comment, revision, rejected, erased, *own in bulk.fetch(_BEFORE, keys) if rows else ():
        origin = Origin() if revision is None else Origin(revision, rejected, erased)
        found.setdefault(comment, []).append(Before(read(own), origin))
    return found


def _trace(rows: Sequence[Quoter], before: dict[int, list[Before]]) -> tuple[list[Retold], list[int]]:
    """What the comments quote now, as far as the time reaches, of the lowest id for certain; what is left."""
    started = monotonic()
    retold: list[Retold] = []
    for row, traces in trace_rows(rows):
        now = keep(before[row.id], [row_of(traced) for traced in traces.quotes])
        retold.append(Retold(row, before[row.id], now, traces.answered))
        if monotonic() - started > CLAIM_SECONDS:
            break
    done = {each.row.id for each in retold}
    return retold, [row.id for row in rows if row.id not in done]


def _write(changed: Sequence[Retold], retold: Sequence[Retold], now: datetime) -> None:
    keys = sorted(each.row.id for each in changed)
    same = sorted({each.row.id for each in retold} - set(keys))
    if same:
        bulk.execute(
            f"UPDATE moderation_quote q SET traced_at = %s WHERE comment_id = ANY(%s) AND {UNSETTLED_QUOTE}",  # noqa: S608
            [now, same],
        )
    if not keys:
        return
    quotes = [Quotes(each.row.id, each.row.article_id, each.row.revision, each.now) for each in changed]
    write(quotes, now, anew=keys)
    set_parents(
        {
            each.row.id: Parent(each.answered.comment, ParentHow(each.answered.how), each.answered.sure)
            for each in changed
            if each.answered
        }
    )
    # Who has the comment before him is to see its quotes as they are.
    raise_versions(keys)
    open_news(changed, now)
    close_settled(changed, now)


def _settle(changes: Sequence[Change], done: int | None) -> None:
    """The changes are done with comments up to the id `done`; with all if it is None."""
    keys = [change.id for change in changes]
    if done is None:
        bulk.execute("DELETE FROM moderation_retrace WHERE id = ANY(%s)", [keys])
    else:
        bulk.execute(
            "UPDATE moderation_retrace SET after = greatest(after, %s) WHERE id = ANY(%s)", [done, keys]
        )
