"""What people published that a rule hit: the newest first, of one rule or of all that observe.

Drawn from the pairs of `models.RuleJudgement`, by an index a site: a page costs
the same however many decisions there are. That a rule was silent on what a
person rejected is stored nowhere; a try-out tells it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from comments import bulk

PAGE = 30


class Disagreement(NamedTuple):
    """A text that a version of a rule hit and a person's last word published."""

    id: int
    rule_version: int
    comment: int
    revision: int


_OF_ALL = """
SELECT j.id, j.rule_version_id, j.comment_id, j.revision
FROM unnest(%(sites)s::bigint[]) AS s(id)
CROSS JOIN LATERAL (
    SELECT * FROM moderation_rulejudgement r
    WHERE r.site_id = s.id AND NOT r.is_right AND r.is_observed AND r.id < %(after)s
    ORDER BY r.id DESC LIMIT %(most)s
) j
ORDER BY j.id DESC LIMIT %(most)s
"""
_OF_RULE = """
SELECT j.id, j.rule_version_id, j.comment_id, j.revision
FROM moderation_ruleversion v CROSS JOIN unnest(%(sites)s::bigint[]) AS s(id)
CROSS JOIN LATERAL (
    SELECT * FROM moderation_rulejudgement r
    WHERE r.rule_version_id = v.id AND r.site_id = s.id AND NOT r.is_right AND r.id < %(after)s
    ORDER BY r.id DESC LIMIT %(most)s
) j
WHERE v.rule_id = %(rule)s
ORDER BY j.id DESC LIMIT %(most)s
"""


def disagreements(
    sites: Sequence[int], rule: int | None = None, after: int | None = None, *, most: int = PAGE
) -> list[Disagreement]:
    """The next ones after a pair, from the newest without one; of a rule, whatever its mode."""
    params = {"sites": list(sites), "rule": rule, "after": after or 2**63 - 1, "most": most}
    return [Disagreement(*row) for row in bulk.fetch(_OF_RULE if rule else _OF_ALL, params)]
