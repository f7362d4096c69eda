"""The verdict: a table of what outweighs what, and properties that always hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.checks.base import Check, Finding, Submission, parameter
from moderation.engine import MOST_FINDINGS, ActiveRule, Cause, Context, Strictness, evaluate

NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)
SUBMISSION = Submission(comment=1, revision=1, body="こんにちは", posted_at=NOON, arrived_at=NOON)


@dataclass(frozen=True)
class Hits(Check):
    """Finds something `times` times, or raises."""

    times: int = parameter(1, ja="回数。", en="How often.")
    raises: bool = False

    def check(self, submission: Submission) -> Iterator[Finding]:
        if self.raises:
            raise ZeroDivisionError
        yield from [Finding("hit")] * self.times


def rule(action: str = "flag", **fields: object) -> ActiveRule:
    terms = {"version": 1, "check": Hits(), "enforced": True, "severity": 1, "reason": 7, **fields}
    return ActiveRule(action=action, **terms)  # type: ignore[arg-type]


def context(**fields: object) -> Context:
    return Context(**{"site": 1, "floor": "open", **fields})  # type: ignore[arg-type]


FAILS = Hits(raises=True)
MISSES = rule(check=Hits(times=0))


@pytest.mark.parametrize(
    ("rules", "where", "status", "causes", "severity"),
    [
        ([MISSES], context(), "published", (), 0),
        ([], context(), "held", (Cause.NO_RULE_SET,), 2),
        ([rule("flag")], context(), "published", (Cause.RULES,), 1),
        ([rule("hold")], context(), "held", (Cause.RULES,), 1),
        ([rule("reject")], context(), "rejected", (Cause.RULES,), 0),
        ([rule("reject", enforced=False)], context(), "published", (), 0),
        ([rule("flag"), rule("hold", severity=3)], context(), "held", (Cause.RULES,), 3),
        ([rule(check=FAILS)], context(), "held", (Cause.CHECK_FAILED,), 2),
        # An observing rule that fails has not checked either.
        ([rule(check=FAILS, enforced=False)], context(), "held", (Cause.CHECK_FAILED,), 2),
        ([rule(check=FAILS), rule("reject")], context(), "rejected", (Cause.RULES, Cause.CHECK_FAILED), 0),
        # The floor.
        ([MISSES], context(floor="hold_all"), "held", (Cause.FLOOR,), 2),
        ([MISSES], context(floor="hold_all", trusted=True), "held", (Cause.FLOOR,), 2),
        ([MISSES], context(floor="hold_new"), "held", (Cause.FLOOR,), 2),
        ([MISSES], context(floor="hold_new", trusted=True), "published", (), 0),
        ([MISSES], context(floor="closed", trusted=True), "held", (Cause.FLOOR,), 2),
        # Imports: the policy caps the rules, the source's own state is a ceiling.
        ([rule("reject")], context(policy="enforce"), "rejected", (Cause.RULES,), 0),
        ([rule("reject")], context(policy="flag"), "published", (Cause.RULES,), 1),
        ([rule("reject")], context(policy="trusted"), "published", (), 0),
        ([MISSES], context(policy="enforce", floor="hold_all"), "held", (Cause.FLOOR,), 2),
        ([MISSES], context(policy="flag", floor="hold_all"), "published", (), 0),
        ([MISSES], context(policy="trusted", state="pending"), "held", (Cause.IMPORT,), 2),
        ([MISSES], context(policy="trusted", state="spam"), "rejected", (Cause.IMPORT,), 0),
        ([MISSES], context(policy="trusted", state="trash"), "rejected", (Cause.IMPORT,), 0),
        ([MISSES], context(policy="flag", state="approved"), "published", (), 0),
        ([rule(check=FAILS)], context(policy="trusted"), "held", (Cause.CHECK_FAILED,), 2),
        ([], context(policy="trusted"), "held", (Cause.NO_RULE_SET,), 2),
        # What concerns others does not concern this one.
        ([MISSES, rule("reject", site=2)], context(site=1), "published", (), 0),
        ([MISSES, rule("reject", only_new=True)], context(trusted=True), "published", (), 0),
        ([rule("reject", only_new=True)], context(), "rejected", (Cause.RULES,), 0),
        # The edit of what a person rejected goes to a person.
        ([MISSES], context(rejected_before=True), "held", (Cause.EDIT,), 2),
    ],
)
def test_verdict(
    rules: list[ActiveRule], where: Context, status: str, causes: tuple[Cause, ...], severity: int
) -> None:
    verdict = evaluate(rules, SUBMISSION, where)
    assert (verdict.status, verdict.causes, verdict.severity) == (status, causes, severity)


def test_all_findings_are_kept_and_the_strictest_gives_the_reason() -> None:
    verdict = evaluate(
        [rule("flag", reason=1), rule("hold", reason=2), rule("flag", reason=3)], SUBMISSION, context()
    )
    assert [hit.rule.reason for hit in verdict.hits] == [1, 2, 3]
    assert verdict.reason == 2


def test_findings_of_one_rule_are_capped() -> None:
    verdict = evaluate([rule(check=Hits(times=MOST_FINDINGS + 1))], SUBMISSION, context())
    assert len(verdict.hits) == MOST_FINDINGS


ACTIONS = st.sampled_from(["flag", "hold", "reject"])
RULES = st.lists(
    st.builds(
        rule,
        ACTIONS,
        enforced=st.booleans(),
        severity=st.integers(1, 3),
        check=st.builds(Hits, times=st.integers(0, 2), raises=st.booleans()),
    ),
    min_size=1,
)
CONTEXTS = st.builds(
    context,
    floor=st.sampled_from(["open", "hold_new", "hold_all", "closed"]),
    policy=st.sampled_from(["", "enforce", "flag", "trusted"]),
    state=st.sampled_from(["", "approved", "pending", "spam", "trash"]),
    trusted=st.booleans(),
    rejected_before=st.booleans(),
)


@given(RULES, CONTEXTS, st.builds(rule, ACTIONS))
def test_one_more_rule_never_makes_it_milder(
    rules: list[ActiveRule], where: Context, more: ActiveRule
) -> None:
    before = evaluate(rules, SUBMISSION, where)
    after = evaluate([*rules, more], SUBMISSION, where)
    assert after.strictness >= before.strictness


@given(RULES, CONTEXTS)
def test_what_is_stopped_has_a_cause_and_what_waits_a_severity(
    rules: list[ActiveRule], where: Context
) -> None:
    verdict = evaluate(rules, SUBMISSION, where)
    assert bool(verdict.causes) == (verdict.strictness > Strictness.PUBLISH)
    assert bool(verdict.severity) == (verdict.strictness in {Strictness.FLAG, Strictness.HOLD})


@given(RULES, CONTEXTS)
def test_nothing_unchecked_or_bad_at_its_source_is_published(rules: list[ActiveRule], where: Context) -> None:
    verdict = evaluate(rules, SUBMISSION, where)
    if verdict.failures or where.state in {"pending", "spam", "trash"} or where.rejected_before:
        assert verdict.status != "published"
