"""A site as our own JSONL, whose import into an empty site gives the same data back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from comments.drafts import SourceState
from comments.exports.selection import Selection, chosen, id_of, name_of, without_empty
from comments.models import Article, Comment, Floor, Status


def as_jsonl(selection: Selection) -> Iterator[bytes]:
    """One line a row."""
    article: Article | None = None
    for row in chosen(selection):
        if isinstance(row, Article):
            article = row
            values = _article(row)
        else:
            values = _comment(row, article, personal=selection.personal)
        yield json.dumps(values, ensure_ascii=False).encode() + b"\n"


def _article(article: Article) -> dict[str, Any]:
    values = {
        "id": article.external_id,
        "url": article.url,
        "title": article.title,
        "published_at": article.published_at and article.published_at.isoformat(),
        "source": article.source,
        "related": article.related,
        "credit": article.credit,
        "closed": True if article.floor == Floor.CLOSED else None,
    }
    return {"type": "article", **without_empty(values), "body": article.body}


def _comment(comment: Comment, article: Article | None, *, personal: bool) -> dict[str, Any]:
    values = {
        "article": name_of(article) if article else "",
        "parent": id_of(comment.parent) if comment.parent else "",
        "kind": comment.kind,
        "number": comment.number,
        "author_name": comment.author_name,
        "author_email": comment.author_email if personal else "",
        "author_url": comment.author_url,
        "author_id": comment.author_id,
        "ip": comment.ip if personal else "",
        "user_agent": comment.user_agent if personal else "",
        "identity": None if comment.identity else False,
        "posted_at": comment.posted_at.isoformat(),
        "state": state_of(comment),
    }
    return {"type": "comment", "id": id_of(comment), **without_empty(values), "body": comment.body}


def state_of(comment: Comment) -> str:
    """The state by which an import comes to the status that the comment has here.

    One that waits for its decision has what its own source said of it.
    """
    if comment.status == Status.PUBLISHED:
        return SourceState.APPROVED.value
    if comment.status == Status.HELD:
        return SourceState.PENDING.value
    if comment.status == Status.REJECTED:
        spam = comment.source_state == SourceState.SPAM
        return SourceState.SPAM.value if spam else SourceState.TRASH.value
    return comment.source_state
