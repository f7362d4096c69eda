from typing import Any

import pytest

from moderation.checks.quotes import TELLS, Quotes
from moderation.quotes import Difference, DifferenceKind, Quoted, Source, Traced, Verdict
from tests.moderation.checks.cases import codes, findings, marked, submission

BODY = "> 工事は三月に終わる予定だった\n本当ですか。\n＞そうです。\n> The mayor had promised it twice\nno."
ARTICLE = Source("article", 1, 1, "body", "工事は三月に終わる予定だった。")


def traced(passage: str, verdict: Verdict) -> Traced:
    """A passage of `BODY`, as it was traced."""
    start = BODY.index(passage)
    text = passage.lstrip(">＞ ")
    return Traced(
        Quoted(start, start + len(passage), text), verdict, ARTICLE if verdict != "missing" else None
    )


JAPANESE, SHORT, ENGLISH = (
    "> 工事は三月に終わる予定だった",
    "＞そうです。",
    "> The mayor had promised it twice",
)


@pytest.mark.parametrize(
    ("quotes", "least", "expected"),
    [
        ((), 10, []),
        (((JAPANESE, Verdict.VERBATIM), (ENGLISH, Verdict.FOLDED)), 1, []),
        (((JAPANESE, Verdict.MISSING),), 10, [(JAPANESE, 14)]),
        (((JAPANESE, Verdict.MISSING),), 14, [(JAPANESE, 14)]),
        (((JAPANESE, Verdict.MISSING),), 15, []),
        (((SHORT, Verdict.MISSING),), 4, [(SHORT, 4)]),
        (((SHORT, Verdict.MISSING),), 5, []),
        (
            ((JAPANESE, Verdict.MISSING), (SHORT, Verdict.VERBATIM), (ENGLISH, Verdict.MISSING)),
            10,
            [(JAPANESE, 14), (ENGLISH, 26)],
        ),
    ],
)
def test_quotes(quotes: tuple[tuple[str, Verdict], ...], least: int, expected: list[tuple[str, int]]) -> None:
    check = Quotes(least=least)
    comment = submission(BODY, quotes=tuple(traced(*quote) for quote in quotes))
    assert marked(check, comment) == [passage for passage, _ in expected]
    found = findings(check, comment)
    assert [finding.data["characters"] for finding in found] == [count for _, count in expected]
    assert [finding.evidence for finding in found] == [(passage.lstrip(">＞ "),) for passage, _ in expected]


def test_quotes_are_asked_for() -> None:
    assert Quotes().needs.quotes


def faulty(verdict: Verdict, *kinds: DifferenceKind, similarity: float = 0.97, **fields: Any) -> Traced:
    """The Japanese passage of `BODY` with these differences from the article."""
    quoted = Quoted(0, len(JAPANESE), JAPANESE.lstrip("> "))
    differences = tuple(Difference(kind, "予定だった", "予定ではなかった") for kind in kinds)
    return Traced(quoted, verdict, ARTICLE, 0, 14, similarity=similarity, differences=differences, **fields)


NEGATION, NUMBER, WORDING, ATTRIBUTION = (
    DifferenceKind.NEGATION,
    DifferenceKind.NUMBER,
    DifferenceKind.WORDING,
    DifferenceKind.ATTRIBUTION,
)


@pytest.mark.parametrize(
    ("traced", "expected"),
    [
        (faulty(Verdict.VERBATIM), []),
        (faulty(Verdict.ELIDED), []),
        (faulty(Verdict.SHORT), []),
        (faulty(Verdict.ALTERED, WORDING), ["altered"]),
        (faulty(Verdict.ALTERED, WORDING, NEGATION), ["altered-negation"]),
        (faulty(Verdict.ALTERED, NUMBER, WORDING), ["altered-number"]),
        (faulty(Verdict.ALTERED, DifferenceKind.ELISION, DifferenceKind.NAME), ["altered-name"]),
        (faulty(Verdict.ALTERED, DifferenceKind.ORDER, ATTRIBUTION), ["altered-order"]),
        (faulty(Verdict.ALTERED, DifferenceKind.ELISION), ["altered-elision"]),
        (faulty(Verdict.FOLDED, ATTRIBUTION, misattributed=True), ["misattributed"]),
        (faulty(Verdict.ALTERED, NUMBER, misattributed=True), ["altered-number", "misattributed"]),
        (faulty(Verdict.HIDDEN), ["hidden"]),
        (faulty(Verdict.STALE), ["stale"]),
        (faulty(Verdict.LATER), ["later"]),
        (faulty(Verdict.MISSING), ["missing"]),
    ],
)
def test_each_fault_is_told_by_the_rules_that_ask_for_it(traced: Traced, expected: list[str]) -> None:
    comment = submission(BODY, quotes=(traced,))
    assert codes(Quotes(tell=tuple(TELLS)), comment) == expected
    for fault in TELLS:
        assert codes(Quotes(tell=(fault,)), comment) == [c for c in expected if c.split("-")[0] == fault]
    assert not codes(Quotes(tell=tuple(TELLS), least=15), comment)


def test_a_difference_is_counted_and_never_written_down() -> None:
    traced = faulty(Verdict.ALTERED, NEGATION, NEGATION, WORDING, ATTRIBUTION, similarity=0.999)
    (finding,) = findings(Quotes(tell=("altered",)), submission(BODY, quotes=(traced,)))
    assert finding.data == {
        "characters": 14,
        "similarity": 99,
        "differences": 3,
        "negation": 2,
        "wording": 1,
    }


def test_a_difference_does_not_pass_for_sameness() -> None:
    (finding,) = findings(
        Quotes(tell=("altered",)), submission(BODY, quotes=(faulty(Verdict.ALTERED, similarity=1.0),))
    )
    assert finding.data["similarity"] == 99


def test_too_many_quotes_are_told_where_asked_for() -> None:
    comment = submission(BODY, quotes=(traced(JAPANESE, Verdict.VERBATIM),), untraced=3)
    assert codes(Quotes(), comment) == ["untraced"]
    assert codes(Quotes(tell=("missing",)), comment) == []


@pytest.mark.parametrize("tell", [(), ("lost",), ("missing", "wrong")])
def test_a_rule_tells_of_what_there_is(tell: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="altered, misattributed, missing"):
        Quotes(tell=tell)
