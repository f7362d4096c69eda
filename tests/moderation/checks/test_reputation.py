import pytest

from moderation.checks.facts import Standing
from moderation.checks.reputation import Reputation
from tests.moderation.checks.cases import codes, findings, submission


@pytest.mark.parametrize(
    ("approved", "refused", "percent", "expected"),
    [
        (0, 3, 50, []),
        (0, 4, 50, ["poor"]),
        (0, 4, 51, ["poor"]),
        (0, 4, 52, []),
        (1, 6, 50, []),
        (1, 7, 50, ["poor"]),
        (9, 1, 1, ["poor"]),
        (9, 1, 2, []),
        (0, 0, 1, []),
        (20, 0, 1, []),
    ],
)
def test_poor_is_who_is_surely_rejected_often(
    approved: int, refused: int, percent: int, expected: list[str]
) -> None:
    comment = submission("また来ました。", standing=Standing(approved=approved, refused=refused))
    assert codes(Reputation(percent=percent), comment) == expected


@pytest.mark.parametrize(
    ("approved", "refused", "expected"),
    [(0, 0, ["unproven"]), (3, 0, ["unproven"]), (4, 0, []), (9, 3, ["unproven"]), (40, 3, [])],
)
def test_unproven_is_who_may_yet_be(approved: int, refused: int, expected: list[str]) -> None:
    comment = submission(standing=Standing(approved=approved, refused=refused))
    assert codes(Reputation(tell=("unproven",), percent=50), comment) == expected


def test_the_stronger_word_is_told_with_its_counts() -> None:
    comment = submission(standing=Standing(approved=1, refused=9))
    (found,) = findings(Reputation(tell=("unproven", "poor")), comment)
    assert (found.code, found.data) == ("poor", {"judged": 10, "refused": 9, "bound": 59})
    told = Reputation.sentence(found.code, found.data, "ja")
    assert told == "この投稿者は、人が判断した10件のうち9件が却下されています（確実に59％以上）。"


def test_nothing_is_said_of_whom_nobody_knows() -> None:
    assert codes(Reputation(tell=("unproven",)), submission(standing=Standing(known=False))) == []
    assert codes(Reputation(tell=("unproven",)), submission()) == []
