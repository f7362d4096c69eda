"""Cases of comments that stay as they are, opened in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from comments import bulk
from moderation.models import Severity
from moderation.services.case_texts import write_texts
from moderation.services.terms import TERMS


class Owner(Protocol):
    """A comment's row."""

    @property
    def id(self) -> int: ...
    @property
    def site_id(self) -> int: ...


Row = TypeVar("Row", bound=Owner)

_OPEN = """
INSERT INTO moderation_case (comment_id, site_id, severity, opened_at, due_at)
SELECT id, site_id, %s, %s, %s FROM unnest(%s::bigint[], %s::bigint[]) AS k(id, site_id) ORDER BY id
ON CONFLICT (comment_id) WHERE closed_at IS NULL
    DO UPDATE SET severity = greatest(moderation_case.severity, excluded.severity),
        due_at = least(moderation_case.due_at, excluded.due_at)
RETURNING comment_id, id
"""
_ADD_CAUSES = """
INSERT INTO moderation_casecause (case_id, kind)
SELECT k.case_id, k.kind FROM unnest(%s::bigint[], %s::text[]) AS k(case_id, kind)
WHERE NOT EXISTS (
    SELECT 1 FROM moderation_casecause c
    WHERE c.case_id = k.case_id AND c.kind = k.kind AND c.finding_id IS NULL)
"""


# What a machine said of a text; the other causes are of people, of time, or of chance.
_OF_RULES = "(c.finding_id IS NOT NULL OR c.kind IN ('floor', 'no-rule-set', 'check-failed', 'import'))"
_FORGET = f"""
DELETE FROM moderation_casecause c USING moderation_case k
WHERE k.id = c.case_id AND k.comment_id = ANY(%s) AND k.closed_at IS NULL AND {_OF_RULES}
"""  # noqa: S608
_CLOSE_IDLE = f"""
UPDATE moderation_case k SET closed_at = %s, closed_why = 'screened-again'
WHERE k.comment_id = ANY(%s) AND k.closed_at IS NULL
  AND NOT EXISTS (SELECT FROM moderation_casecause c WHERE c.case_id = k.id AND NOT {_OF_RULES})
"""  # noqa: S608


def renew_cases(waiting: Sequence[int], free: Sequence[int], now: datetime) -> None:
    """Comments were screened again: of those that still wait only today's causes count, others need nobody.

    What opened a case beside the rules, a sample or what became of a quote, keeps it open.
    """
    if waiting:
        bulk.execute(_FORGET, [list(waiting)])
    if free:
        bulk.execute(_CLOSE_IDLE, [now, list(free)])


def open_cases(causes: Mapping[Row, Sequence[str]], severity: Severity, now: datetime) -> None:
    """A case for each comment with the kinds of its causes, or further causes of its open one."""
    if not causes:
        return
    keys = [[row.id for row in causes], [row.site_id for row in causes]]
    cases = dict(bulk.fetch(_OPEN, [int(severity), now, now + TERMS[severity], *keys]))
    kinds = [(cases[row.id], kind) for row, each in causes.items() for kind in each]
    bulk.execute(_ADD_CAUSES, [list(column) for column in zip(*kinds, strict=True)])
    write_texts(list(cases))
