"""Rule set × submission → verdict. Pure.

Every rule runs and all findings are kept, not only the first. The verdict is
the strictest of the floor, the source's own state and the enforced findings;
what could not be checked is held for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from itertools import islice

from moderation.checks.base import Check, Finding, Submission

# Published comments of a verified author that make him trusted. Three is what
# WordPress, Discourse and Coral ask for or less; a site that wants more has
# the floor `hold_all`.
TRUSTED_AFTER = 3
# Findings of one rule on one comment that are kept. A body of 20,000 characters
# could hold thousands; nobody looks at more, and the verdict is the same.
MOST_FINDINGS = 100


class Strictness(IntEnum):
    """How far a comment is stopped, in the order of the design."""

    PUBLISH = 0
    FLAG = 1
    HOLD = 2
    REJECT = 3


class Cause(StrEnum):
    """What a decision stood on when no person took it."""

    RULES = "rules"
    FLOOR = "floor"
    NO_RULE_SET = "no-rule-set"
    CHECK_FAILED = "check-failed"
    IMPORT = "import"
    EDIT = "edit"


_OF_ACTION = {"flag": Strictness.FLAG, "hold": Strictness.HOLD, "reject": Strictness.REJECT}
# How strict a rule may be under the policy of an import run; "" is no import.
_POLICY_CAP = {
    "": Strictness.REJECT,
    "enforce": Strictness.REJECT,
    "flag": Strictness.FLAG,
    "trusted": Strictness.PUBLISH,
}
_OF_STATE = {"pending": Strictness.HOLD, "spam": Strictness.REJECT, "trash": Strictness.REJECT}

# Of a case that no rule gives a severity (`models.Severity.NORMAL`).
NORMAL = 2


@dataclass(frozen=True, slots=True)
class ActiveRule:
    """A rule version in force, with its check ready to run."""

    version: int
    check: Check
    action: str
    enforced: bool
    severity: int
    reason: int
    site: int | None = None
    only_new: bool = False
    not_staff: bool = False
    # What the author is told instead of the reason's own text: Japanese, English.
    messages: tuple[str, str] = ("", "")
    # The rule that this is a version of, and how far it may go by itself (`moderation.limits`).
    rule: int = 0
    quota: int | None = None
    breaker_pairs: int = 100
    breaker_minutes: int = 60

    def message(self, language: str) -> str:
        """What the author is told, in the language of the site; empty where the reason's text is."""
        return self.messages[language != "ja"]

    def concerns(self, context: Context) -> bool:
        """Whether it is a rule for such a comment at all."""
        if self.site is not None and self.site != context.site:
            return False
        return not (self.only_new and context.trusted) and not (self.not_staff and context.staff)


@dataclass(frozen=True, slots=True)
class Context:
    """What decides beside the comment: where it goes and whence it came.

    `floor` is the article's if it has one, else the site's. `policy` is that
    of the import run, empty for live comments; `state` is the source's own.
    """

    site: int
    floor: str
    policy: str = ""
    state: str = ""
    trusted: bool = False
    rejected_before: bool = False
    staff: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A finding and the rule that made it."""

    rule: ActiveRule
    finding: Finding


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule whose check raised."""

    rule: ActiveRule
    error: Exception


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a comment, and everything that speaks for it.

    `causes` are those that stopped it, strongest first; `severity` is that of
    the case to open, 0 for none. `reason` is a rule's reason id, if rules
    decided.
    """

    strictness: Strictness
    causes: tuple[Cause, ...]
    hits: tuple[Hit, ...]
    failures: tuple[Failure, ...]
    severity: int
    reason: int | None

    @property
    def status(self) -> str:
        """The status that the comment gets: a flagged one is published."""
        return {Strictness.HOLD: "held", Strictness.REJECT: "rejected"}.get(self.strictness, "published")


def evaluate(rules: Sequence[ActiveRule], submission: Submission, context: Context) -> Verdict:
    """Run every rule that concerns the submission and weigh what they say."""
    hits: list[Hit] = []
    failures: list[Failure] = []
    for rule in rules:
        if not rule.concerns(context):
            continue
        try:
            if rule.check.applies(submission):
                found = list(islice(rule.check.check(submission), MOST_FINDINGS))
                if found:
                    hits += [Hit(rule, finding) for finding in found]
        except Exception as error:  # noqa: BLE001 - whatever a check raises, the comment is held and told of
            failures.append(Failure(rule, error))
    return _weigh(bool(rules), tuple(hits), tuple(failures), context)


def strictness_of(hit: Hit, context: Context) -> Strictness:
    """How far this hit stops the comment: not at all while its rule observes."""
    if not hit.rule.enforced:
        return Strictness.PUBLISH
    return min(_OF_ACTION[hit.rule.action], _POLICY_CAP[context.policy])


def weighed(verdict: Verdict, hits: tuple[Hit, ...], context: Context) -> Verdict:
    """The verdict if its hits were these."""
    return _weigh(Cause.NO_RULE_SET not in verdict.causes, hits, verdict.failures, context)


def _weigh(
    any_rules: bool, hits: tuple[Hit, ...], failures: tuple[Failure, ...], context: Context
) -> Verdict:
    of_rules = max((strictness_of(hit, context) for hit in hits), default=Strictness.PUBLISH)
    votes = {
        Cause.RULES: of_rules,
        Cause.FLOOR: _of_floor(context),
        Cause.IMPORT: _OF_STATE.get(context.state, Strictness.PUBLISH),
        Cause.NO_RULE_SET: Strictness.PUBLISH if any_rules else Strictness.HOLD,
        Cause.CHECK_FAILED: Strictness.HOLD if failures else Strictness.PUBLISH,
        Cause.EDIT: Strictness.HOLD if context.rejected_before else Strictness.PUBLISH,
    }
    strictness = max(votes.values())
    causes = sorted((cause for cause, vote in votes.items() if vote), key=lambda cause: -votes[cause])
    deciding = [hit for hit in hits if of_rules and strictness_of(hit, context) == of_rules]
    return Verdict(
        strictness=strictness,
        causes=tuple(causes),
        hits=hits,
        failures=failures,
        severity=_severity(strictness, hits, context, causes),
        reason=deciding[0].rule.reason if deciding and of_rules == strictness else None,
    )


def _of_floor(context: Context) -> Strictness:
    """The floor holds live comments and imports that ask to be treated like them."""
    if context.policy in {"flag", "trusted"} or context.floor == "open":
        return Strictness.PUBLISH
    if context.floor == "hold_new" and context.trusted:
        return Strictness.PUBLISH
    return Strictness.HOLD


def _severity(strictness: Strictness, hits: Sequence[Hit], context: Context, causes: Sequence[Cause]) -> int:
    """The severity of the case: none for what needs no person."""
    if strictness not in {Strictness.FLAG, Strictness.HOLD}:
        return 0
    stopping = [hit.rule.severity for hit in hits if strictness_of(hit, context)]
    if set(causes) - {Cause.RULES}:
        stopping.append(NORMAL)
    return max(stopping)
