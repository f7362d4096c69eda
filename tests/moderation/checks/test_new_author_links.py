from datetime import timedelta
from typing import Any

import pytest

from moderation.checks.base import Needs
from moderation.checks.facts import LinkedBefore
from moderation.checks.new_author_links import NewAuthorLinks
from tests.moderation.checks.cases import NOON, ago, codes, findings, marked, submission

HOUR, DAY = 3_600, 86_400
BODY = "副業で月三十万円、詳しくは https://www.mokeru.example.jp/?id=7 まで。"


def linked(author: int, seconds: float, domain: str = "example.jp", age: float = 0) -> LinkedBefore:
    return LinkedBefore(domain, ago(seconds), author, ago(seconds + age))


TWO = (linked(1, HOUR), linked(2, 2 * HOUR))


@pytest.mark.parametrize(
    ("params", "body", "before", "expected"),
    [
        ({}, BODY, TWO, ["https://www.mokeru.example.jp/?id=7"]),
        ({}, "Earn more: http://EXAMPLE.jp today", TWO, ["http://EXAMPLE.jp"]),
        ({}, "こちら→https://ｅｘａｍｐｌｅ.jp/a", TWO, ["https://ｅｘａｍｐｌｅ.jp/a"]),
        (
            {},
            "http://日本語.jp/",
            (linked(1, 1, "日本語.jp"), linked(2, 1, "日本語.jp")),
            ["http://日本語.jp/"],
        ),
        ({}, BODY, (), []),
        ({}, BODY, TWO[:1], []),
        ({}, BODY, (linked(1, HOUR), linked(1, 2 * HOUR), linked(1, 3 * HOUR)), []),
        ({"authors": 2}, BODY, TWO[:1], ["https://www.mokeru.example.jp/?id=7"]),
        ({"authors": 4}, BODY, TWO, []),
        # The window is half-open, as everywhere.
        ({}, BODY, (linked(1, HOUR), linked(2, 72 * HOUR - 1)), ["https://www.mokeru.example.jp/?id=7"]),
        ({}, BODY, (linked(1, HOUR), linked(2, 72 * HOUR)), []),
        # Seven days after his first comment an author is new to the second.
        ({}, BODY, (linked(1, 9), linked(2, 9, age=7 * DAY)), ["https://www.mokeru.example.jp/?id=7"]),
        ({}, BODY, (linked(1, 9), linked(2, 9, age=7 * DAY + 1)), []),
        # Each domain for itself.
        ({}, BODY, (linked(1, 9), linked(2, 9, "example.com")), []),
        ({}, BODY, (linked(1, 9, "example.com"), linked(2, 9, "example.com")), []),
        ({"allow": ("example.jp",)}, BODY, TWO, []),
        ({"allow": ("mokeru.example.jp",)}, BODY, TWO, []),
        ({"allow": ("other.example.jp",)}, BODY, TWO, ["https://www.mokeru.example.jp/?id=7"]),
        (
            {},
            "解説は https://ja.wikipedia.org/wiki/関所 に。",
            (linked(1, 9, "wikipedia.org"), linked(2, 9, "wikipedia.org")),
            [],
        ),
    ],
)
def test_new_author_links(params: dict[str, Any], body: str, before: Any, expected: list[str]) -> None:
    assert marked(NewAuthorLinks(**params), submission(body, linked=before)) == expected


@pytest.mark.parametrize(("age", "expected"), [(0, ["domain"]), (7 * DAY, ["domain"]), (7 * DAY + 1, [])])
def test_who_has_been_here_longer_is_not_told_of(age: float, expected: list[str]) -> None:
    comment = submission(BODY, linked=TWO, author_first_at=ago(age))
    assert codes(NewAuthorLinks(), comment) == expected


def test_the_website_counts_and_what_is_told() -> None:
    comment = submission("はじめまして。", author_url="mokeru.example.jp", linked=(*TWO, linked(3, 5)))
    (finding,) = findings(NewAuthorLinks(), comment)
    assert [span.field for span in finding.spans] == ["author_url"]
    assert finding.evidence == ("example.jp",)
    assert finding.data == {"count": 4, "hours": 72}


def test_an_import_counts_by_its_own_times() -> None:
    posted = NOON - timedelta(days=30)
    before = tuple(LinkedBefore("example.jp", posted - timedelta(hours=at), at, posted) for at in (1, 2))
    assert codes(NewAuthorLinks(), submission(BODY, live=False, posted_at=posted, linked=before)) == [
        "domain"
    ]
    assert codes(NewAuthorLinks(), submission(BODY, live=True, posted_at=posted, linked=before)) == []


def test_facts_asked_for() -> None:
    assert NewAuthorLinks(hours=2).needs == Needs(link_seconds=2 * HOUR, link_rows=50)


def test_a_suffix_is_not_allowed() -> None:
    with pytest.raises(ValueError, match="suffix"):
        NewAuthorLinks(allow=("co.jp",))
