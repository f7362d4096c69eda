"""Rows and counters → submissions, in a constant number of queries.

A fact about a comment depends on the rows stored before it in
`(posted_at, id)`, whatever their status. Only reputation depends on decisions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from comments import bulk
from comments.services import CLOCK_TOLERANCE
from moderation.checks.base import Copy, Needs, Submission
from moderation.engine import TRUSTED_AFTER, Context
from moderation.quotes import Sources, find, may_quote, trace_blocks
from moderation.sources import SourceCache
from moderation.text import FOLDER_VERSION


class Row(NamedTuple):
    """A claimed comment as the database has it; the fields of `CLAIM`, in order."""

    id: int
    lane: int
    request_id: str
    revision: int
    status: str
    article_id: int
    site_id: int
    parent_id: int | None
    kind: str
    body: str
    posted_at: datetime
    received_at: datetime
    live: bool
    identity: bool
    author_name: str
    author_email: str
    author_url: str
    author_verified: bool
    author_key: Any
    ip: Any
    fingerprint: int
    source_state: str
    import_run_id: int | None
    policy: str
    floor: str
    language: str
    article_title: str
    sources_version: int
    folded: str


# Comments are locked with their Pending rows, so that an edit waits for the
# decision on the text before it, and in ascending id, so that nobody deadlocks.
# NO KEY UPDATE lets replies to a claimed comment be stored meanwhile.
CLAIM = """
WITH next AS (
    SELECT comment_id, lane, request_id FROM moderation_pending {only}
    ORDER BY lane, comment_id LIMIT %s FOR UPDATE SKIP LOCKED
)
SELECT c.id, p.lane, p.request_id, c.revision, c.status, c.article_id, c.site_id, c.parent_id, c.kind,
    c.body, c.posted_at, c.received_at, c.live, c.identity, c.author_name, c.author_email, c.author_url,
    c.author_verified, c.author_key, c.ip, c.fingerprint, c.source_state, c.import_run_id,
    coalesce(r.policy, ''), coalesce(nullif(a.floor, ''), s.floor), s.language, a.title, a.sources_version,
    CASE WHEN c.folder_version = %s THEN c.folded ELSE '' END
FROM next p
JOIN comments_comment c ON c.id = p.comment_id
JOIN comments_article a ON a.id = c.article_id
JOIN comments_site s ON s.id = c.site_id
LEFT JOIN comments_importrun r ON r.id = c.import_run_id
ORDER BY c.id
FOR NO KEY UPDATE OF c SKIP LOCKED
"""


def claim(limit: int, only: Sequence[int] = ()) -> list[Row]:
    """Lock up to `limit` pending comments, live ones first, oldest first; of `only` if given."""
    where = "WHERE comment_id = ANY(%s)" if only else ""
    params: list[Any] = [list(only), limit, FOLDER_VERSION] if only else [limit, FOLDER_VERSION]
    return [Row(*values) for values in bulk.fetch(CLAIM.format(only=where), params)]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A comment ready to be judged.

    `judged` is true when a person has decided this very text: no machine
    decides it again. `sources` are what its quotes are still to be traced to.
    """

    row: Row
    submission: Submission
    context: Context
    judged: bool
    sources: Sources | None = None


def gather(rows: Sequence[Row], needs: Needs) -> list[Claimed]:
    """The submissions of claimed rows, in their order; `trace_quotes` completes them."""
    authors = _times("author_key", rows, needs.author_seconds, needs.author_rows)
    addresses = _times("ip", rows, needs.address_seconds, needs.address_rows)
    copies = _copies(rows, needs.copy_seconds, needs.copy_rows)
    published = _published_before(rows)
    judged, rejected = _persons_before(rows)
    sources = _sources_of(rows) if needs.quotes else {}
    return [
        bare(
            row,
            judged=row.id in judged,
            rejected_before=row.id in rejected,
            published_before=published[row.id],
            sources=sources.get(row.id),
            author_times=tuple(authors[row.id]),
            address_times=tuple(addresses[row.id]),
            copies=tuple(copies[row.id]),
        )
        for row in rows
    ]


