"""After the storm: what must be there once is there once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.chaos.clients import Submission
from bench.chaos.importing import Archive


@dataclass(frozen=True, slots=True)
class Count:
    """A figure and what it must be."""

    name: str
    found: int
    wanted: int

    @property
    def right(self) -> bool:
        return self.found == self.wanted


# Each counts what must not be: comments with something missing, twice or at odds.
NEVER = {
    "comments still on the workers' list": "SELECT count(*) FROM moderation_pending",
    "comments without a decision": """
        SELECT count(*) FROM comments_comment c
        WHERE NOT EXISTS (SELECT FROM moderation_decision d WHERE d.comment_id = c.id)""",
    "comments whose present text is not decided exactly once": """
        SELECT count(*) FROM comments_comment c WHERE 1 <> (
            SELECT count(*) FROM moderation_decision d
            WHERE d.comment_id = c.id AND d.revision = c.revision AND d.by_id IS NULL)""",
    "texts decided more than once": """
        SELECT count(*) FROM (
            SELECT FROM moderation_decision WHERE by_id IS NULL GROUP BY comment_id, revision
            HAVING count(*) > 1) twice""",
    "comments whose status is not that of their last decision": """
        SELECT count(*) FROM comments_comment c WHERE c.status IS DISTINCT FROM (
            SELECT d.to_status FROM moderation_decision d WHERE d.comment_id = c.id
            ORDER BY d.id DESC LIMIT 1)""",
    "held comments without exactly one open case": """
        SELECT count(*) FROM comments_comment c WHERE c.status = 'held' AND 1 <> (
            SELECT count(*) FROM moderation_case k WHERE k.comment_id = c.id AND k.closed_at IS NULL)""",
    "flagged comments without exactly one open case": """
        SELECT count(*) FROM comments_comment c
        JOIN moderation_decision d ON d.comment_id = c.id AND d.revision = c.revision AND d.by_id IS NULL
        WHERE c.status = 'published'
          AND EXISTS (SELECT FROM moderation_finding f WHERE f.decision_id = d.id AND f.mode = 'enforce')
          AND 1 <> (
            SELECT count(*) FROM moderation_case k WHERE k.comment_id = c.id AND k.closed_at IS NULL)""",
    "cases without a cause": """
        SELECT count(*) FROM moderation_case k
        WHERE NOT EXISTS (SELECT FROM moderation_casecause u WHERE u.case_id = k.id)""",
    "open cases of comments that nothing stopped": """
        SELECT count(*) FROM moderation_case k JOIN comments_comment c ON c.id = k.comment_id
        WHERE k.closed_at IS NULL AND c.revision = 1 AND c.status <> 'held' AND NOT EXISTS (
            SELECT FROM moderation_decision d JOIN moderation_finding f ON f.decision_id = d.id
            WHERE d.comment_id = c.id AND f.mode = 'enforce')""",
    "quotes written twice": """
        SELECT count(*) FROM (
            SELECT FROM moderation_quote GROUP BY comment_id, revision, start, "end"
            HAVING count(*) > 1) twice""",
    "quotes of a text that is not the present one": """
        SELECT count(*) FROM moderation_quote q JOIN comments_comment c ON c.id = q.comment_id
        WHERE q.revision <> c.revision""",
    "findings written twice": """
        SELECT count(*) FROM (
            SELECT FROM moderation_finding GROUP BY decision_id, rule_version_id, code, spans, data
            HAVING count(*) > 1) twice""",
    "import runs that did not end": "SELECT count(*) FROM comments_importrun WHERE finished_at IS NULL",
}


def count_all(
    db: psycopg.Connection[Any],
    submissions: Sequence[Submission],
    accepted: Mapping[int, set[str]],
    archives: Sequence[Archive],
) -> list[Count]:
    """Every figure that the storm could have spoilt."""
    return [
        *_submitted(db, submissions, accepted),
        *(count for archive in archives for count in _imported(db, archive)),
        *(Count(name, _one(db, sql), 0) for name, sql in NEVER.items()),
    ]


def _submitted(
    db: psycopg.Connection[Any], submissions: Sequence[Submission], accepted: Mapping[int, set[str]]
) -> list[Count]:
    """Accepted = stored, under the id that was answered and with the last text that was sent."""
    stored = db.execute(
        "SELECT author_id, public_id::text, body, revision FROM comments_comment WHERE source = 'api'"
    ).fetchall()
    rows = {author: (key, body, revision) for author, key, body, revision in stored}
    wanted = len(submissions)
    as_answered = sum({rows.get(f"chaos-{number}", ("",))[0]} == ids for number, ids in accepted.items())
    as_sent = sum(
        rows.get(f"chaos-{each.number}", ("", "", 0))[1:] == (each.edited or each.body, len(each.keys))
        for each in submissions
    )
    keys = sum(len(each.keys) for each in submissions)
    return [
        Count("submissions accepted", len(accepted), wanted),
        Count("comments stored", len(stored), wanted),
        Count("… each another submission", len(rows), wanted),
        Count("… under the id that was answered, always the same", as_answered, wanted),
        Count("… with the text last sent, edited at most once", as_sent, wanted),
        Count("answers kept", _one(db, "SELECT count(*) FROM comments_idempotencykey"), keys),
    ]


def _imported(db: psycopg.Connection[Any], archive: Archive) -> list[Count]:
    """The run's own counts, and the rows that are there."""
    runs = db.execute(
        """SELECT r.id, r.counts FROM comments_importrun r JOIN comments_importsource s ON s.id = r.source_id
           WHERE s.slug = %s""",
        [archive.source],
    ).fetchall()
    run, counts = runs[0] if runs else (0, {})
    told = {name: counts.get("comments", {}).get(name, -1) for name in ("read", "created", "problems")}
    stored = _one(db, "SELECT count(*) FROM comments_comment WHERE source = %s", [archive.source])
    replies = _one(
        db,
        """SELECT count(*) FROM comments_comment c JOIN comments_comment p ON p.id = c.parent_id
           WHERE c.source = %s AND p.source = c.source AND p.article_id = c.article_id""",
        [archive.source],
    )
    problems = _one(db, "SELECT count(*) FROM comments_importproblem WHERE refused AND run_id = %s", [run])
    name = archive.source
    return [
        Count(f"{name}: runs", len(runs), 1),
        Count(f"{name}: comments read", told["read"], archive.comments),
        Count(f"{name}: comments created, by the ledger", told["created"], archive.good),
        Count(f"{name}: comments stored", stored, archive.good),
        Count(f"{name}: replies linked", replies, archive.replies),
        Count(f"{name}: problems, by the ledger", told["problems"], archive.comments - archive.good),
        Count(f"{name}: problems stored", problems, archive.comments - archive.good),
    ]


def _one(db: psycopg.Connection[Any], sql: str, params: Sequence[Any] = ()) -> int:
    row = db.execute(sql, params).fetchone()
    return int(row[0]) if row else -1
