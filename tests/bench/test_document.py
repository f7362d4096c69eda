"""The document of the benchmarks says what was measured and what falls short."""

from bench.document import render

RESULTS = {
    "at": "2026-01-10T09:00:00+00:00",
    "machine": "2 cores",
    "days": {"posting": "2026-01-09"},
    "posting": {"ratio": 0.65, "posts a second": 1234.5, "rounds": 7},
}


def test_a_figure_below_its_bound_is_marked() -> None:
    text = render(RESULTS, ("posting", "screening"), [("posting", "ratio", 0.7, True)])
    assert "on 2 cores" in text
    assert "Measured on 2026-01-09." in text
    assert "| ratio | 0.65 | ≥ 0.7, **short** |" in text
    assert "| posts a second | 1,234 |  |" in text
    assert "Screening" not in text


def test_a_figure_on_the_right_side_is_not() -> None:
    text = render(RESULTS, ("posting",), [("posting", "ratio", 0.6, True), ("posting", "rounds", 7, False)])
    assert "| ratio | 0.65 | ≥ 0.6 |" in text
    assert "| rounds | 7 | ≤ 7 |" in text
