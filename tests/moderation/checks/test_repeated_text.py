import pytest

from moderation.checks.base import Needs
from moderation.checks.facts import Copy
from moderation.checks.repeated_text import RepeatedText
from tests.moderation.checks.cases import NOON, ago, codes, findings, marked, submission

DAY = 86_400
TEXT = "この商品で月に三十万円稼げました。詳しくはプロフィールへ。"


def copies(own: int = 0, others: int = 0, seconds: float = 60) -> tuple[Copy, ...]:
    return tuple(
        Copy(number, ago(seconds), same_author=number < own, same_article=True)
        for number in range(own + others)
    )


@pytest.mark.parametrize(
    ("params", "earlier", "expected"),
    [
        ({}, copies(), []),
        ({}, copies(own=1), ["own"]),
        ({"own": 2}, copies(own=1), []),
        ({"own": 2}, copies(own=2), ["own"]),
        ({"own": 0}, copies(own=9), []),
        ({}, copies(others=2), []),
        ({}, copies(others=3), ["others"]),
        ({"others": 0}, copies(others=9), []),
        ({}, copies(own=1, others=3), ["own", "others"]),
        ({}, copies(own=1, seconds=DAY - 0.001), ["own"]),
        ({}, copies(own=1, seconds=DAY), []),
        ({"hours": 1}, copies(own=1, seconds=3_600), []),
        ({"hours": 1}, copies(own=1, seconds=3_599), ["own"]),
        ({}, copies(own=1, seconds=0), ["own"]),
        ({}, copies(own=1, seconds=-1), []),
    ],
)
def test_copies(params: dict[str, int], earlier: tuple[Copy, ...], expected: list[str]) -> None:
    comment = submission(TEXT, copies=earlier)
    assert codes(RepeatedText(**params), comment) == expected
    assert marked(RepeatedText(**params), comment) == [TEXT] * len(expected)


@pytest.mark.parametrize(
    ("body", "least", "expected"),
    [
        ("お疲れ様でした。", 20, []),
        ("心よりご冥福をお祈り申し上げます。", 20, []),
        ("草", 1, ["own"]),
        ("ありがとう！！", 5, ["own"]),
        ("ありがとう！！", 6, []),
        ("😀😀😀😀", 1, []),
        ("Thank you very much!", 20, []),
        ("See my profile for free coins, friends!", 20, ["own"]),
    ],
)
def test_short_texts_are_no_repetition(body: str, least: int, expected: list[str]) -> None:
    assert codes(RepeatedText(least=least), submission(body, copies=copies(own=1))) == expected


def test_an_import_counts_by_its_own_times() -> None:
    late = submission(TEXT, live=False, posted_at=ago(2 * DAY), arrived_at=NOON, copies=copies(own=1))
    assert codes(RepeatedText(), late) == []
    then = submission(TEXT, live=False, posted_at=ago(60), arrived_at=NOON, copies=copies(own=1))
    assert codes(RepeatedText(), then) == ["own"]


def test_facts_asked_for_and_told() -> None:
    assert RepeatedText().needs == Needs(copy_seconds=DAY, copy_rows=50)
    (finding,) = findings(RepeatedText(), submission(TEXT, copies=copies(own=2)))
    assert finding.data == {"count": 2, "hours": 24}