def bare(
    row: Row,
    *,
    judged: bool = False,
    rejected_before: bool = False,
    sources: Sources | None = None,
    **facts: Any,
) -> Claimed:
    """A row as a submission, with the facts that were gathered for it, if any."""
    submission = Submission(
        comment=row.id,
        revision=row.revision,
        body=row.body,
        posted_at=row.posted_at,
        arrived_at=row.received_at,
        kind=row.kind,
        live=row.live,
        identity=row.identity,
        author_name=row.author_name,
        author_email=row.author_email,
        author_url=row.author_url,
        author_verified=row.author_verified,
        language=row.language,
        article_title=row.article_title,
        stored_fold=row.folded,
        **facts,
    )
    context = Context(
        site=row.site_id,
        floor=row.floor,
        policy=row.policy,
        state=row.source_state,
        trusted=submission.published_before >= TRUSTED_AFTER,
        rejected_before=rejected_before,
    )
    return Claimed(row, submission, context, judged, sources)


# For live comments the window is one of arrivals: what a reader claims about
# his own time must not help him past a flood check. The index is by posted_at,
# which lies within the tolerance of the arrival.
_TIMES = """
SELECT k.id, e.at
FROM unnest(%s::bigint[], %s::{kind}[], %s::bigint[], %s::bool[], %s::timestamptz[], %s::timestamptz[])
    AS k(id, key, site_id, live, posted_at, received_at)
CROSS JOIN LATERAL (
    SELECT CASE WHEN k.live THEN c.received_at ELSE c.posted_at END AS at
    FROM comments_comment c
    WHERE c.{column} = k.key AND c.site_id = k.site_id AND CASE WHEN k.live THEN
        c.live AND (c.received_at, c.id) < (k.received_at, k.id) AND c.received_at > k.received_at - %s
      ELSE
        (c.posted_at, c.id) < (k.posted_at, k.id)
      END
      AND c.posted_at > CASE WHEN k.live THEN k.received_at - %s ELSE k.posted_at END - %s
    ORDER BY c.posted_at DESC, c.id DESC LIMIT %s
) e
"""


def _times(column: str, rows: Sequence[Row], seconds: int, limit: int) -> dict[int, list[datetime]]:
    """`{comment: times of earlier rows of the same author or address, newest first}`."""
    times: dict[int, list[datetime]] = defaultdict(list)
    known = [row for row in rows if getattr(row, column) is not None]
    if not (known and seconds and limit):
        return times
    sql = _TIMES.format(column=column, kind={"author_key": "uuid", "ip": "inet"}[column])
    keys = [
        [row.id for row in known],
        [getattr(row, column) for row in known],
        [row.site_id for row in known],
        [row.live for row in known],
        [row.posted_at for row in known],
        [row.received_at for row in known],
    ]
    window = timedelta(seconds=seconds)
    for comment, at in bulk.fetch(sql, [*keys, window, CLOCK_TOLERANCE, window, limit]):
        times[comment].append(at)
    return times


_COPIES = """
SELECT k.id, e.id, CASE WHEN k.live AND e.live THEN e.received_at ELSE e.posted_at END,
    coalesce(e.author_key = k.author_key, false), e.article_id = k.article_id
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::uuid[], %s::timestamptz[], %s::bool[])
    AS k(id, fingerprint, site_id, article_id, author_key, posted_at, live)
CROSS JOIN LATERAL (
    SELECT c.id, c.posted_at, c.received_at, c.live, c.author_key, c.article_id
    FROM comments_comment c
    WHERE c.fingerprint = k.fingerprint AND c.fingerprint <> 0 AND c.site_id = k.site_id
      AND c.posted_at > k.posted_at - %s AND (c.posted_at, c.id) < (k.posted_at, k.id)
    ORDER BY c.posted_at DESC, c.id DESC LIMIT %s
) e
"""


