"""What a sanction would have found among the comments of the last weeks, before it is set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from comments import bulk
from moderation.checks.base import Submission
from moderation.sanctions import Book, Entry, Sender, ip_of
from moderation.targets import Kind

if TYPE_CHECKING:
    from moderation.targets import Target

DAYS = 30
# Comments a query, and how many of those that it would have found are shown.
BATCH = 2_000
EXAMPLES = 5

_COMMENTS = """
SELECT id, site_id, status, received_at, posted_at, author_key, ip,
    author_name, author_email, author_url, {body}
FROM comments_comment
WHERE site_id = ANY(%s) AND id < %s AND withdrawn_at IS NULL AND erased_at IS NULL
ORDER BY id DESC LIMIT %s
"""


@dataclass(slots=True)
class Foreseen:
    """Comments by status that would have been found among those `looked_at`, the newest of them as ids."""

    looked_at: int = 0
    found: Counter[str] = field(default_factory=Counter)
    examples: list[int] = field(default_factory=list)
    # Whether the time reached for all days.
    whole: bool = False

    @property
    def total(self) -> int:
        return self.found.total()


def would_find(
    target: Target, sites: Collection[int], *, now: datetime, seconds: float, emails: bool = True
) -> Foreseen:
    """Compare the target with what was received in the last `DAYS`, newest first, as far as `seconds` reach.

    `emails` False leaves addresses out of the search for a domain: who may not
    see them shall not find them by guessing.
    """
    book = Book([Entry(1, None, target.kind, target.match, (), None)])
    sql = _COMMENTS.format(body="body" if target.kind is Kind.DOMAIN else "''")
    foreseen, started, since = Foreseen(), monotonic(), now - timedelta(days=DAYS)
    below = 2**63 - 1
    while not foreseen.whole and monotonic() - started < seconds:
        rows = bulk.fetch(sql, [sorted(sites), below, BATCH])
        for row in rows:
            # Ids are given in the order of arrival, but for a moment.
            if row[3] <= since:
                foreseen.whole = True
                break
            _look(book, row, foreseen, emails=emails or target.kind is Kind.EMAIL)
        foreseen.whole = foreseen.whole or len(rows) < BATCH
        below = rows[-1][0] if rows else 0
    return foreseen


def _look(book: Book, row: tuple[Any, ...], foreseen: Foreseen, *, emails: bool) -> None:
    key, site, status, received_at, posted_at, author_key, ip, name, email, url, body = row
    submission = Submission(
        comment=key,
        revision=0,
        body=body,
        posted_at=posted_at,
        arrived_at=received_at,
        author_name=name,
        author_email=email if emails else "",
        author_url=url,
    )
    foreseen.looked_at += 1
    if book.concerning(submission, Sender(site, author_key, ip_of(ip))):
        foreseen.found[status] += 1
        if len(foreseen.examples) < EXAMPLES:
            foreseen.examples.append(key)
