"""Edits of stored comments: what differs, and how it is written for a batch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from comments import bulk
from comments.authors import author_key
from comments.drafts import CommentDraft
from comments.folding import folder
from comments.models import Comment


def differences(comment: Comment, draft: CommentDraft, *, live: bool) -> dict[str, Any]:
    """`{column: value}` of what a draft says otherwise than the row that is there.

    An import's times are its own; a live comment's was set when it came in.
    """
    wanted: dict[str, Any] = {
        "body": draft.body,
        "source_state": draft.state,
        "author_name": draft.author_name,
        "author_email": draft.author_email,
        "author_url": draft.author_url,
        "author_id": draft.author_id,
    }
    if draft.posted_at and not live:
        wanted["posted_at"] = draft.posted_at
    if comment.withdrawn_at:
        # It comes back, even where it says the same.
        wanted["withdrawn_at"] = None
    return {column: value for column, value in wanted.items() if getattr(comment, column) != value}


_REVISION_COLUMNS = {
    "comment_id": "bigint",
    "number": "int",
    "author_name": "text",
    "author_url": "text",
    "body": "text",
    "folded": "text",
    "fingerprint": "bigint",
    "folder_version": "smallint",
    "created_at": "timestamptz",
    "import_run_id": "bigint",
    "former": "jsonb",
}
_EDITED_COLUMNS = {
    "body": "text",
    "folded": "text",
    "fingerprint": "bigint",
    "folder_version": "smallint",
    "revision": "int",
    "version": "int",
    "source_state": "text",
    "author_name": "text",
    "author_email": "text",
    "author_url": "text",
    "author_id": "text",
    "author_key": "uuid",
    "posted_at": "timestamptz",
    "import_run_id": "bigint",
    "withdrawn_at": "timestamptz",
}
# What an edit may change that a revision has no column for; `former` keeps it where it did.
_BESIDE = ("author_email", "author_id", "source_state", "posted_at")


class Edits:
    """Edits of a batch of comments, by an import run or not, whose rows the caller has locked."""

    def __init__(self, now: datetime, import_run_id: int | None = None) -> None:
        self.now = now
        self.import_run_id = import_run_id
        self.revisions: list[tuple[Any, ...]] = []
        self.comments: dict[int, Comment] = {}

    def add(self, comment: Comment, values: Mapping[str, Any]) -> None:
        """Set `values` on the comment, keeping what readers saw of it as a revision."""
        shown = (comment.author_name, comment.author_url, comment.body)
        form = (comment.folded, comment.fingerprint, comment.folder_version)
        beside = (self.import_run_id, _former(comment, values))
        self.revisions.append((comment.pk, comment.revision, *shown, *form, self.now, *beside))
        if comment.withdrawn_at:
            # Whoever brings it back has brought it: undoing that run withdraws it again.
            comment.withdrawn_at = None
            comment.import_run_id = self.import_run_id or comment.import_run_id
        for column, value in values.items():
            setattr(comment, column, value)
        comment.folded, comment.fingerprint, comment.folder_version = folder()(comment.body)
        comment.author_key = author_key(comment.site_id, comment.author_id, comment.author_email)
        comment.revision += 1
        comment.version += 1
        self.comments[comment.pk] = comment

    def store(self) -> None:
        """Write them: two statements."""
        bulk.insert("comments_commentrevision", _REVISION_COLUMNS, self.revisions)
        comments = [self.comments[key] for key in sorted(self.comments)]
        rows = [[getattr(comment, column) for column in ("id", *_EDITED_COLUMNS)] for comment in comments]
        bulk.update("comments_comment", _EDITED_COLUMNS, rows)


def _former(comment: Comment, values: Mapping[str, Any]) -> str | None:
    """What `values` change beside the text, as it is now, as JSON; None where they change nothing."""
    former = {column: getattr(comment, column) for column in _BESIDE if column in values}
    former = {column: value for column, value in former.items() if value != values[column]}
    return json.dumps(former, default=datetime.isoformat) if former else None


def raise_versions(comments: Sequence[int]) -> None:
    """What a person sees beside these comments, rows locked by the caller, is no longer what it was."""
    bulk.execute("UPDATE comments_comment SET version = version + 1 WHERE id = ANY(%s)", [list(comments)])
