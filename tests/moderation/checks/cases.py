"""What the tables of cases are written in."""

from datetime import UTC, datetime, timedelta
from typing import Any

from moderation.checks.base import Check, Finding, Submission

NOON = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOON - timedelta(seconds=seconds)


def submission(body: str = "駅前の工事はいつ終わるのでしょうか。", **given: Any) -> Submission:
    """A comment sent at `NOON`."""
    facts: dict[str, Any] = {"comment": 7, "revision": 1, "posted_at": NOON, "arrived_at": NOON}
    return Submission(body=body, **(facts | given))


def findings(check: Check, comment: Submission) -> list[Finding]:
    """What the check yields, each finding held to what is promised of all."""
    found = list(check.check(comment)) if check.applies(comment) else []
    for finding in found:
        assert finding.code in check.sentences
        for language in ("ja", "en"):
            assert "{" not in check.sentence(finding.code, finding.data, language)
        for span in finding.spans:
            assert 0 <= span.start < span.end <= len(getattr(comment, span.field))
        assert len(finding.evidence) <= max(1, len(finding.spans))
        assert all(isinstance(value, int) or len(value) <= 40 for value in finding.data.values())
    return found


def codes(check: Check, comment: Submission) -> list[str]:
    return [finding.code for finding in findings(check, comment)]


def marked(check: Check, comment: Submission) -> list[str]:
    """The pieces of the comment that the findings' spans hold."""
    return [
        getattr(comment, span.field)[span.start : span.end]
        for finding in findings(check, comment)
        for span in finding.spans
    ]
