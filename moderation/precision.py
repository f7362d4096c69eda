"""How right the versions of rules have been until now, by what people decided at the desk."""

from __future__ import annotations

from collections.abc import Collection

from comments import bulk
from moderation.scoring import Score

_HITS = """
SELECT rule_version_id, count(DISTINCT decision_id) FROM moderation_finding
WHERE rule_version_id = ANY(%s) GROUP BY rule_version_id
"""
_JUDGED = """
SELECT rule_version_id, count(*) FILTER (WHERE is_right), count(*) FILTER (WHERE NOT is_right)
FROM moderation_rulejudgement WHERE rule_version_id = ANY(%s) GROUP BY rule_version_id
"""


def live_scores(versions: Collection[int]) -> dict[int, Score]:
    """The score of each version. Two queries, however many.

    A text that was screened again is a hit again; people judge it once.
    """
    keys = sorted(versions)
    hits = dict(bulk.fetch(_HITS, [keys])) if keys else {}
    judged = {key: (right, wrong) for key, right, wrong in bulk.fetch(_JUDGED, [keys])} if keys else {}
    scores = {}
    for key in keys:
        right, wrong = judged.get(key, (0, 0))
        scores[key] = Score(right, wrong, hits.get(key, 0) - right - wrong)
    return scores
