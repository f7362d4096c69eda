"""What the figure of fifty rules stands on."""

from __future__ import annotations

import pytest

from bench.checked import busy, comments, hits
from bench.checks import PATTERNS, RULES, WORDS, fifty_rules
from bench.micro import LENGTH
from moderation.checks import CHECKS
from moderation.checks.base import Check

SOME = comments(100)


@pytest.mark.parametrize("kind", CHECKS, ids=lambda kind: kind.slug)
def test_every_check_has_work(kind: type[Check]) -> None:
    assert hits(busy(kind, 200, 50), SOME) > 0


def test_the_comments_are_as_long_as_is_said_and_always_the_same() -> None:
    assert {len(each.body) for each in SOME} == {LENGTH}
    assert [each.body for each in comments(100)] == [each.body for each in SOME]


def test_the_rules_have_the_words_and_patterns_that_are_said() -> None:
    checks = [rule.check for rule in fifty_rules()]
    assert len(checks) == RULES
    assert {check.slug for check in checks} == {check.slug for check in CHECKS}
    assert WORDS - 10 < sum(len(getattr(check, "words", ())) for check in checks) <= WORDS
    assert sum(len(getattr(check, "patterns", ())) for check in checks) == PATTERNS
