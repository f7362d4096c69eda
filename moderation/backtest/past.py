"""What was decided on comments, by people and by the rules of the time: a constant number of queries."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from comments import bulk
from moderation.checks.facts import ServiceAnswer
from moderation.external.answers import from_facts
from moderation.kept_facts import restored_facts

_DECISIONS = """
SELECT d.id, d.comment_id, d.revision, d.by_id IS NOT NULL, d.cause, d.to_status, d.supersedes_id,
    d.rule_set_id, coalesce((d.facts->>'published_before')::int, 0),
    coalesce((d.facts->>'folder')::int, 1), d.facts->'checks', d.facts->'restrained',
    d.facts->'external', d.created_at,
    jsonb_strip_nulls(jsonb_build_object('sanctions', d.facts->'sanctions', 'standing', d.facts->'standing'))
FROM moderation_decision d WHERE d.comment_id = ANY(%s) ORDER BY d.id
"""


# The system's decisions that no rule had a part in.
_NO_LOOK = ("erased", "import-undo")


class Decided(NamedTuple):
    """A decision, as far as it says how right a rule is or what the rules of the time saw."""

    id: int
    comment: int
    revision: int
    by_person: bool
    cause: str
    status: str
    supersedes: int | None
    rule_set: int | None
    published_before: int
    folder: int
    checks: str | None
    restrained: str | None
    external: str | None
    at: datetime
    kept: str

    @property
    def screened(self) -> bool:
        """Whether rules looked at the text for it."""
        return not self.by_person and self.cause not in _NO_LOOK

    def version_of(self, check: str) -> int:
        """The version of a check that judged for it."""
        return _versions(self.checks).get(check, 1) if self.checks else 1

    def action_of(self, version: int, action: str) -> str:
        """What a rule did here whose action that is: less, if its breaker or a quota kept it from more."""
        return str(json.loads(self.restrained).get(str(version), action)) if self.restrained else action


@lru_cache(maxsize=64)
def _versions(checks: str) -> dict[str, int]:
    found: dict[str, int] = json.loads(checks)
    return found


@dataclass(frozen=True, slots=True)
class Past:
    """Of one comment's present text: the last status that a person gave it, and the last look of the rules.

    `earlier` is the last look at a text that it had before.
    """

    by_people: str | None = None
    screened: Decided | None = None
    earlier: Decided | None = None

    @property
    def published_before(self) -> int:
        """The reputation of the author at the time, which is stored with the decision."""
        return self.screened.published_before if self.screened else 0

    @property
    def external(self) -> dict[str, ServiceAnswer]:
        """What services outside said then; nobody is asked again."""
        stored = self.screened and self.screened.external
        return from_facts(json.loads(stored)) if stored else {}

    @property
    def kept_facts(self) -> dict[str, Any]:
        """What else was stored with the decision, as fields of a `Submission`."""
        kept = self.screened.kept if self.screened else "{}"
        return restored_facts({} if kept == "{}" else json.loads(kept))


NOTHING = Past()


def past_of(revisions: Mapping[int, int]) -> dict[int, Past]:
    """`{comment: its past}` of `{comment: its present revision}`; none where nothing was decided."""
    found = decided_on(list(revisions))
    return {comment: past(rows, revisions[comment]) for comment, rows in found.items()}


def decided_on(comments: Sequence[int]) -> dict[int, list[Decided]]:
    """`{comment: all that was decided on it, oldest first}`."""
    found: dict[int, list[Decided]] = defaultdict(list)
    for values in bulk.fetch(_DECISIONS, [list(comments)]):
        found[values[1]].append(Decided(*values))
    return found


def past(decisions: Sequence[Decided], revision: int) -> Past:
    """The past of a comment from all that was decided on it, oldest first. Pure.

    What was undone does not count, and what stood before it counts again.
    """
    undone = {each.supersedes for each in decisions if each.cause == "undo"}
    status, screened, earlier = None, None, None
    for each in decisions:
        if each.screened and each.revision == revision:
            screened = each
        elif each.screened:
            earlier = each
        elif each.by_person and each.cause != "undo" and each.id not in undone and each.revision == revision:
            status = each.status
    return Past(status, screened, earlier)


class Told(NamedTuple):
    """A finding as it is stored, beside the ids: what a person can see of it."""

    action: str
    mode: str
    code: str
    spans: list[list[Any]]
    data: Mapping[str, Any]
    evidence: list[str]


_FINDINGS = """
SELECT f.decision_id, f.rule_version_id, f.action, f.mode, f.code, f.spans, f.data,
    ARRAY(SELECT e.text FROM moderation_evidence e WHERE e.finding_id = f.id ORDER BY e.position)
FROM moderation_finding f WHERE f.decision_id = ANY(%s) AND f.rule_version_id = ANY(%s) ORDER BY f.id
"""


def stored_findings(decisions: Iterable[int], versions: Collection[int]) -> dict[tuple[int, int], list[Told]]:
    """`{(decision, rule version): its findings}`, in the order in which they were found."""
    found: dict[tuple[int, int], list[Told]] = defaultdict(list)
    rows = bulk.fetch(_FINDINGS, [list(decisions), list(versions)])
    for decision, version, action, mode, code, spans, data, evidence in rows:
        told = Told(action, mode, code, json.loads(spans), json.loads(data), evidence)
        found[decision, version].append(told)
    return found


_SETS = """
SELECT ruleset_id, ruleversion_id FROM moderation_ruleset_versions
WHERE ruleset_id = ANY(%s) AND ruleversion_id = ANY(%s)
"""


def sets_with(rule_sets: Collection[int], versions: Collection[int]) -> dict[int, set[int]]:
    """`{rule set: those of the versions that are in it}`."""
    found: dict[int, set[int]] = defaultdict(set)
    for rule_set, version in bulk.fetch(_SETS, [list(rule_sets), list(versions)]):
        found[rule_set].add(version)
    return found
