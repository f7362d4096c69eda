import pytest

from moderation.checks.quotes import Quotes
from moderation.quotes import Quoted, Source, Traced, Verdict
from tests.moderation.checks.cases import findings, marked, submission

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
