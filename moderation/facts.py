"""Rows and counters → submissions, in a constant number of queries.

A fact about a comment depends on the rows stored before it in
`(posted_at, id)`, whatever their status. Only reputation depends on decisions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from comments import bulk
from comments.drafts import NO_FORM, Form, FormToken
from moderation.checks.base import Needs, Submission
from moderation.crowds import crowd_before
from moderation.engine import TRUSTED_AFTER, Context
from moderation.external.answers import answers_about
from moderation.history import copies_of, persons_before, published_before, staff_among, times_of
from moderation.linked import linked_before
from moderation.near import near_before
from moderation.quotes import may_quote
from moderation.replies import Answered
from moderation.sanctions import with_sanctions
from moderation.standing import standing_of
from moderation.text import FOLDER_VERSION
from moderation.tracing import trace_rows


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
    parent_how: str
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
    user_agent: str
    form_token: str
    form_seconds: int | None
    form_trap: bool
    article_published_at: datetime | None


# What a Row holds after its lane and its request's id, of a comment `c`.
COLUMNS = f"""
    c.revision, c.status, c.article_id, c.site_id, c.parent_id, c.parent_how,
    c.kind, c.body, c.posted_at, c.received_at, c.live, c.identity, c.author_name, c.author_email,
    c.author_url, c.author_verified, c.author_key, c.ip, c.fingerprint, c.source_state, c.import_run_id,
    coalesce(r.policy, ''), coalesce(nullif(a.floor, ''), s.floor), s.language, a.title, a.sources_version,
    CASE WHEN c.folder_version = {FOLDER_VERSION} THEN c.folded ELSE '' END,
    c.user_agent, c.form_token, c.form_seconds, c.form_trap, a.published_at
"""
JOINS = """
JOIN comments_article a ON a.id = c.article_id
JOIN comments_site s ON s.id = c.site_id
LEFT JOIN comments_importrun r ON r.id = c.import_run_id
"""
# Comments are locked with their Pending rows, so that an edit waits for the
# decision on the text before it, and in ascending id, so that nobody deadlocks.
# NO KEY UPDATE lets replies to a claimed comment be stored meanwhile.
CLAIM = """
WITH live AS (
    SELECT comment_id, lane, request_id FROM moderation_pending WHERE lane = 0 {only}
    ORDER BY comment_id LIMIT %s FOR UPDATE SKIP LOCKED
), others AS (
    SELECT comment_id, lane, request_id FROM moderation_pending WHERE lane > 0 {only}
    ORDER BY lane, comment_id
    LIMIT (SELECT CASE count(*) WHEN 0 THEN %s ELSE least(%s, %s - count(*)) END FROM live)
    FOR UPDATE SKIP LOCKED
), next AS (SELECT * FROM live UNION ALL SELECT * FROM others)
SELECT (SELECT count(*) FROM live), (SELECT count(*) FROM others),
    c.id, p.lane, p.request_id, {columns}
FROM next p
JOIN comments_comment c ON c.id = p.comment_id
{joins}
ORDER BY c.id
FOR NO KEY UPDATE OF c SKIP LOCKED
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many comments a claim takes: `most` at all, of what is not live `alone` or `beside` live ones."""

    most: int
    beside: int
    alone: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Locked comments, in ascending id. `full` says that there may be more for somebody else."""

    rows: list[Row]
    full: bool


