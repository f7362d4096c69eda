"""One comment through the door: found, judged open, stored, answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from rest_framework.exceptions import AuthenticationFailed

from comments import bulk
from comments.api import idempotency
from comments.api.problems import Kind, Problem
from comments.api.serializers import unknown
from comments.form_tokens import read_form
from comments.models import Comment, Floor
from comments.services import Arrival, Origin, Outcome, receive

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from comments.api.authentication import Access
    from comments.api.idempotency import Retry
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
    found = look_up(asked.article, access)
    if retry and (first := idempotency.kept(access.site_id, retry, now)):
        return Answer(first.answer, replayed=True)
    arrival = arrival_of(asked, found, site_id=access.site_id, now=now)
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
        raise of_another_article(arrival.draft.external_id)


def of_another_article(external_id: str) -> Problem:
    """An external id and an article that do not belong together."""
    return Problem(
        Kind.DISAGREEMENT,
        f"external_id: {external_id!r} is a comment of another article. "
        "Send the article that it belongs to, or another external_id.",
    )


def arrival_of(asked: Asked, found: tuple[int, str] | None, *, site_id: int, now: datetime) -> Arrival:
    """The comment at the article that `look_up` found, with its parent. Raises `Problem`."""
    if found is None:
        name = "article" if asked.article.external_id else "article_url"
        value = asked.article.external_id or asked.article.url
        raise unknown(name, value, "no such article is known here: PUT it first.", "unknown-article")
    article_id, floor = found
    if floor == Floor.CLOSED:
        raise Problem(Kind.CLOSED, "Nothing was stored. Open the comments again to take any in.")
    form = read_form(asked.form_token, asked.form_trap, site_id, now)
    return Arrival(asked.draft, article_id, _parent_id(asked, article_id), form=form)


_BY_ID = "LEFT JOIN comments_article a ON a.site_id = k.site_id AND a.external_id = %s"
_BY_URL = """LEFT JOIN comments_articleurl u ON u.site_id = k.site_id AND u.url = %s
LEFT JOIN comments_article a ON a.id = u.article_id"""
_LOOK_UP = """
SELECT a.id, coalesce(nullif(a.floor, ''), s.floor)
FROM comments_sitekey k JOIN comments_site s ON s.id = k.site_id {article}
WHERE k.id = %s AND k.revoked_at IS NULL
"""


def look_up(name: ArticleName, access: Access) -> tuple[int, str] | None:
    """The row id and the floor in force of the article that goes by `name`, None if there is none.

    In the same query: whether the key is in force. Raises `AuthenticationFailed`.
    """
    sql = _LOOK_UP.format(article=_BY_ID if name.external_id else _BY_URL)
    rows = bulk.fetch(sql, [name.external_id or name.url, access.key_id])
    if not rows:
        raise AuthenticationFailed
    article_id, floor = rows[0]
    return None if article_id is None else (article_id, floor)


def _parent_id(asked: Asked, article_id: int) -> int | None:
    if asked.parent is None:
        return None
    sql = "SELECT id FROM comments_comment WHERE public_id = %s AND article_id = %s"
    rows = bulk.fetch(sql, [asked.parent, article_id])
    if not rows:
        mend = "no such comment is at this article: send the id of one that is."
        raise unknown("parent", str(asked.parent), mend, "unknown-parent")
    return int(rows[0][0])
