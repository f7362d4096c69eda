"""Erasing what a person typed. The row stays: its id, its place in the thread, what was decided on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from comments import bulk
from comments.authors import author_key
from comments.formats.base import GUESSED_LIMIT
from comments.models import Comment, ImportProblem, Site
from comments.signals import Change, changed
from comments.statuses import touch_sources

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

# Comments that are erased in one transaction: it holds their rows for some tens of milliseconds.
BATCH = 500

_LOCK = """
SELECT id, article_id FROM comments_comment
WHERE id = ANY(%s) AND erased_at IS NULL ORDER BY id FOR NO KEY UPDATE
"""
# The number, the times and the id at the source are no person's words; the last
# keeps an import or a retry from bringing the text back.
_ERASE = """
UPDATE comments_comment
SET author_name = '', author_email = '', author_url = '', author_id = '', author_verified = false,
    author_key = NULL, ip = NULL, user_agent = '', form_token = '', form_seconds = NULL, form_trap = false,
    body = '', folded = '', fingerprint = 0,
    claimed_posted_at = NULL, published_revision = NULL, erased_at = %s,
    revision = revision + 1, version = version + 1
WHERE id = ANY(%s)
"""
_ERASE_REVISIONS = """
UPDATE comments_commentrevision
SET author_name = '', author_url = '', body = '', folded = '', fingerprint = 0, former = NULL
WHERE comment_id = ANY(%s)
"""
# Of a comment whose beginning an import guessed, the notice keeps the text. It names a place in
# a file and no comment, so it is known by its words, before they go.
_ERASE_NOTICES = """
UPDATE comments_importproblem p SET raw = ''
FROM (
    SELECT id, body FROM comments_comment WHERE id = ANY(%s)
    UNION
    SELECT comment_id, body FROM comments_commentrevision WHERE comment_id = ANY(%s)
) k
JOIN comments_comment c ON c.id = k.id
JOIN comments_importsource s ON s.site_id = c.site_id AND s.slug = c.source
JOIN comments_importrun r ON r.source_id = s.id
WHERE p.run_id = r.id AND NOT p.refused AND p.raw <> '' AND p.raw = left(k.body, %s)
"""


def written_by(
    site: Site, *, ids: Sequence[UUID] = (), email: str = "", author_id: str = ""
) -> QuerySet[Comment]:
    """The comments of a site with these ids, or by who has this address or publisher's id; not yet erased."""
    wanted = Q(public_id__in=ids)
    if email:
        wanted |= Q(author_email__iexact=email) | Q(author_key=author_key(site.pk, "", email))
    if author_id:
        wanted |= Q(author_id=author_id)
    return Comment.objects.filter(wanted, site=site, erased_at=None)


def erase(comments: Sequence[int], *, now: datetime) -> int:
    """Erase what was typed in these comments, for good; how many were not erased yet.

    Name, e-mail, website, address, user agent, the text and all its earlier
    ones. A batch a transaction: what was erased before an error stays so, and
    the same call again does the rest. What others quoted of them stands in
    their own comments; moderation makes cases of these.
    """
    keys = iter(sorted(set(comments)))
    erased = 0
    while batch := list(islice(keys, BATCH)):
        erased += _erase(batch, now)
    return erased


def erase_rows(problems: QuerySet[ImportProblem]) -> int:
    """Erase the raw rows that the ledger keeps of these entries, for good; how many there were.

    Place, code and reason stay: they hold nothing that the row's author typed.
    """
    return problems.exclude(raw="").update(raw="")


@transaction.atomic
def _erase(batch: Sequence[int], now: datetime) -> int:
    articles = dict(bulk.fetch(_LOCK, [batch]))
    if not articles:
        return 0
    keys = sorted(articles)
    bulk.execute(_ERASE_NOTICES, [keys, keys, GUESSED_LIMIT])
    bulk.execute(_ERASE, [now, keys])
    bulk.execute(_ERASE_REVISIONS, [keys])
    changed(Change.ERASED, keys, live=True)
    touch_sources(articles.values())
    return len(keys)
