"""What taking back all that a rule version did in a window would do to each comment, and why not to some.

A decision is weighed again from what is stored of it, without the version's
findings: other rules, the floor and what else stopped the comment still
count. Left alone is what people have decided since, and what has changed.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from time import monotonic
from typing import Any, NamedTuple

from comments import bulk
from moderation.checks.base import Finding
from moderation.engine import (
    TRUSTED_AFTER,
    ActiveRule,
    Context,
    Failure,
    Hit,
    Strictness,
    Verdict,
    weighed,
)
from moderation.rules import Unfit

# Decisions that a preview looks at in one query, and examples kept of each fate.
LOOKED_AT = 2_000
EXAMPLES = 3


class Fate(StrEnum):
    """What becomes of a comment that the version stopped or flagged."""

    # Published again; held instead of rejected; its case closed, as nothing else flagged it.
    PUBLISHED = "published"
    HELD = "held"
    CLOSED = "closed"
    # Left alone: it was taken back before, a person has decided since, its text or state is
    # another, it was erased, or without the version it would have come to the same.
    DONE = "done"
    DECIDED = "decided"
    CHANGED = "changed"
    ERASED = "erased"
    SAME = "same"


TAKEN = frozenset({Fate.PUBLISHED, Fate.HELD, Fate.CLOSED})


@dataclass(frozen=True, slots=True)
class Window:
    """Decisions in (since, until] in which the rule version had a part."""

    version: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Touched:
    """A decision in which the version had a part, and what becomes of its comment.

    `verdict` is the one without the version; `kinds` are the causes of a case
    for it.
    """

    decision: int
    id: int
    site_id: int
    fate: Fate
    verdict: Verdict
    kinds: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """How many comments there are of each fate, with the ids of a few; `whole` if of all."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[int]] = field(default_factory=dict)
    whole: bool = True

    def add(self, touched: Iterable[Touched]) -> None:
        for each in touched:
            self.counts[each.fate] += 1
            examples = self.examples.setdefault(each.fate, [])
            if len(examples) < EXAMPLES:
                examples.append(each.id)

    @property
    def taken(self) -> int:
        return sum(self.counts[fate] for fate in TAKEN)


# A decision is met at the first of its findings. Those of one need not stand together: workers write at once.
_NEXT = """
SELECT f.id, f.decision_id FROM moderation_finding f JOIN moderation_decision d ON d.id = f.decision_id
WHERE f.rule_version_id = %s AND f.mode = 'enforce' AND f.id > %s
  AND d.created_at > %s AND d.created_at <= %s AND NOT EXISTS (
    SELECT FROM moderation_finding g
    WHERE g.decision_id = f.decision_id AND g.rule_version_id = f.rule_version_id AND g.id < f.id)
ORDER BY f.id LIMIT %s
"""


class Next(NamedTuple):
    """Decisions, each once, and the id of the finding that the last was met at."""

    decisions: list[int]
    after: int


def next_decisions(window: Window, after: int, limit: int) -> Next | None:
    """At most `limit` of those that are met after the finding `after`; None if there are none."""
    found = bulk.fetch(_NEXT, [window.version, after, window.since, window.until, limit])
    return Next([decision for _, decision in found], found[-1][0]) if found else None


_BOUNDS = """
SELECT f.id FROM moderation_finding f JOIN moderation_decision d ON d.id = f.decision_id
WHERE f.rule_version_id = %s AND f.mode = 'enforce' AND d.created_at > %s AND d.created_at <= %s
ORDER BY f.id {} LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The ids of the first and the last finding in a window; both 0 where there is none."""

    first: int
    last: int

    def share(self, position: int) -> float:
        """About how much of the window lies up to `position`, from 0 to 1, without counting it."""
        return min(1.0, max(0.0, (position - self.first) / max(1, self.last - self.first)))


def bounds_of(window: Window) -> Bounds:
    """Where the findings of a window begin and end: two looks at an index."""
    params = [window.version, window.since, window.until]
    ends = [bulk.fetch(_BOUNDS.format(order), params) for order in ("", "DESC")]
    first, last = (found[0][0] if found else 0 for found in ends)
    return Bounds(first, last)


def preview(
    window: Window, *, seconds: float | None = None, step: Callable[[int], None] | None = None
) -> Tally:
    """What an undo would find now, as far as `seconds` reach; nothing is locked nor written.

    `step` is called with the id of the finding that it has come to.
    """
    tally, after, started = Tally(), 0, monotonic()
    while found := next_decisions(window, after, LOOKED_AT):
        tally.add(look(window.version, found.decisions))
        after = found.after
        if step:
            step(after)
        if seconds is not None and monotonic() - started > seconds:
            tally.whole = next_decisions(window, after, 1) is None
            break
    return tally


