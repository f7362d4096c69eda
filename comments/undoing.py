"""What `comments` does when an import run is undone: it ends the run, and gives edited comments back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from comments import bulk
from comments.edits import Edits
from comments.imports.runs import finish, is_alive
from comments.models import Comment, ImportChunk, ImportRun, ImportSource, RunStatus
from comments.signals import Change, changed


class NotUndoable(Exception):
    """A run that can not be undone now, and why."""


@transaction.atomic
def take_back(run_id: int, *, now: datetime) -> ImportRun:
    """A run that is to be undone: it has ended for good, and is `undone_at` from now on.

    Raises `NotUndoable` for one that is going on, and while another run of its source is.
    """
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None:
        raise NotUndoable(f"there is no run {run_id}.")
    # Starts of the same source wait for each other here.
    ImportSource.objects.select_for_update(no_key=True).get(pk=run.source_id)
    for going in ImportRun.objects.filter(source=run.source_id, status=RunStatus.RUNNING):
        if is_alive(going, now):
            raise NotUndoable(
                f"run {going.pk} of source {going.source.slug!r} is going on: pause or cancel it first, "
                "or wait until it ends."
            )
    run = ImportRun.objects.select_for_update(no_key=True).get(pk=run_id)
    if run.finished_at is None:
        run = _end(run)
    run.undone_at = run.undone_at or now
    run.being_undone = True
    run.save(update_fields=["undone_at", "being_undone"])
    return run


def taken_back(run: ImportRun) -> None:
    """All is done of an undo that `take_back` began: runs of its source may begin again."""
    run.being_undone = False
    run.save(update_fields=["being_undone"])


def _end(run: ImportRun) -> ImportRun:
    """End a run that could go on, or what is withdrawn would come after it again."""
    run.attempt += 1
    run.asked = ""
    run.save(update_fields=["attempt", "asked"])
    # Chunks that are being stored at this moment are waited for, and stay.
    left = ImportChunk.objects.filter(run=run, stored_at=None)
    keys = list(left.select_for_update().order_by("pk").values_list("pk", flat=True))
    left.filter(pk__in=keys).delete()
    return finish(run, f"It was undone after {run.position:,} rows, before it had ended.")


def hand_on(comments: Sequence[int]) -> None:
    """Announce comments of a run that ended before it could: an undo leaves them, and they wait unseen."""
    if comments:
        changed(Change.RECEIVED, comments, live=False)


_FORMER = """
SELECT r.comment_id, r.body, r.author_name, r.author_url, r.former
FROM unnest(%s::bigint[], %s::int[]) AS k(comment_id, number)
JOIN comments_commentrevision r ON r.comment_id = k.comment_id AND r.number = k.number
"""


def restore(revisions: Mapping[int, int], *, now: datetime) -> set[int]:
    """Give comments back what they were before an edit: `{comment: the number of that revision}`.

    That is an edit, too, and judged as such. Rows are locked by the caller,
    who is to touch the sources of the articles that are returned, last of all.
    """
    if not revisions:
        return set()
    edits = Edits(now)
    comments = Comment.objects.in_bulk(revisions)
    keys = [list(revisions), list(revisions.values())]
    for key, body, name, url, former in bulk.fetch(_FORMER, keys):
        values = {"body": body, "author_name": name, "author_url": url, **beside(former)}
        edits.add(comments[key], values)
    edits.store()
    changed(Change.EDITED, sorted(edits.comments), live=False)
    return {comment.article_id for comment in edits.comments.values()}


def beside(former: str | None) -> dict[str, Any]:
    """`CommentRevision.former` as the database has it → `{column: value}`."""
    values: dict[str, Any] = json.loads(former) if former else {}
    if "posted_at" in values:
        values["posted_at"] = datetime.fromisoformat(values["posted_at"])
    return values
