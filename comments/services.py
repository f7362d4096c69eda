"""The one door in, and the only writer of comments.

Everything takes a batch; one comment is a batch of one.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction

from comments import bulk, counters
from comments.authors import author_key
from comments.deciding import decided_by_people
from comments.drafts import NO_FORM, Form
from comments.edits import Edits, differences
from comments.folding import folder
from comments.ids import uuid7
from comments.lookup import find_comments
from comments.models import Comment, ParentHow, Status
from comments.signals import Change, changed
from comments.statuses import touch_sources

if TYPE_CHECKING:
    from comments.drafts import CommentDraft

# How far a live comment's own time may lie from ours; past that it is held to
# the edge and the claimed time kept beside it.
CLOCK_TOLERANCE = timedelta(minutes=5)


class Outcome(StrEnum):
    """What became of a row: exactly one of these, or it was refused before."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A draft whose article and parent have been found.

    `comment_id` is a key that `new_keys` gave, to be stored under if it is
    new; then all arrivals of a batch have one, and may be each other's parents.
    `form` is how its form was filled in, where that was told.
    """

    draft: CommentDraft
    article_id: int
    parent_id: int | None = None
    comment_id: int | None = None
    form: Form = NO_FORM


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a batch of arrivals comes from.

    `live` is false for an import, whose comments keep their own times and
    are announced by `announce` when all rows of their articles are stored.
    """

    site_id: int
    source: str = "api"
    live: bool = True
    import_run_id: int | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """The row that an arrival became, or had become before; `parent_id` is the parent it was given."""

    comment_id: int
    public_id: UUID
    outcome: Outcome
    status: str = Status.RECEIVED
    parent_id: int | None = None
    # An import's edit of what a person has decided: he is asked again.
    contested: bool = False


_COLUMNS = {
    "public_id": "uuid",
    "site_id": "bigint",
    "article_id": "bigint",
    "source": "text",
    "external_id": "text",
    "import_run_id": "bigint",
    "kind": "text",
    "number": "int",
    "parent_id": "bigint",
    "parent_how": "text",
    "author_name": "text",
    "author_email": "text",
    "author_url": "text",
    "author_id": "text",
    "author_verified": "bool",
    "author_key": "uuid",
    "identity": "bool",
    "ip": "inet",
    "user_agent": "text",
    "form_token": "text",
    "form_seconds": "int",
    "form_trap": "bool",
    "body": "text",
    "folded": "text",
    "fingerprint": "bigint",
    "folder_version": "smallint",
    "revision": "int",
    "version": "int",
    "posted_at": "timestamptz",
    "claimed_posted_at": "timestamptz",
    "received_at": "timestamptz",
    "live": "bool",
    "source_state": "text",
    "status": "text",
}

# Of two live comments stored at once either may be the older: their times lie
# within the tolerance of now. An index of sources looks for such by itself; a
# row that is older by more than that is late, and has to be told of.
LATE = 2 * CLOCK_TOLERANCE
_RECEIVE = """
WITH new AS (
    INSERT INTO comments_comment ({names})
    SELECT * FROM {source}
    ON CONFLICT (site_id, source, external_id) WHERE external_id IS NOT NULL DO NOTHING
    RETURNING id, public_id, article_id, posted_at, live
)
SELECT id, public_id, live AND EXISTS (
    SELECT 1 FROM comments_comment c
    WHERE c.article_id = new.article_id AND c.posted_at > new.posted_at + %s)
FROM new
"""


@transaction.atomic(savepoint=False)
def receive(
    arrivals: Sequence[Arrival], origin: Origin, *, now: datetime, known: Container[str] = ()
) -> list[Received]:
    """Store arrivals, in their order; what became of each.

    A row that is already there by (site, source, external id) is not stored
    again: it is unchanged, or, where its text, state or author differs,
    edited. `known` are external ids that are there for certain.
    """
    fresh = [at for at, arrival in enumerate(arrivals) if arrival.draft.external_id not in known]
    received, late = _insert(fresh, arrivals, origin, now)
    created = [result.comment_id for result in received.values()]
    if created and origin.live:
        changed(Change.RECEIVED, created, live=True)
    if created:
        transaction.on_commit(partial(counters.add, counters.RECEIVED, origin.source, by=len(created)))
    # An import's rows may be of any time. Articles are locked last, after
    # comments and pending rows, or screening is locked out.
    touched = late if origin.live else {arrivals[at].article_id for at in received}
    again = [at for at in range(len(arrivals)) if at not in received]
    if again:
        results, edited = _receive_again([arrivals[at] for at in again], origin, now)
        received.update(zip(again, results, strict=True))
        touched |= edited
    touch_sources(touched)
    return [received[at] for at in range(len(arrivals))]


def _insert(
    fresh: Sequence[int], arrivals: Sequence[Arrival], origin: Origin, now: datetime
) -> tuple[dict[int, Received], set[int]]:
    """Insert the arrivals at the places `fresh`: those that were not there, and the articles of late ones."""
    if not fresh:
        return {}, set()
    if arrivals[fresh[0]].comment_id is not None and not origin.live:
        with suppress(IntegrityError), transaction.atomic():
            return _copy(fresh, arrivals, origin, now), set()
    columns = {**_COLUMNS, "id": "bigint"} if arrivals[fresh[0]].comment_id is not None else _COLUMNS
    rows = [_row(arrivals[at], origin, now)[: len(columns)] for at in fresh]
    source, params = bulk.rowset(columns, rows)
    statement = _RECEIVE.format(names=", ".join(columns), source=source)
    created = {public_id: (key, late) for key, public_id, late in bulk.fetch(statement, [*params, LATE])}
    received, late_at = {}, set()
    for at, row in zip(fresh, rows, strict=True):
        if row[0] in created:
            key, late = created[row[0]]
            received[at] = Received(key, row[0], Outcome.CREATED, parent_id=arrivals[at].parent_id)
            late_at |= {arrivals[at].article_id} if late else set()
    return received, late_at


