from datetime import datetime

import pytest

from moderation.checks.article_surge import ArticleSurge
from moderation.checks.base import Needs
from tests.moderation.checks.cases import ago, codes, findings, submission


def crowd(*seconds: float) -> tuple[datetime, ...]:
    return tuple(map(ago, seconds))


@pytest.mark.parametrize(
    ("params", "others", "expected"),
    [
        ({}, crowd(*range(30)), ["surge"]),
        ({}, crowd(*range(29)), []),
        ({}, (), []),
        ({"most": 2}, crowd(0, 299.999), ["surge"]),
        ({"most": 2}, crowd(0, 300), []),
        ({"most": 2, "seconds": 301}, crowd(0, 300), ["surge"]),
        ({"most": 2}, crowd(0, -1), []),
        ({"most": 1}, crowd(5), ["surge"]),
    ],
)
@pytest.mark.parametrize("body", ["この記事を書いた記者を許すな。", "Shame on whoever wrote this."])
def test_surge(body: str, params: dict[str, int], others: tuple[datetime, ...], expected: list[str]) -> None:
    assert codes(ArticleSurge(**params), submission(body, crowd=others)) == expected


def test_an_import_is_no_surge() -> None:
    assert codes(ArticleSurge(most=1), submission(live=False, crowd=crowd(1, 2))) == []


def test_facts_asked_for_and_told() -> None:
    assert ArticleSurge(most=7).needs == Needs(crowd_seconds=300, crowd_rows=14)
    (finding,) = findings(ArticleSurge(most=2), submission(crowd=crowd(1, 2, 3)))
    assert finding.data == {"count": 4, "most": 2, "seconds": 300}
