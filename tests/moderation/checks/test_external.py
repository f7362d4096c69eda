"""What a rule makes of a service's answer."""

from typing import Any

import pytest

from moderation.checks.base import Check, Needs, Refused, Submission
from moderation.checks.external import AKISMET, External, NoAnswer
from moderation.checks.facts import ServiceAnswer
from tests.moderation.checks.cases import codes, findings, submission


def answered(check: External, answer: ServiceAnswer, **given: Any) -> Submission:
    return submission(external={check.service: answer, "another": ServiceAnswer(hit=True)}, **given)


def said(hit: bool, score: int | None = None, label: str = "") -> ServiceAnswer:
    return ServiceAnswer(hit, score, label)


@pytest.mark.parametrize(
    ("check", "answer", "expected"),
    [
        (External(), said(True), ["hit"]),
        (External(), said(False), []),
        (External(), said(True, label="discard"), ["label"]),
        (External(), said(True, 97), ["score"]),
        (External(), said(True, 0), ["score"]),
        (External(), said(True, 97, "insult"), ["label_score"]),
        # Its own yes or no does not count where the rule has a score.
        (External(from_score=80), said(False, 80), ["score"]),
        (External(from_score=80), said(True, 79), []),
        (External(from_score=80), said(True), []),
        (External(from_score=1), said(True, 0), []),
        (External(labels=("discard",)), said(True, label="discard"), ["label"]),
        (External(labels=("discard",)), said(True), []),
        (External(labels=("discard", "insult")), said(True, label="spam"), []),
    ],
)
def test_what_counts(check: External, answer: ServiceAnswer, expected: list[str]) -> None:
    assert codes(check, answered(check, answer)) == expected


def test_what_a_moderator_reads() -> None:
    (finding,) = findings(External(), answered(External(), said(True, 97, "insult")))
    assert finding.data == {"label": "insult", "score": 97}
    ja = External.sentence(finding.code, finding.data, "ja")
    assert ja == "外部サービスの判定：insult（100点中97点）。"


def test_without_an_answer_a_required_rule_fails_and_another_sees_nothing() -> None:
    required, optional = External(), External(required=False)
    comment = answered(required, ServiceAnswer(failure="timeout"))
    with pytest.raises(NoAnswer, match="timeout"):
        findings(required, comment)
    assert findings(optional, comment) == []


def test_what_was_never_asked_is_nothing() -> None:
    assert findings(External(), submission()) == []


def test_an_import_is_asked_about_only_where_the_rule_says_so() -> None:
    comment = answered(External(), said(True), live=False)
    assert codes(External(), comment) == []
    assert codes(External(ask_imports=True), comment) == ["hit"]


def test_rules_that_would_ask_the_same_share_an_answer() -> None:
    same = [External(url=AKISMET), External(from_score=5, labels=("x",), required=False, deadline_ms=100)]
    same += [External(ask_imports=True), External(send_address=True)]
    assert {each.service for each in same} == {External().service}
    others: list[Check] = [
        External(send_email=True),
        External(blog="https://a.example/"),
        External(credential="SEKISHO_EXTERNAL_OTHER"),
        External(url="https://other.example/1.1/comment-check"),
        External(protocol="signed", url=AKISMET),
    ]
    assert len({External().service, *(each.service for each in others)}) == 6  # type: ignore[attr-defined]
    assert len(External().service) == 12


def test_it_asks_for_a_fact_of_its_own() -> None:
    assert External().needs == Needs(external=True)


@pytest.mark.parametrize(
    ("given", "parameter"),
    [
        ({"protocol": "signed"}, "url"),
        ({"url": "ftp://a.example/"}, "url"),
        ({"url": "a.example"}, "url"),
        ({"url": "https://user:secret@a.example/"}, "url"),
        ({"url": "https://a.example/#x"}, "url"),
        ({"url": "https://a.example:99999/"}, "url"),
        ({"url": "https://a.ex\u200bample/"}, "url"),
        ({"blog": "our blog"}, "blog"),
        ({"credential": "abc123secret"}, "credential"),
        ({"credential": "SECRET_KEY"}, "credential"),
        ({"credential": "SEKISHO_EXTERNAL_OURS_HOSTS"}, "credential"),
        ({"credential": "SEKISHO_EXTERNAL_"}, "credential"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_parameter(given: dict[str, Any], parameter: str) -> None:
    with pytest.raises(Refused) as refused:
        External(**given)
    assert refused.value.parameter == parameter
    # What was typed may be the key itself.
    assert "abc123secret" not in refused.value.en + refused.value.ja


def test_a_protocol_is_one_of_two() -> None:
    with pytest.raises(ValueError, match="protocol must be one of akismet, signed, not smtp"):
        External(protocol="smtp")
