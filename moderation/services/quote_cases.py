"""Cases of what became of a comment's quotes since it was judged: opened for news, closed when settled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from comments import bulk
from comments.models import Status
from moderation.models import Severity
from moderation.replies import Answered
from moderation.requoted import Before, QuoteRow, is_better, is_settled, news
from moderation.services.quote_rows import Quoter
from moderation.services.terms import TERMS

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Retold:
    """A comment whose quotes were traced again: as they were, and as they are now."""

    row: Quoter
    before: Sequence[Before]
    now: Sequence[QuoteRow]
    answered: Answered | None = None


_OPEN = """
INSERT INTO moderation_case (comment_id, site_id, severity, opened_at, due_at)
SELECT id, site_id, %s, %s, %s FROM unnest(%s::bigint[], %s::bigint[]) AS k(id, site_id) ORDER BY id
ON CONFLICT (comment_id) WHERE closed_at IS NULL
    DO UPDATE SET due_at = least(moderation_case.due_at, excluded.due_at)
RETURNING comment_id, id
"""
_ADD_CAUSES = """
INSERT INTO moderation_casecause (case_id, kind)
SELECT k.case_id, k.kind FROM unnest(%s::bigint[], %s::text[]) AS k(case_id, kind)
WHERE NOT EXISTS (
    SELECT 1 FROM moderation_casecause c
    WHERE c.case_id = k.case_id AND c.kind = k.kind AND c.finding_id IS NULL)
"""


def open_news(retold: Sequence[Retold], now: datetime) -> None:
    """A case of low severity for each comment with news, or a further cause of its open one.

    The comment stays as it is: nobody un-publishes what a person may have
    published. Of what is rejected, or waits to be judged, nobody need be told.
    """
    told = {
        each.row: kinds
        for each in retold
        if each.row.status in {Status.PUBLISHED, Status.HELD} and (kinds := news(each.before, each.now))
    }
    if not told:
        return
    keys = [[row.id for row in told], [row.site_id for row in told]]
    cases = dict(bulk.fetch(_OPEN, [int(Severity.LOW), now, now + TERMS[Severity.LOW], *keys]))
    causes = [(cases[row.id], kind) for row, kinds in told.items() for kind in kinds]
    bulk.execute(_ADD_CAUSES, [list(column) for column in zip(*causes, strict=True)])


# Locked before their causes are read, in the order of `decide`: by comment.
_LOCK = """
SELECT comment_id, id FROM moderation_case
WHERE comment_id = ANY(%s) AND closed_at IS NULL ORDER BY comment_id FOR UPDATE
"""
_CAUSES = """
SELECT c.case_id, c.kind, coalesce(f.code, ''), coalesce(f.spans, '[]'), coalesce(d.revision, 0)
FROM moderation_casecause c
LEFT JOIN moderation_finding f ON f.id = c.finding_id
LEFT JOIN moderation_decision d ON d.id = f.decision_id
WHERE c.case_id = ANY(%s)
"""


def close_settled(retold: Sequence[Retold], now: datetime) -> None:
    """Close the cases that are about quotes alone, all of which came right.

    Only of what is published: what is held waits for a person, whatever held it.
    """
    better = {
        each.row.id: each
        for each in retold
        if each.row.status == Status.PUBLISHED and is_better(each.before, each.now)
    }
    cases = dict(bulk.fetch(_LOCK, [sorted(better)])) if better else {}
    if not cases:
        return
    open_still: set[int] = set()
    comment_of = {case: comment for comment, case in cases.items()}
    for case, kind, code, spans, revision in bulk.fetch(_CAUSES, [sorted(comment_of)]):
        each = better[comment_of[case]]
        places = [(start, end) for _, start, end in json.loads(spans)]
        of_this_text = not code or revision == each.row.revision
        if not (of_this_text and is_settled(kind, code, places, each.now)):
            open_still.add(case)
    closed = sorted(comment_of.keys() - open_still)
    bulk.execute(
        "UPDATE moderation_case SET closed_at = %s, closed_why = 'quotes-found' WHERE id = ANY(%s)",
        [now, closed],
    )
    for case in closed:
        log.info("case-closed", case=case, comment=comment_of[case], why="quotes-found")
