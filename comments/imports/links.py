"""Replies find their parents, whatever the order of the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from comments import bulk
from comments.formats.base import Notice
from comments.imports.ledger import Ledger
from comments.imports.runs import fence
from comments.lookup import Found, find_comments
from comments.models import ImportMark, ImportRun, ParentHow
from comments.threads import Parent, ancestors, descends, set_parents

# Replies whose parent came after them, linked in one transaction.
LINKED_AT_ONCE = 1_000

ORPHAN = Notice("orphan", "The comment that it answers is not there: it stands without a parent.")
CYCLE = Notice("cycle", "It answers itself, by way of its own answers: it stands without a parent.")
ELSEWHERE = Notice(
    "parent-elsewhere",
    "The comment that it answers is at another article: it stands without a parent.",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A stored comment that names a parent and has not been given it."""

    position: int
    kind: str
    place: str
    comment_id: int
    article_id: int
    parent: str


def _link(replies: Sequence[Reply], known: Mapping[str, Found], ledger: Ledger) -> None:
    """Give replies their parents, or a notice why not.

    Of replies that close a circle the last one here stands without a parent:
    one that answers a later row, for those come last.
    """
    links = {}
    parent_of = ancestors(known[reply.parent].id for reply in replies if reply.parent in known)
    for reply in replies:
        parent = known.get(reply.parent)
        if parent is None:
            reason = ORPHAN
        elif descends(parent.id, reply.comment_id, parent_of):
            reason = CYCLE
        elif parent.article_id != reply.article_id:
            reason = ELSEWHERE
        else:
            links[reply.comment_id] = parent_of[reply.comment_id] = parent.id
            continue
        ledger.notice(reply.position, reply.kind, reply.place, reason)
    if links:
        set_parents({reply: Parent(parent) for reply, parent in links.items()})


def link_waiting(run: ImportRun) -> None:
    """Link the replies that could not be when they were stored.

    Those that answer an earlier row come first: among themselves they close no
    circle. So it does not matter in which order the rows were stored.
    """
    while _link_slice(run):
        pass


@transaction.atomic
def _link_slice(run: ImportRun) -> bool:
    locked = fence(run)
    rows = bulk.fetch(
        """SELECT m.position, m.kind, m.place, c.id, c.article_id, m.parent, c.parent_how, m.id
           FROM comments_importmark m JOIN comments_comment c ON c.id = m.comment
           WHERE m.run_id = %s AND m.parent <> '' ORDER BY m.forward, m.position LIMIT %s""",
        [run.pk, LINKED_AT_ONCE],
    )
    replies = [Reply(*reply) for *reply, how, _ in rows if how != ParentHow.GIVEN]
    source = locked.source
    known = find_comments(source.site_id, source.slug, (reply.parent for reply in replies))
    ledger = Ledger(locked.counts)
    _link(replies, known, ledger)
    ledger.write(run.pk)
    ImportMark.objects.filter(pk__in=[key for *_, key in rows]).delete()
    locked.counts = ledger.counts
    locked.save(update_fields=["counts", "heartbeat_at"])
    return bool(rows)
