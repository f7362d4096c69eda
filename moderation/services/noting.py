"""Notes which quotes are to be traced again, in the transaction of what changed: see `models.Retrace`.

Rows are inserted and nothing else, so that whoever changes something never
waits for a worker that traces.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from comments import bulk
from moderation import doorbell
from moderation.models import UNSETTLED

# The condition of the index `quote_unsettled`, in its words.
UNSETTLED_QUOTE = f"(q.verdict IN {UNSETTLED} OR q.misattributed)"
# A comment is received at the beginning of the transaction that stores it: who traced so
# little later may not have seen it.
STORING = timedelta(seconds=30)


def _insert(select: str, params: Sequence[object]) -> None:
    """Insert what `select` finds: article, source, comment, unsettled."""
    columns = "article_id, source_id, comment_id, unsettled, since"
    noted = bulk.execute(
        f"INSERT INTO moderation_retrace ({columns}) SELECT k.*, clock_timestamp() FROM ({select}) k",  # noqa: S608
        params,
    )
    if noted:
        transaction.on_commit(doorbell.ring_for_quotes)


def note_edited(comments: Sequence[int]) -> None:
    """Comments have another text: it may be what others quote, and no longer what they quoted."""
    _insert(
        "SELECT article_id, id, NULL::bigint, true FROM comments_comment WHERE id = ANY(%s)", [list(comments)]
    )


def note_erased(comments: Sequence[int]) -> None:
    """What these comments said is gone; who quoted it has it still."""
    _insert(
        """SELECT c.article_id, c.id, NULL::bigint, false FROM comments_comment c
           WHERE c.id = ANY(%s)
             AND EXISTS (SELECT 1 FROM moderation_quote q WHERE q.source_comment_id = c.id)""",
        [list(comments)],
    )


def note_articles(articles: Sequence[int]) -> None:
    """Articles have another title or body."""
    _insert("SELECT id, NULL::bigint, NULL::bigint, true FROM unnest(%s::bigint[]) AS id", [list(articles)])


def note_hidden_or_shown(shown: Mapping[int, bool]) -> None:
    """Comments were rejected, or (true) shown again; to be told after `touch_sources`.

    Nearly all that is rejected is spam that nobody quotes: of it there is nothing to note.
    """
    if not shown:
        return
    _insert(
        """SELECT c.article_id, c.id, NULL::bigint, k.shown
           FROM unnest(%s::bigint[], %s::bool[]) AS k(id, shown) JOIN comments_comment c ON c.id = k.id
           WHERE k.shown OR EXISTS (SELECT 1 FROM moderation_quote q WHERE q.source_comment_id = k.id)""",
        [list(shown), list(shown.values())],
    )


class Arrived(NamedTuple):
    """A comment that is judged for the first time."""

    article_id: int
    posted_at: datetime
    id: int
    received_at: datetime


def note_arrived(comments: Iterable[Arrived]) -> None:
    """Comments are new: quotes in later ones, traced before they were stored, may be theirs."""
    first: dict[int, Arrived] = {}
    last: dict[int, datetime] = {}
    for each in sorted(comments):
        first.setdefault(each.article_id, each)
        last[each.article_id] = max(each.received_at, last.get(each.article_id, each.received_at))
    if not first:
        return
    _insert(
        f"""SELECT k.article_id, k.id, NULL::bigint, true
            FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
                AS k(article_id, id, posted_at, stored_by)
            WHERE EXISTS (
                SELECT 1 FROM moderation_quote q JOIN comments_comment c ON c.id = q.comment_id
                WHERE q.article_id = k.article_id AND {UNSETTLED_QUOTE} AND q.traced_at < k.stored_by
                  AND (c.posted_at, c.id) > (k.posted_at, k.id))""",  # noqa: S608
        [
            list(first),
            [each.id for each in first.values()],
            [each.posted_at for each in first.values()],
            [last[article] + STORING for article in first],
        ],
    )


class Tracing(NamedTuple):
    """A comment whose quotes were traced to an article's sources of that version."""

    id: int
    article_id: int
    sources_version: int


def note_overtaken(traced: Sequence[Tracing], raised: Collection[int] = ()) -> None:
    """Comments whose quotes were traced to sources that have changed meanwhile.

    To be the last statement of the transaction that writes the quotes. The
    articles are locked, or found locked by who changes them: so every change
    is either seen here, or committed later than the quotes, and then its own
    note finds them. `raised` are articles whose version this very transaction
    raised, and noted why.
    """
    articles = sorted({each.article_id for each in traced})
    if not articles:
        return
    found = dict(
        bulk.fetch(
            """SELECT id, sources_version FROM comments_article WHERE id = ANY(%s)
               ORDER BY id FOR SHARE SKIP LOCKED""",
            [articles],
        )
    )
    overtaken = [
        each
        for each in traced
        if found.get(each.article_id) != each.sources_version + (each.article_id in raised)
    ]
    if overtaken:
        _insert(
            """SELECT article_id, NULL::bigint, id, false
               FROM unnest(%s::bigint[], %s::bigint[]) AS k(article_id, id)""",
            [[each.article_id for each in overtaken], [each.id for each in overtaken]],
        )
