"""What moderation knows of comments that were erased: the log stays, whatever a person typed goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from comments import bulk
from comments.models import Status
from comments.statuses import set_status
from moderation.services.link_traces import forget_links
from moderation.services.near_keys import forget_near_keys
from moderation.services.noting import note_erased

_DECIDE = """
INSERT INTO moderation_decision
    (comment_id, revision, from_status, to_status, cause, facts, supersedes_id, created_at)
SELECT c.id, c.revision, c.status, 'rejected', 'erased', '{}', (
    SELECT max(d.id) FROM moderation_decision d WHERE d.comment_id = c.id), %s
FROM comments_comment c WHERE c.id = ANY(%s) ORDER BY c.id
ON CONFLICT (comment_id, revision, rule_set_id) WHERE by_id IS NULL AND cause <> 'import-undo' DO NOTHING
"""
# Matched words, quoted passages, and the notes of those who decided: they may repeat the text.
_EVIDENCE = """
DELETE FROM moderation_evidence WHERE id IN (
    SELECT e.id FROM moderation_decision d JOIN moderation_evidence e ON e.decision_id = d.id
    WHERE d.comment_id = ANY(%s)
    UNION ALL
    SELECT e.id FROM moderation_decision d JOIN moderation_finding f ON f.decision_id = d.id
        JOIN moderation_evidence e ON e.finding_id = f.id
    WHERE d.comment_id = ANY(%s))
"""


def withdraw(comments: Sequence[int], now: datetime) -> None:
    """Reject erased comments and let go of what was kept of their words.

    In the transaction that erases them, their rows locked. Nobody need look
    at them any more; who quoted them is looked at again.
    """
    keys = list(comments)
    bulk.execute(_DECIDE, [now, keys])
    set_status(dict.fromkeys(keys, Status.REJECTED))
    bulk.execute("DELETE FROM moderation_pending WHERE comment_id = ANY(%s)", [keys])
    bulk.execute(
        """UPDATE moderation_case SET closed_at = %s, closed_why = 'erased'
           WHERE comment_id = ANY(%s) AND closed_at IS NULL""",
        [now, keys],
    )
    bulk.execute(_EVIDENCE, [keys, keys])
    bulk.execute("DELETE FROM moderation_note WHERE comment_id = ANY(%s)", [keys])
    bulk.execute("DELETE FROM moderation_quote WHERE comment_id = ANY(%s)", [keys])
    # The differences of a quote hold the words of its source.
    bulk.execute("UPDATE moderation_quote SET differences = '[]' WHERE source_comment_id = ANY(%s)", [keys])
    forget_links(keys)
    forget_near_keys(keys)
    note_erased(keys)
