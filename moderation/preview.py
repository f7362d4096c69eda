"""What the rules and the quotes would say of a comment before it is sent. Nothing is stored.

It goes the way of the screening, `facts.gather`, `facts.trace_quotes` and
`engine.evaluate`, with a row that no table holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import structlog

from comments import bulk
from comments.edits import differences
from comments.lookup import find_comments
from comments.models import Comment, ParentHow
from comments.services import Origin, as_stored
from moderation import facts
from moderation.checks.base import Needs
from moderation.engine import Verdict, evaluate
from moderation.models import Lane
from moderation.quotes import find
from moderation.referring import Referred, referred
from moderation.replies import Answered
from moderation.rules import in_force
from moderation.services.restraining import foreseen
from moderation.text import FOLDER_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from comments.services import Arrival

log = structlog.get_logger(__name__)

# After every comment of the same moment, whatever its id.
NEWEST = 2**63 - 1
# The indexes of sources are a process's own, and a web server answers in several threads.
_tracing = Lock()


class AnotherArticleError(Exception):
    """The external id is that of a comment at another article."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A comment as the rules would see it, the status that it would get, and whom it would answer."""

    claimed: facts.Claimed
    verdict: Verdict
    status: str
    references: Sequence[Referred] = ()
    parent: Answered | None = None


_ARTICLE = """
SELECT coalesce(nullif(a.floor, ''), s.floor), s.language, a.title, a.sources_version, a.published_at
FROM comments_article a JOIN comments_site s ON s.id = a.site_id WHERE a.id = %s
"""


def foresee(arrival: Arrival, site_id: int, *, now: datetime) -> Preview:
    """Judge an arrival as if it had been received at `now`.

    One whose external id is stored is judged as the edit that it would be; a
    text that a person has decided keeps the status that it has. Raises
    `AnotherArticleError`.
    """
    row = _row(arrival, site_id, now)
    book = in_force()
    # Whoever asks wants to know of his quotes, also where no rule does.
    needs = book.needs | Needs(quotes=True)
    with _tracing:
        claimed = facts.trace_quotes(facts.gather([row], needs)[0])
    verdict = foreseen(evaluate(book.rules, claimed.submission, claimed.context), claimed, now)
    for failure in verdict.failures:
        log.error("check-failed", check=failure.rule.check.slug, preview=True, exc_info=failure.error)
    return Preview(
        claimed,
        verdict,
        row.status if claimed.judged else verdict.status,
        referred(row.body, find(row.body), row.article_id, (row.posted_at, row.id)),
        _parent(claimed),
    )


def _parent(claimed: facts.Claimed) -> Answered | None:
    row = claimed.row
    if row.parent_id is not None and row.parent_how == ParentHow.GIVEN:
        return Answered(row.parent_id, ParentHow.GIVEN, 0)
    return claimed.answered


def _row(arrival: Arrival, site_id: int, now: datetime) -> facts.Row:
    columns = as_stored(arrival, Origin(site_id), now=now)
    ((floor, language, title, sources_version, published_at),) = bulk.fetch(_ARTICLE, [arrival.article_id])
    columns |= {
        "id": NEWEST,
        "lane": Lane.LIVE,
        "request_id": "",
        "policy": "",
        "floor": floor,
        "language": language,
        "article_title": title,
        "sources_version": sources_version,
        "article_published_at": published_at,
        "folded": columns["folded"] if columns["folder_version"] == FOLDER_VERSION else "",
    }
    if stored := _stored(arrival, site_id):
        edited = bool(differences(stored, arrival.draft, live=True))
        columns |= {
            "id": stored.pk,
            "revision": stored.revision + edited,
            "status": stored.status,
            "parent_id": stored.parent_id,
            "parent_how": stored.parent_how,
            "posted_at": stored.posted_at,
            "received_at": stored.received_at,
            "live": stored.live,
            "import_run_id": stored.import_run_id,
        }
    return facts.Row(**{name: columns[name] for name in facts.Row._fields})


def _stored(arrival: Arrival, site_id: int) -> Comment | None:
    """The comment that has the arrival's external id. Raises `AnotherArticleError`."""
    external_id = arrival.draft.external_id
    found = find_comments(site_id, Origin(site_id).source, [external_id]).get(external_id)
    if found is None:
        return None
    if found.article_id != arrival.article_id:
        raise AnotherArticleError
    return Comment.objects.get(pk=found.id)
