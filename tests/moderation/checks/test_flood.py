from datetime import datetime

import pytest

from moderation.checks.base import Needs
from moderation.checks.flood import Flood
from tests.moderation.checks.cases import NOON, ago, codes, findings, submission

Times = tuple[datetime, ...]


def times(*seconds: float) -> Times:
    return tuple(map(ago, seconds))


@pytest.mark.parametrize(
    ("params", "author", "address", "expected"),
    [
        ({}, (), (), []),
        ({}, times(1, 2, 3), (), []),
        ({}, times(1, 2, 3, 4), (), ["author"]),
        ({}, times(1, 2, 3, 59.999), (), ["author"]),
        ({}, times(1, 2, 3, 60), (), []),
        ({}, times(0, 0, 0, 0), (), ["author"]),
        ({}, times(1, 2, 3, -1), (), []),
        ({"author_most": 1}, times(30), (), ["author"]),
        ({"author_most": 0}, times(1, 2, 3, 4, 5, 6), (), []),
        ({"seconds": 10}, times(1, 2, 9, 10), (), []),
        ({"seconds": 11}, times(1, 2, 9, 10), (), ["author"]),
        ({}, (), times(*range(14)), []),
        ({}, (), times(*range(15)), ["address"]),
        ({"address_most": 0}, (), times(*range(50)), []),
        ({}, times(1, 2, 3, 4), times(*range(15)), ["author", "address"]),
    ],
)
def test_flood(params: dict[str, int], author: Times, address: Times, expected: list[str]) -> None:
    assert codes(Flood(**params), submission(author_times=author, address_times=address)) == expected


def test_an_import_counts_by_its_own_times() -> None:
    earlier = times(3_601, 3_602, 3_603, 3_604)
    imported = submission(live=False, posted_at=ago(3_600), arrived_at=NOON, author_times=earlier)
    live = submission(live=True, posted_at=ago(3_600), arrived_at=NOON, author_times=earlier)
    assert codes(Flood(), imported) == ["author"]
    assert codes(Flood(), live) == []


def test_facts_asked_for_and_told() -> None:
    assert Flood().needs == Needs(author_seconds=60, author_rows=4, address_seconds=60, address_rows=15)
    assert Flood(author_most=0).needs == Needs(address_seconds=60, address_rows=15)
    (finding,) = findings(Flood(), submission(author_times=times(1, 2, 3, 4)))
    assert finding.data == {"count": 5, "most": 4, "seconds": 60}
    assert finding.spans == ()