def _copies(rows: Sequence[Row], seconds: int, limit: int) -> dict[int, list[Copy]]:
    """`{comment: earlier comments with the same folded text, newest first}`."""
    copies: dict[int, list[Copy]] = defaultdict(list)
    known = [row for row in rows if row.fingerprint]
    if not (known and seconds and limit):
        return copies
    keys = [
        [getattr(row, name) for row in known]
        for name in ("id", "fingerprint", "site_id", "article_id", "author_key", "posted_at", "live")
    ]
    for comment, *copy in bulk.fetch(_COPIES, [*keys, timedelta(seconds=seconds), limit]):
        copies[comment].append(Copy(*copy))
    return copies


_PUBLISHED = """
SELECT k.key, k.site_id, e.count
FROM unnest(%s::uuid[], %s::bigint[]) AS k(key, site_id)
CROSS JOIN LATERAL (
    SELECT count(*) FROM (
        SELECT 1 FROM comments_comment c
        WHERE c.author_key = k.key AND c.site_id = k.site_id AND c.author_verified AND c.status = 'published'
        LIMIT %s) enough
) e
"""


def _published_before(rows: Sequence[Row]) -> dict[int, int]:
    """`{comment: published comments of its verified author}`, counted up to what makes him trusted."""
    verified = [row for row in rows if row.author_verified and row.author_key]
    keys = sorted({(row.author_key, row.site_id) for row in verified})
    found = bulk.fetch(_PUBLISHED, [*map(list, zip(*keys, strict=True)), TRUSTED_AFTER]) if keys else []
    counts = {(key, site): count for key, site, count in found}
    return defaultdict(int, {row.id: counts[row.author_key, row.site_id] for row in verified})


_PERSONS = """
SELECT DISTINCT ON (d.comment_id) d.comment_id, d.revision, d.to_status
FROM moderation_decision d
WHERE d.comment_id = ANY(%s) AND d.by_id IS NOT NULL AND d.cause <> 'undo' AND NOT EXISTS (
    SELECT 1 FROM moderation_decision u
    WHERE u.comment_id = d.comment_id AND u.supersedes_id = d.id AND u.cause = 'undo')
ORDER BY d.comment_id, d.id DESC
"""


def _persons_before(rows: Sequence[Row]) -> tuple[set[int], set[int]]:
    """Comments whose present text a person has decided, and those whose earlier text he rejected.

    What was undone does not count, and what stood before it counts again.
    """
    again = {row.id: row.revision for row in rows if row.revision > 1 or row.status != "received"}
    if not again:
        return set(), set()
    judged: set[int] = set()
    rejected: set[int] = set()
    for comment, revision, status in bulk.fetch(_PERSONS, [sorted(again)]):
        if revision == again[comment]:
            judged.add(comment)
        elif status == "rejected":
            rejected.add(comment)
    return judged, rejected


def judged_by_people(rows: Sequence[Row]) -> set[int]:
    """The comments whose present text a person has decided."""
    return _persons_before(rows)[0]


# One a process: a worker sees the same articles again and again.
_sources = SourceCache()


def _sources_of(rows: Sequence[Row]) -> dict[int, Sources]:
    """`{comment: its article's sources}` for the comments that may quote something."""
    quoting = [row for row in rows if may_quote(row.body)]
    if not quoting:
        return {}
    sources = _sources.get({row.article_id: row.sources_version for row in quoting})
    return {row.id: sources[row.article_id] for row in quoting}


def trace_quotes(claimed: Claimed) -> Claimed:
    """The same with its quotes traced: the one fact that may take long, so not a batch at a time."""
    if claimed.sources is None:
        return claimed
    row, blocks = claimed.row, find(claimed.row.body)
    quotes = trace_blocks(blocks, claimed.sources, parent=row.parent_id, before=(row.posted_at, row.id))
    untraced = sum(block.start >= quotes[-1].quoted.end for block in blocks) if quotes else 0
    return replace(claimed, submission=replace(claimed.submission, quotes=quotes, untraced=untraced))
