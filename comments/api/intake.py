"""One comment through the door: found, judged open, stored, answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from comments import bulk
from comments.api import idempotency
from comments.api.problems import Kind, Problem
from comments.api.serializers import unknown
from comments.models import Comment, Floor
from comments.services import Arrival, Origin, Outcome, receive

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from comments.api.authentication import Access
    from comments.api.idempotency import Kept, Retry
    from comments.api.serializers import ArticleName, Asked
    from comments.services import Received

ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender of a comment is told."""

    document: dict[str, Any]
    replayed: bool = False


class _SecondOfTwoError(Exception):
    """Another request under the same idempotency key was first: what we stored is undone."""


def submit(
    asked: Asked, access: Access, retry: Retry | None, *, now: datetime, status_url: Callable[[object], str]
) -> Answer:
    """Store a comment, or answer as the first time. Raises `Problem`."""
    if retry and (first := idempotency.kept(access.site_id, retry, now)):
        return _replay(first)
    arrival = _arrival(asked, access)
    origin = Origin(site_id=access.site_id)
    if retry is None:
        return _answer(_receive(arrival, origin, now), status_url)
    try:
        with transaction.atomic():
            answer = _answer(_receive(arrival, origin, now), status_url)
            if not idempotency.keep(access.site_id, retry, ACCEPTED, answer.document, now):
                raise _SecondOfTwoError
            return answer
    except _SecondOfTwoError:
        return submit(asked, access, retry, now=now, status_url=status_url)


def _replay(first: Kept) -> Answer:
    return Answer(first.answer, replayed=True)


def _answer(received: Received, status_url: Callable[[object], str]) -> Answer:
    # In the order in which jsonb gives the fields back: a replay is the same to the byte.
    return Answer(
        {
            "id": str(received.public_id),
            "status": received.status,
            "outcome": received.outcome,
            "status_url": status_url(received.public_id),
        }
    )


def _receive(arrival: Arrival, origin: Origin, now: datetime) -> Received:
    if not arrival.draft.external_id:
        return receive([arrival], origin, now=now)[0]
    with transaction.atomic():
        [received] = receive([arrival], origin, now=now)
        if received.outcome is not Outcome.CREATED:
            _same_article(arrival, received)
        return received


def _same_article(arrival: Arrival, received: Received) -> None:
    """An external id stands for one comment of one article for ever."""
    if not Comment.objects.filter(pk=received.comment_id, article_id=arrival.article_id).exists():
        raise Problem(
            Kind.DISAGREEMENT,
            f"external_id: {arrival.draft.external_id!r} is a comment of another article. "
            "Send the article that it belongs to, or another external_id.",
        )


def _arrival(asked: Asked, access: Access) -> Arrival:
    article_id, floor = find_article(asked.article, access.site_id) or (0, "")
    if not article_id:
        name = "article" if asked.article.external_id else "article_url"
        value = asked.article.external_id or asked.article.url
        raise unknown(name, value, "no such article is known here: PUT it first.", "unknown-article")
    if (floor or access.floor) == Floor.CLOSED:
        raise Problem(Kind.CLOSED, "Nothing was stored. Open the comments again to take any in.")
    return Arrival(asked.draft, article_id, _parent_id(asked, article_id))


def find_article(name: ArticleName, site_id: int) -> tuple[int, str] | None:
    """The row id and the own floor (may be empty) of the article that goes by `name` at a site."""
    if name.external_id:
        sql = "SELECT id, floor FROM comments_article WHERE site_id = %s AND external_id = %s"
    else:
        sql = """SELECT a.id, a.floor
                 FROM comments_articleurl u JOIN comments_article a ON a.id = u.article_id
                 WHERE u.site_id = %s AND u.url = %s"""
    rows = bulk.fetch(sql, [site_id, name.external_id or name.url])
    return (rows[0][0], rows[0][1]) if rows else None


def _parent_id(asked: Asked, article_id: int) -> int | None:
    if asked.parent is None:
        return None
    sql = "SELECT id FROM comments_comment WHERE public_id = %s AND article_id = %s"
    rows = bulk.fetch(sql, [asked.parent, article_id])
    if not rows:
        mend = "no such comment is at this article: send the id of one that is."
        raise unknown("parent", str(asked.parent), mend, "unknown-parent")
    return int(rows[0][0])
