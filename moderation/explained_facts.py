"""The counts of earlier rows that a rule stood on, for whoever asks why it saw something. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moderation.checks.base import Submission
    from moderation.engine import ActiveRule


@dataclass(frozen=True, slots=True)
class Fact:
    """A count that a rule stood on: rows in a window of so many seconds, `enough` being all it asks for."""

    kind: str
    count: int
    seconds: int = 0
    enough: int = 0


# The windows of `Needs`, and the facts of a submission that they are of.
_WINDOWS = (
    *(("author", "author_times"), ("address", "address_times"), ("copy", "copies"), ("near", "near")),
    *(("crowd", "crowd"), ("link", "linked")),
)


def facts_of(rule: ActiveRule, submission: Submission) -> tuple[Fact, ...]:
    """The counts that the rule asks for, as they were."""
    needs, found = rule.check.needs, list[Fact]()
    for kind, name in _WINDOWS:
        seconds, enough = getattr(needs, f"{kind}_seconds"), getattr(needs, f"{kind}_rows")
        if seconds and enough:
            times = [_time(each) for each in getattr(submission, name)]
            count = sum(at > submission.since(seconds) for at in times)
            found.append(Fact(kind, min(count, enough), seconds, enough))
    if needs.quotes:
        found.append(Fact("quotes", len(submission.quotes)))
    if rule.only_new:
        found.append(Fact("published_before", submission.published_before))
    return tuple(found)


def _time(row: Any) -> Any:
    return getattr(row, "posted_at", row)