class _Row(NamedTuple):
    """A row of `_LOOK`."""

    decision: int
    id: int
    site_id: int
    status: str
    to_status: str
    facts: str
    same_text: bool
    erased: bool
    newest: int
    newest_by: int | None
    undone: bool
    has_case: bool
    rejected_before: bool


_LOOK = """
SELECT d.id, c.id, c.site_id, c.status, d.to_status, d.facts, c.revision = d.revision,
    c.erased_at IS NOT NULL, n.id, n.by_id, n.cause = 'undo' AND n.facts ? 'rule_undo',
    EXISTS (SELECT FROM moderation_case k WHERE k.comment_id = c.id AND k.closed_at IS NULL),
    EXISTS (
        SELECT FROM moderation_decision p
        WHERE p.comment_id = c.id AND p.by_id IS NOT NULL AND p.cause <> 'undo'
          AND p.to_status = 'rejected' AND p.revision < d.revision AND NOT EXISTS (
            SELECT FROM moderation_decision u
            WHERE u.comment_id = c.id AND u.supersedes_id = p.id AND u.cause = 'undo'))
FROM moderation_decision d
JOIN comments_comment c ON c.id = d.comment_id
CROSS JOIN LATERAL (
    SELECT id, by_id, cause, facts FROM moderation_decision n
    WHERE n.comment_id = c.id ORDER BY id DESC LIMIT 1
) n
WHERE d.id = ANY(%s) ORDER BY c.id, d.id
"""
_FINDINGS = """
SELECT f.decision_id, f.rule_version_id, f.action, f.mode, v.severity, v.reason_id, v.check_slug
FROM moderation_finding f JOIN moderation_ruleversion v ON v.id = f.rule_version_id
WHERE f.decision_id = ANY(%s) ORDER BY f.id
"""


def look(version: int, decisions: Sequence[int]) -> list[Touched]:
    """What becomes of these decisions' comments, by comment: two queries."""
    others: dict[int, list[tuple[ActiveRule, str]]] = defaultdict(list)
    for decision, other, action, mode, severity, reason, check in bulk.fetch(_FINDINGS, [list(decisions)]):
        if other != version:
            rule = ActiveRule(other, _STORED, action, mode == "enforce", severity, reason)
            others[decision].append((rule, check))
    rows = [_Row(*values) for values in bulk.fetch(_LOOK, [list(decisions)])]
    return [_touched(row, others[row.decision]) for row in rows]


# Stands for the checks of what is stored: they are not run again.
_STORED = Unfit("stored")


def _touched(row: _Row, others: Sequence[tuple[ActiveRule, str]]) -> Touched:
    facts: dict[str, Any] = json.loads(row.facts)
    context = Context(
        site=row.site_id,
        floor=facts.get("floor", ""),
        policy=facts.get("policy", ""),
        state=facts.get("state", ""),
        trusted=facts.get("published_before", 0) >= TRUSTED_AFTER,
        rejected_before=row.rejected_before,
    )
    hits = tuple(Hit(rule, Finding("stored")) for rule, _ in others)
    failures = tuple(
        Failure(ActiveRule(0, _STORED, "hold", True, 2, 0), ValueError(slug))
        for slug in facts.get("failed", ())
    )
    verdict = weighed(Verdict(Strictness.PUBLISH, (), (), failures, 0, None), hits, context)
    stopping = [check for rule, check in others if rule.enforced]
    causes = [str(cause) for cause in verdict.causes if cause != "rules"]
    kinds = tuple(dict.fromkeys(stopping + causes)) if verdict.severity else ()
    return Touched(row.decision, row.id, row.site_id, _fate(row, verdict), verdict, kinds)


def _fate(row: _Row, verdict: Verdict) -> Fate:
    if row.erased:
        return Fate.ERASED
    if row.newest != row.decision:
        since = Fate.DECIDED if row.newest_by is not None else Fate.CHANGED
        return Fate.DONE if row.undone else since
    if not row.same_text or row.status != row.to_status:
        return Fate.CHANGED
    if verdict.status != row.status:
        return Fate.PUBLISHED if verdict.status == "published" else Fate.HELD
    if row.status == "published" and not verdict.severity:
        # Flagged by this version alone: what is published stays, its case has no cause any more.
        return Fate.CLOSED if row.has_case else Fate.DONE
    return Fate.SAME
