"""Write a batch of verdicts: each kind of row as one bulk statement."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from comments import bulk
from comments.models import ParentHow, Status
from comments.statuses import set_status
from comments.threads import Parent, forget_parents, set_parents
from moderation.checks import BY_SLUG
from moderation.engine import Cause, Hit, Verdict, strictness_of
from moderation.external.answers import as_facts
from moderation.facts import Claimed
from moderation.kept_facts import kept_facts
from moderation.models import Lane, Severity
from moderation.services.case_texts import write_texts
from moderation.services.cases import renew_cases
from moderation.services.noting import (
    Arrived,
    Tracing,
    note_arrived,
    note_hidden_or_shown,
    note_overtaken,
)
from moderation.services.quote_rows import Quotes, row_of
from moderation.services.quote_rows import write as write_quotes
from moderation.services.terms import TERMS
from moderation.text import FOLDER_VERSION

_CHECKS = {slug: check.version for slug, check in BY_SLUG.items() if check.version > 1}

# The cause of a case that is a sample: see `services.auditing`.
AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Judged:
    """A claimed comment and its verdict."""

    claimed: Claimed
    verdict: Verdict
    # `{rule version: what it did instead}` where a limit kept it from its action.
    restrained: Mapping[int, str] = field(default_factory=dict)
    # Whether it goes to the desk as a sample of what was decided without a person.
    audit: bool = False

    @property
    def severity(self) -> int:
        """Of the case to open; 0 for none."""
        return self.verdict.severity or (Severity.LOW if self.audit else 0)


def write(judged: Sequence[Judged], rule_set: int | None, now: datetime) -> None:
    """Decisions, findings, evidence, quotes, cases and statuses of a batch."""
    decisions = _decisions(judged, rule_set, now)
    # A text that this rule set has decided before keeps that decision.
    fresh = [each for each in judged if each.claimed.row.id in decisions]
    findings = _findings(fresh, decisions)
    _quotes(fresh, now)
    _parents(fresh)
    _cases(fresh, findings, now)
    _statuses(fresh)
    _note(fresh)


def _decisions(judged: Sequence[Judged], rule_set: int | None, now: datetime) -> dict[int, int]:
    """`{comment: its new decision}`; none where the system had decided already."""
    columns = {
        "comment_id": "bigint",
        "revision": "int",
        "rule_set_id": "bigint",
        "from_status": "text",
        "to_status": "text",
        "cause": "text",
        "reason_id": "bigint",
        "import_run_id": "bigint",
        "facts": "jsonb",
        "created_at": "timestamptz",
    }
    rows = [
        (
            each.claimed.row.id,
            each.claimed.row.revision,
            rule_set,
            each.claimed.row.status,
            each.verdict.status,
            each.verdict.causes[0] if each.verdict.causes else Cause.RULES,
            each.verdict.reason,
            each.claimed.row.import_run_id,
            json.dumps(_facts(each)),
            now,
        )
        for each in judged
    ]
    conflict = """ON CONFLICT (comment_id, revision, rule_set_id)
        WHERE by_id IS NULL AND cause <> 'import-undo' DO NOTHING"""
    return dict(
        bulk.insert("moderation_decision", columns, rows, conflict=conflict, returning="comment_id, id")
    )


def _facts(judged: Judged) -> dict[str, Any]:
    """The counters that the verdict stood on; what is empty is left out."""
    context, submission, verdict = judged.claimed.context, judged.claimed.submission, judged.verdict
    facts = {
        "floor": context.floor,
        "policy": context.policy,
        "state": context.state,
        "published_before": submission.published_before,
        "hits": len(verdict.hits),
        "quotes": len(submission.quotes),
        "failed": sorted({failure.rule.check.slug for failure in verdict.failures})[:10],
        "restrained": dict(sorted(judged.restrained.items())[:10]),
        # What judged it, where that is no longer the first of its kind.
        "folder": FOLDER_VERSION if FOLDER_VERSION > 1 else 0,
        "checks": _CHECKS,
        "external": as_facts(submission.external),
        **kept_facts(submission),
    }
    return {name: value for name, value in facts.items() if value}


def _findings(judged: Sequence[Judged], decisions: Mapping[int, int]) -> dict[int, list[tuple[int, Hit]]]:
    """Insert the hits; `{comment: [(finding, hit)]}`."""
    hits = [(each.claimed.row.id, hit) for each in judged for hit in each.verdict.hits]
    keys = _next_ids("moderation_finding", len(hits))
    columns = {
        "id": "bigint",
        "decision_id": "bigint",
        "rule_version_id": "bigint",
        "action": "text",
        "mode": "text",
        "code": "text",
        "spans": "jsonb",
        "data": "jsonb",
    }
    rows = [
        (
            key,
            decisions[comment],
            hit.rule.version,
            hit.rule.action,
            "enforce" if hit.rule.enforced else "observe",
            hit.finding.code,
            json.dumps([[span.field, span.start, span.end] for span in hit.finding.spans]),
            json.dumps(dict(hit.finding.data)),
        )
        for key, (comment, hit) in zip(keys, hits, strict=True)
    ]
    bulk.insert("moderation_finding", columns, rows)
    evidence = [
        (key, position, text)
        for key, (_, hit) in zip(keys, hits, strict=True)
        for position, text in enumerate(hit.finding.evidence)
    ]
    bulk.insert(
        "moderation_evidence", {"finding_id": "bigint", "position": "smallint", "text": "text"}, evidence
    )
    found: dict[int, list[tuple[int, Hit]]] = {}
    for key, (comment, hit) in zip(keys, hits, strict=True):
        found.setdefault(comment, []).append((key, hit))
    return found


def _next_ids(table: str, count: int) -> list[int]:
    """Ids taken from a table's sequence, so that rows which name each other go in bulk."""
    if not count:
        return []
    sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    return [key for (key,) in bulk.fetch(sql, [table, count])]


