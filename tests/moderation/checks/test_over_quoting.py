from typing import Any

import pytest

from moderation.checks.base import Needs, Submission
from moderation.checks.over_quoting import OverQuoting
from moderation.quotes import Quoted, Traced, Verdict, find
from tests.moderation.checks.cases import codes, findings, marked, submission

# 50 characters with their marker.
JA = "＞" + "市は来年度から港の再開発を始めると発表した。" * 2 + "費用は百億"
EN = "> The council will begin to rebuild the harbour next year, and says that it will cost twelve million."


def quoting(body: str) -> Submission:
    """A comment with its quotes found as screening finds them."""
    return submission(body, quotes=tuple(Traced(each, Verdict.VERBATIM) for each in find(body)))


def below(quote: str, own: str, times: int = 1) -> str:
    return "\n".join([quote] * times) + f"\n\n{own}"


@pytest.mark.parametrize(
    ("params", "body", "expected"),
    [
        ({}, below(JA, "同感です。", 4), ["share"]),
        ({}, below(EN, "So true.", 4), ["share"]),
        # 50 of 50 + 50, and the boundary on both sides.
        ({"least": 1, "percent": 50}, below(JA, "あ" * 50), ["share"]),
        ({"least": 1, "percent": 50}, below(JA, "あ" * 51), []),
        ({"least": 50, "percent": 50}, below(JA, "あ" * 50), ["share"]),
        ({"least": 51, "percent": 50}, below(JA, "あ" * 50), []),
        # Blanks, also the wide one, are no words.
        ({"least": 1, "percent": 51}, below(JA, "あ" * 50 + "　 \n" * 40), []),
        ({"least": 1, "percent": 50}, below(JA, "あ" * 50 + "　 \n" * 40), ["share"]),
        # How people answer.
        ({}, below(JA, "同感です。"), []),
        ({}, below(JA, "本当に百億で足りるのか、前回の工事の例からすると疑問です。" * 2, 4), []),
        # Nothing but a quote.
        ({}, "\n".join([JA] * 4), ["share"]),
        ({}, "駅前の工事はいつ終わるのでしょうか。" * 20, []),
        ({}, "＞松田さん\nその通りだと思います。" + "ありがとうございます。" * 20, []),
        ({}, "", []),
    ],
)
def test_over_quoting(params: dict[str, Any], body: str, expected: list[str]) -> None:
    assert codes(OverQuoting(**params), quoting(body)) == expected


def test_what_is_told() -> None:
    comment = quoting(below(JA, "同感です。", 4))
    (finding,) = findings(OverQuoting(), comment)
    assert finding.data == {"share": 97, "characters": 200, "percent": 90}
    assert marked(OverQuoting(), comment) == ["\n".join([JA] * 4)]
    # The words stand in the comment: nothing of them is copied into the finding.
    assert finding.evidence == ()


def test_passages_that_overlap_count_once() -> None:
    body = "あ" * 100
    quotes = tuple(
        Traced(Quoted(start, end, body[start:end]), Verdict.MISSING) for start, end in ((0, 60), (40, 80))
    )
    (finding,) = findings(OverQuoting(percent=1, least=1), submission(body, quotes=quotes))
    assert finding.data["share"] == 80


def test_facts_asked_for() -> None:
    assert OverQuoting().needs == Needs(quotes=True)
