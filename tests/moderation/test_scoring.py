"""Precision and its interval, and a draft beside what is in force."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.scoring import Comparison, Interval, Judged, Kind, Score, judged_by, kind_of, total, wilson


@pytest.mark.parametrize(
    ("right", "judged", "low", "high"),
    [
        # The four examples of Newcombe (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # By hand from the formula: (20 of 20) mirrors (0 of 20).
        (20, 20, 0.8389, 1.0000),
        (37, 40, 0.8014, 0.9742),
        (50, 50, 0.9287, 1.0000),
    ],
)
def test_wilson_gives_the_values_of_the_literature(right: int, judged: int, low: float, high: float) -> None:
    found = wilson(right, judged)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_nothing_is_known_of_what_nobody_judged() -> None:
    assert wilson(0, 0) == Interval(0.0, 1.0)
    assert Score(unseen=9).precision is None


@pytest.mark.parametrize(("right", "judged"), [(3, 2), (-1, 2), (1, 0)])
def test_more_right_ones_than_there_are_is_an_error(right: int, judged: int) -> None:
    with pytest.raises(ValueError, match=f"{right} of {judged}"):
        wilson(right, judged)


@given(st.integers(0, 5_000), st.integers(1, 5_000))
def test_the_interval_holds_the_share_and_mirrors(wrong: int, right: int) -> None:
    judged = right + wrong
    found, mirrored = wilson(right, judged), wilson(wrong, judged)
    assert 0 <= found.low <= right / judged <= found.high <= 1
    assert found.low == pytest.approx(1 - mirrored.high)
    assert (
        found.high - found.low >= wilson(right * 10, judged * 10).high - wilson(right * 10, judged * 10).low
    )


@pytest.mark.parametrize(
    ("status", "judged"),
    [
        ("rejected", Judged.RIGHT),
        ("published", Judged.FALSE_ALARM),
        (None, Judged.UNSEEN),
        ("held", Judged.UNSEEN),
    ],
)
def test_the_last_decision_says_whether_a_hit_was_right(status: str | None, judged: Judged) -> None:
    assert judged_by(status) is judged


def test_a_score_counts_and_weighs() -> None:
    score = Score(37, 3, 60)
    assert (score.hits, score.judged, score.precision) == (100, 40, 0.925)
    assert score.interval == wilson(37, 40)
    assert Score.of(Judged.RIGHT) + Score.of(Judged.FALSE_ALARM) + Score.of(Judged.UNSEEN) == Score(1, 1, 1)


@pytest.mark.parametrize(
    ("draft", "in_force", "judged", "kind"),
    [
        (True, True, Judged.FALSE_ALARM, Kind.FALSE_ALARM),
        (True, False, Judged.FALSE_ALARM, Kind.FALSE_ALARM),
        (True, False, Judged.RIGHT, Kind.CAUGHT),
        (True, False, Judged.UNSEEN, Kind.CAUGHT),
        (False, True, Judged.RIGHT, Kind.MISSED),
        (False, True, Judged.FALSE_ALARM, Kind.MISSED),
        (True, True, Judged.UNSEEN, Kind.UNSEEN),
        (True, True, Judged.RIGHT, Kind.RIGHT),
        (False, False, Judged.RIGHT, None),
    ],
)
def test_each_comment_is_listed_once(draft: bool, in_force: bool, judged: Judged, kind: Kind | None) -> None:
    assert kind_of(draft, in_force, judged) is kind


ANSWERS = st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from(Judged)))


@given(ANSWERS)
def test_a_comparison_adds_up(answers: list[tuple[bool, bool, Judged]]) -> None:
    """Whatever hit is in force or newly caught; what is in force is kept or newly missed."""
    all_of = total(Comparison.of(*answer) for answer in answers)
    both = total(Comparison.of(*answer) for answer in answers if answer[0] and answer[1]).draft
    assert all_of.draft == both + all_of.caught
    assert all_of.in_force == both + all_of.missed
    assert all_of.draft.hits == sum(draft for draft, _, _ in answers)
    assert Comparison.from_json(json.loads(json.dumps(all_of.as_json()))) == all_of