def _quotes(judged: Sequence[Judged], now: datetime) -> None:
    rows = [(each.claimed.row, each.claimed.submission.quotes) for each in judged]
    again = [row.id for row, _ in rows if row.status != Status.RECEIVED]
    quotes = [
        Quotes(row.id, row.article_id, row.revision, [row_of(traced) for traced in found])
        for row, found in rows
    ]
    write_quotes(quotes, now, anew=again)


def _parents(judged: Sequence[Judged]) -> None:
    """Whom comments answer that were given no parent; an edit may have taken back what told it."""
    dropped = [
        each.claimed.row.id
        for each in judged
        if each.claimed.traced
        and each.claimed.row.parent_how not in {"", ParentHow.GIVEN}
        and not each.claimed.answered
    ]
    forget_parents(dropped)
    found = {each.claimed.row.id: each.claimed.answered for each in judged if each.claimed.answered}
    set_parents({key: Parent(each.comment, ParentHow(each.how), each.sure) for key, each in found.items()})


def _cases(judged: Sequence[Judged], findings: Mapping[int, list[tuple[int, Hit]]], now: datetime) -> None:
    """Open a case for each comment that a person must see, or add to the open one."""
    waiting = [each for each in judged if each.severity]
    again = [each for each in judged if each.claimed.row.lane == Lane.AGAIN]
    renew_cases(
        [each.claimed.row.id for each in again if each.severity],
        [each.claimed.row.id for each in again if not each.severity],
        now,
    )
    columns = {
        "comment_id": "bigint",
        "site_id": "bigint",
        "severity": "smallint",
        "opened_at": "timestamptz",
        "due_at": "timestamptz",
    }
    rows = [
        (
            each.claimed.row.id,
            each.claimed.row.site_id,
            each.severity,
            now,
            now + TERMS[each.severity],
        )
        for each in waiting
    ]
    conflict = """ON CONFLICT (comment_id) WHERE closed_at IS NULL DO UPDATE SET
        severity = greatest(moderation_case.severity, excluded.severity),
        due_at = least(moderation_case.due_at, excluded.due_at)"""
    cases = dict(bulk.insert("moderation_case", columns, rows, conflict=conflict, returning="comment_id, id"))
    causes = [
        (cases[each.claimed.row.id], kind, finding)
        for each in waiting
        for kind, finding in _causes(each, findings.get(each.claimed.row.id, ()))
    ]
    bulk.insert("moderation_casecause", {"case_id": "bigint", "kind": "text", "finding_id": "bigint"}, causes)
    write_texts(list(cases))


