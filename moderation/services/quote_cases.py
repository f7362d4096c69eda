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
from moderation.services.cases import open_cases
from moderation.services.quote_rows import Quoter

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Retold:
    """A comment whose quotes were traced again: as they were, and as they are now."""

    row: Quoter
    before: Sequence[Before]
    now: Sequence[QuoteRow]
    answered: Answered | None = None


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
    open_cases(told, Severity.LOW, now)


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
