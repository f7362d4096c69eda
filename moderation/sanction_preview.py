"""What a sanction would have found among the comments of the last weeks, before it is set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

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

_FIELDS = """c.id, c.site_id, c.status, c.received_at, c.posted_at, c.author_key, c.ip,
    c.author_name, c.author_email, c.author_url, {body}"""
_COMMENTS = f"""
SELECT {_FIELDS} FROM comments_comment c
WHERE c.site_id = ANY(%s) AND c.id < %s AND c.withdrawn_at IS NULL AND c.erased_at IS NULL {{also}}
ORDER BY c.id DESC LIMIT %s
"""  # noqa: S608
_WAITING = f"""
SELECT {_FIELDS} FROM moderation_case k JOIN comments_comment c ON c.id = k.comment_id
WHERE k.site_id = ANY(%s) AND k.comment_id < %s AND k.closed_at IS NULL AND c.erased_at IS NULL {{also}}
ORDER BY k.comment_id DESC LIMIT %s
"""  # noqa: S608
# What PostgreSQL can tell by itself, so that the rest need not be read.
_ALSO = {Kind.AUTHOR: "AND c.author_key = %s::uuid", Kind.ADDRESS: "AND c.ip <<= %s::inet"}


@dataclass(slots=True)
class Foreseen:
    """Comments by status that would have been found among those `looked_at`, the newest first as ids."""

    looked_at: int = 0
    found: Counter[str] = field(default_factory=Counter)
    keys: list[int] = field(default_factory=list)
    # Whether the time reached for all of them.
    whole: bool = False
    # Whether those alone were read that the database took for them: then `looked_at` says nothing.
    narrowed: bool = False

    @property
    def examples(self) -> list[int]:
        """Those that are shown."""
        return self.keys[:EXAMPLES]

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
    since = now - timedelta(days=DAYS)
    return _look_through(_COMMENTS, target, sites, since, _Limits(seconds, emails))


def would_touch(target: Target, sites: Collection[int], *, seconds: float, emails: bool = True) -> Foreseen:
    """The same among the comments of open cases, whenever they were received."""
    return _look_through(_WAITING, target, sites, None, _Limits(seconds, emails))


class _Limits(NamedTuple):
    seconds: float
    emails: bool


def _look_through(
    statement: str, target: Target, sites: Collection[int], since: datetime | None, limits: _Limits
) -> Foreseen:
    """Compare the target with what a statement gives, newest first, as far as `seconds` and `since` reach."""
    book = Book([Entry(1, None, target.kind, target.match, (), None)])
    also = _ALSO.get(target.kind, "")
    sql = statement.format(body="c.body" if target.kind is Kind.DOMAIN else "''", also=also)
    foreseen, started = Foreseen(narrowed=bool(also)), monotonic()
    below = 2**63 - 1
    while not foreseen.whole and monotonic() - started < limits.seconds:
        rows = bulk.fetch(sql, [sorted(sites), below, *([target.match] if also else []), BATCH])
        for row in rows:
            # Ids are given in the order of arrival, but for a moment.
            if since is not None and row[3] <= since:
                foreseen.whole = True
                break
            _look(book, row, foreseen, emails=limits.emails or target.kind is Kind.EMAIL)
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
        foreseen.keys.append(key)
