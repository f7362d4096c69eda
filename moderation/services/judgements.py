"""What people's decisions say of the rules that hit: kept as pairs, so that a precision costs a count."""

from __future__ import annotations

from collections.abc import Iterable

from comments import bulk

# A person's last decision on a text that was not undone, beside each rule version that hit that text.
# From each text to its few rows: a planner whose statistics are behind begins with the findings of all.
_PAIRS = """
INSERT INTO moderation_rulejudgement (rule_version_id, comment_id, revision, is_right, site_id, is_observed)
SELECT DISTINCT f.rule_version_id, p.comment_id, p.revision, p.to_status = 'rejected', c.site_id,
    v.mode = 'observe'
FROM (
    SELECT DISTINCT ON (d.comment_id, d.revision) d.comment_id, d.revision, d.to_status
    FROM moderation_decision d
    WHERE d.comment_id = ANY(%s)
        AND d.by_id IS NOT NULL AND d.cause <> 'undo' AND NOT EXISTS (
            SELECT 1 FROM moderation_decision u
            WHERE u.comment_id = d.comment_id AND u.supersedes_id = d.id AND u.cause = 'undo')
    ORDER BY d.comment_id, d.revision, d.id DESC
) p
CROSS JOIN LATERAL (
    SELECT s.id FROM moderation_decision s
    WHERE s.comment_id = p.comment_id AND s.revision = p.revision AND s.by_id IS NULL OFFSET 0) s
CROSS JOIN LATERAL (SELECT f.rule_version_id FROM moderation_finding f WHERE f.decision_id = s.id OFFSET 0) f
JOIN moderation_ruleversion v ON v.id = f.rule_version_id
JOIN comments_comment c ON c.id = p.comment_id
"""


def judge_again(comments: Iterable[int]) -> None:
    """Write the pairs of comments anew, after a person decided on them or took it back.

    In the transaction that does so, the comments locked. Two statements.
    """
    keys = sorted(set(comments))
    if keys:
        bulk.execute("DELETE FROM moderation_rulejudgement WHERE comment_id = ANY(%s)", [keys])
        bulk.execute(_PAIRS, [keys])