def _causes(judged: Judged, findings: Sequence[tuple[int, Hit]]) -> list[tuple[str, int | None]]:
    """Why the case is open: each finding that stopped the comment, and what is no finding."""
    causes: list[tuple[str, int | None]] = [
        (hit.rule.check.slug, key) for key, hit in findings if strictness_of(hit, judged.claimed.context)
    ]
    causes += [(str(cause), None) for cause in judged.verdict.causes if cause is not Cause.RULES]
    return [(AUDIT, None)] if judged.audit else causes


# The place of each new comment among those of its article: counted on from the
# newest that has its place and stands before them, not from the first.
_PLACES = """
WITH k AS (
    SELECT article_id, min(posted_at) AS first, max(posted_at) AS last
    FROM unnest(%s::bigint[], %s::timestamptz[]) AS k(article_id, posted_at) GROUP BY article_id
)
SELECT n.id, n.place FROM k
LEFT JOIN LATERAL (
    SELECT c.number, c.posted_at, c.id FROM comments_comment c
    WHERE c.article_id = k.article_id AND c.posted_at < k.first AND c.number IS NOT NULL
    ORDER BY c.posted_at DESC, c.id DESC LIMIT 1
) before ON true
CROSS JOIN LATERAL (
    SELECT c.id, coalesce(before.number, 0) + row_number() OVER (ORDER BY c.posted_at, c.id) AS place
    FROM comments_comment c
    WHERE c.article_id = k.article_id AND c.posted_at <= k.last
      AND (c.posted_at, c.id) > (coalesce(before.posted_at, '-infinity'), coalesce(before.id, 0))
) n WHERE n.id = ANY(%s)
"""


def _statuses(judged: Sequence[Judged]) -> None:
    rows = [each.claimed.row for each in judged]
    new = [row for row in rows if row.status == Status.RECEIVED]
    articles, times = [row.article_id for row in new], [row.posted_at for row in new]
    places = dict(bulk.fetch(_PLACES, [articles, times, [row.id for row in new]])) if new else {}
    changes = {each.claimed.row.id: each.verdict.status for each in judged}
    set_status(changes, places=places, hidden_or_shown=_hidden_or_shown(judged))


def _hidden_or_shown(judged: Sequence[Judged]) -> list[int]:
    """The articles at which a verdict hides a comment or shows one again."""
    return [
        each.claimed.row.article_id
        for each in judged
        if is_hidden_or_shown(each.claimed.row.status, each.verdict.status)
    ]


def _note(judged: Sequence[Judged]) -> None:
    """Which quotes are to be traced again for what this batch brought or hid."""
    rows = [(each.claimed.row, each.verdict.status) for each in judged]
    note_hidden_or_shown(
        {row.id: status != Status.REJECTED for row, status in rows if is_hidden_or_shown(row.status, status)}
    )
    note_arrived(
        Arrived(row.article_id, row.posted_at, row.id, row.received_at)
        for row, _ in rows
        if row.status == Status.RECEIVED
    )
    note_overtaken(
        [
            Tracing(each.claimed.row.id, each.claimed.row.article_id, each.claimed.row.sources_version)
            for each in judged
            if each.claimed.submission.quotes
        ],
        raised=_hidden_or_shown(judged),
    )


def is_hidden_or_shown(before: str, after: str) -> bool:
    """Whether a comment that could be quoted no longer can, or the other way round.

    Only what was rejected is hidden: what is held, or not yet judged, may be
    published later, and a fact must not hang on who decides first.
    """
    return (before == Status.REJECTED) != (after == Status.REJECTED)