def claim(limits: Limits, only: Sequence[int] = ()) -> Claim:
    """Lock pending comments, live ones first, oldest first; of `only` if given.

    Those that another worker asks services about are left to it.
    """
    where, chosen = ("AND comment_id = ANY(%s)", [list(only)]) if only else ("", [])
    where += " AND (asking_until IS NULL OR asking_until < clock_timestamp())"
    alone = min(limits.alone, limits.most)
    params = [*chosen, limits.most, *chosen, alone, limits.beside, limits.most]
    found = bulk.fetch(CLAIM.format(only=where, columns=COLUMNS, joins=JOINS), params)
    # What another holds was counted, too: a comment that is locked hides no others.
    live, others = found[0][:2] if found else (0, 0)
    room = limits.most - live
    full = others >= (min(limits.beside, room) if live else alone)
    return Claim([Row(*values) for _, _, *values in found], bool(found) and full)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A comment ready to be judged.

    `judged` is true when a person has decided this very text: no machine
    decides it again. `kept` is true when he decided the text before, and an
    import brought this one: what he decided stands. `answered` is whom it answers, where that was not given
    and its quotes and references were `traced`.
    """

    row: Row
    submission: Submission
    context: Context
    judged: bool
    kept: bool = False
    answered: Answered | None = None
    traced: bool = False


def gather(rows: Sequence[Row], needs: Needs) -> list[Claimed]:
    """The submissions of claimed rows, in their order; `with_quotes` completes them."""
    published = published_before(rows)
    persons = persons_before(rows)
    staff = staff_among(rows) if needs.staff else set()
    external = answers_about(rows) if needs.external else {}
    standings = standing_of(rows) if needs.standing else {}
    claimed = [
        bare(
            row,
            judged=row.id in persons.judged,
            kept=row.id in persons.kept,
            rejected_before=row.id in persons.rejected,
            staff=row.id in staff,
            published_before=published[row.id],
            external=external.get(row.id, {}),
            standing=standings.get(row.id),
            **before,
        )
        for row, before in zip(rows, stored_before(rows, needs), strict=True)
    ]
    return with_sanctions(claimed, needs) if needs.sanctions else claimed


def stored_before(rows: Sequence[Row], needs: Needs) -> list[dict[str, Any]]:
    """What of a submission hangs on the rows stored before it, and on no decision; of each row."""
    authors = times_of("author_key", rows, needs.author_seconds, needs.author_rows)
    addresses = times_of("ip", rows, needs.address_seconds, needs.address_rows)
    copies = copies_of(rows, needs.copy_seconds, needs.copy_rows)
    linked = linked_before(rows, needs.link_seconds, needs.link_rows)
    crowds = crowd_before(rows, needs.crowd_seconds, needs.crowd_rows)
    near = near_before(rows, needs.near_seconds, needs.near_rows)
    return [
        {
            "author_times": tuple(authors[row.id]),
            "address_times": tuple(addresses[row.id]),
            "copies": tuple(copies[row.id]),
            "crowd": tuple(crowds[row.id]),
            "near": tuple(near[row.id]),
            **linked.get(row.id, {}),
        }
        for row in rows
    ]


def bare(
    row: Row,
    *,
    judged: bool = False,
    kept: bool = False,
    rejected_before: bool = False,
    staff: bool = False,
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
        user_agent=row.user_agent,
        form=form_of(row),
        article_published_at=row.article_published_at,
        **facts,
    )
    context = Context(
        site=row.site_id,
        floor=row.floor,
        policy=row.policy,
        state=row.source_state,
        trusted=submission.published_before >= TRUSTED_AFTER,
        rejected_before=rejected_before,
        staff=staff,
    )
    return Claimed(row, submission, context, judged, kept)


def form_of(row: Row) -> Form:
    """How the comment's form was filled in; most come from none that tells."""
    if not (row.form_token or row.form_trap):
        return NO_FORM
    return Form(FormToken(row.form_token), row.form_seconds, row.form_trap)


def with_quotes(claimed: Sequence[Claimed]) -> Iterator[Claimed]:
    """The same comments with their quotes traced, one after the other: the one fact that may take long.

    First those that quote nothing, then the others by article, live ones first.
    """
    quoting = [each for each in claimed if may_quote(each.row.body)]
    yield from (replace(each, traced=True) for each in claimed if not may_quote(each.row.body))
    quoting.sort(key=lambda each: (each.row.lane, each.row.id))
    of_row = {each.row.id: each for each in quoting}
    for row, traces in trace_rows([each.row for each in quoting]):
        each = of_row[row.id]
        submission = replace(each.submission, quotes=traces.quotes, untraced=traces.untraced)
        yield replace(each, submission=submission, answered=traces.answered, traced=True)


def trace_quotes(claimed: Claimed) -> Claimed:
    """One comment with its quotes traced: see `with_quotes`."""
    return next(with_quotes([claimed]))