def _copy(
    fresh: Sequence[int], arrivals: Sequence[Arrival], origin: Origin, now: datetime
) -> dict[int, Received]:
    """As `_insert`, of an import's keyed rows, for three fifths of the time (measured).

    Raises `IntegrityError` if somebody else has stored one of them.
    """
    rows = [_row(arrivals[at], origin, now) for at in fresh]
    bulk.copy("comments_comment", [*_COLUMNS, "id"], rows)
    return {
        at: Received(row[-1], row[0], Outcome.CREATED, parent_id=arrivals[at].parent_id)
        for at, row in zip(fresh, rows, strict=True)
    }


def new_keys(number: int) -> list[int]:
    """Keys for comments that are stored later, ascending."""
    sequence = "pg_get_serial_sequence('comments_comment', 'id')"
    rows = bulk.fetch(f"SELECT nextval({sequence}) FROM generate_series(1, %s)", [number])  # noqa: S608
    return sorted(key for (key,) in rows)


def _row(arrival: Arrival, origin: Origin, now: datetime) -> tuple[Any, ...]:
    draft = arrival.draft
    posted_at, claimed = _posted_at(draft.posted_at, now) if origin.live else (draft.posted_at or now, None)
    form = folder()(draft.body)
    return (
        uuid7(),
        origin.site_id,
        arrival.article_id,
        origin.source,
        draft.external_id or None,
        origin.import_run_id,
        draft.kind,
        draft.number,
        arrival.parent_id,
        ParentHow.GIVEN if arrival.parent_id else "",
        draft.author_name,
        draft.author_email,
        draft.author_url,
        draft.author_id,
        draft.author_verified,
        author_key(origin.site_id, draft.author_id, draft.author_email),
        draft.identity,
        draft.ip,
        draft.user_agent,
        arrival.form.token,
        arrival.form.seconds,
        arrival.form.trap,
        draft.body,
        *form,
        1,
        1,
        posted_at,
        claimed,
        now,
        origin.live,
        draft.state,
        Status.RECEIVED,
        arrival.comment_id,
    )


def as_stored(arrival: Arrival, origin: Origin, *, now: datetime) -> dict[str, Any]:
    """The columns that an arrival would be stored with, and nothing stored."""
    return dict(zip(_COLUMNS, _row(arrival, origin, now), strict=False))


def _posted_at(claimed: datetime | None, now: datetime) -> tuple[datetime, datetime | None]:
    """A live comment's time, held to the tolerance, and the claimed one if it was not."""
    if claimed is None:
        return now, None
    held = min(max(claimed, now - CLOCK_TOLERANCE), now + CLOCK_TOLERANCE)
    return held, None if held == claimed else claimed


def _receive_again(
    arrivals: Sequence[Arrival], origin: Origin, now: datetime
) -> tuple[list[Received], set[int]]:
    """Rows that are there already, last text wins; and the articles whose sources have changed."""
    found = find_comments(origin.site_id, origin.source, (arrival.draft.external_id for arrival in arrivals))
    keys = [comment.id for comment in found.values()]
    locked = Comment.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    stored = {comment.external_id: comment for comment in locked}
    results, edits = [], Edits(now, origin.import_run_id)
    for arrival in arrivals:
        comment = stored[arrival.draft.external_id]
        # What was erased is not brought back by whoever still has it.
        differing = {} if comment.erased_at else differences(comment, arrival.draft, live=origin.live)
        if differing:
            edits.add(comment, differing)
        outcome = Outcome.UPDATED if differing else Outcome.UNCHANGED
        # One that was inferred gives way to one that an import finds for it.
        given = comment.parent_id if comment.parent_how == ParentHow.GIVEN else None
        results.append(Received(comment.pk, comment.public_id, outcome, comment.status, parent_id=given))
    if edits.comments and not origin.live:
        decided = decided_by_people()(sorted(edits.comments))
        results = [replace(result, contested=result.comment_id in decided) for result in results]
    return results, _write(edits, live=origin.live)


def edit(
    comment: Comment, body: str, *, now: datetime, state: str | None = None, announced: bool = True
) -> None:
    """Give a comment another text. Its row must be locked by the caller.

    The old text becomes a revision. Readers see the last published one until
    the new one is decided. Raises `ValueError` for one that was erased.
    """
    if comment.erased_at:
        raise ValueError(f"comment {comment.pk} was erased: it gets no text again.")
    edits = Edits(now)
    edits.add(comment, {"body": body} if state is None else {"body": body, "source_state": state})
    touch_sources(_write(edits, live=announced))


def _write(edits: Edits, *, live: bool) -> set[int]:
    """Store edits; the articles whose sources have changed, which is to be told last of all."""
    edits.store()
    changed(Change.EDITED, sorted(edits.comments), live=live)
    return {comment.article_id for comment in edits.comments.values()}


def announce(run_id: int, first: int, last: int) -> int:
    """Tell that the undecided comments of an import run with ids from `first`
    to `last` are whole: all rows of their articles are stored."""
    with transaction.atomic():
        ids = list(
            Comment.objects.filter(
                pk__range=(first, last), import_run_id=run_id, status=Status.RECEIVED
            ).values_list("pk", flat=True)
        )
        changed(Change.RECEIVED, ids, live=False)
    return len(ids)
