from datetime import timedelta
from typing import Any

import pytest

from moderation.checks.base import Needs
from moderation.checks.facts import NearCopy
from moderation.checks.near_duplicate import NearDuplicate
from moderation.near_text import own_text, similarity
from tests.moderation.checks.cases import NOON, ago, codes, findings, marked, submission

HOUR = 3_600
BODY = "市民会館の館長の佐藤さんは、雨漏りを三年も放置していると聞きました。市は早く調べてください。"
OTHER = "市民会館の館長の小田切さんは、雨漏りを三年も放置していると聞きました。市は早く調べてください。"
ENGLISH = "The council under Mayor Whitfield has wasted our money on this bridge for ten years."
OTHER_ENGLISH = "The council under Mayor Ashdown has wasted our money on this bridge for ten years!"


def near(
    author: int = 1, seconds: float = HOUR, text: str = OTHER, body: str = BODY, **given: Any
) -> NearCopy:
    """An earlier comment, as `near_before` would bring it; author 0 is this one's."""
    one, other = own_text(body), own_text(text)
    facts: dict[str, Any] = {
        "comment": 3,
        "posted_at": ago(seconds),
        "same_author": author == 0,
        "author": author,
    }
    facts |= {"percent": similarity(one, other), "exact": one == other, "text": other}
    return NearCopy(**(facts | given))


@pytest.mark.parametrize(
    ("params", "before", "expected"),
    [
        ({}, (), []),
        ({}, (near(0),), ["own"]),
        ({}, (near(1), near(2)), []),
        ({}, (near(1), near(2), near(3)), ["others"]),
        ({}, (near(1), near(1), near(1), near(0)), ["own", "others"]),
        ({"own": 0}, (near(0),), []),
        ({"own": 2}, (near(0),), []),
        ({"others": 0}, (near(1), near(2), near(3)), []),
        # What is the same in every letter is another check's, but counts where one differs.
        ({}, (near(0, text=BODY),), []),
        ({}, (near(1), near(2, text=BODY), near(3, text=BODY)), ["others"]),
        ({}, (near(0, text=BODY), near(1), near(2), near(3)), ["others"]),
        # The bound is part of what is asked for.
        ({}, (near(0, percent=80),), ["own"]),
        ({}, (near(0, percent=79),), []),
        ({"percent": 95}, (near(0, percent=94),), []),
        ({"hours": 2}, (near(0, 2 * HOUR - 1),), ["own"]),
        ({"hours": 2}, (near(0, 2 * HOUR),), []),
        # The comment has 43 letters of its own.
        ({"least": 43}, (near(0),), ["own"]),
        ({"least": 44}, (near(0),), []),
    ],
)
def test_near_duplicate(params: dict[str, Any], before: Any, expected: list[str]) -> None:
    assert codes(NearDuplicate(**params), submission(BODY, near=before)) == expected


def test_english_too() -> None:
    before = near(0, text=OTHER_ENGLISH, body=ENGLISH)
    assert codes(NearDuplicate(), submission(ENGLISH, near=(before,))) == ["own"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            "ご逝去の報に接し、心よりお悔やみ申し上げます。ご冥福をお祈りいたします。",
            "突然の訃報に接し、心よりお悔やみ申し上げます。謹んでご冥福をお祈りいたします。",
        ),
        (
            "被災された皆様に心よりお見舞い申し上げます。一日も早い復旧をお祈りしております。",
            "被災された方々に心よりお見舞い申し上げます。一日も早い復興をお祈り申し上げます。",
        ),
    ],
)
def test_what_many_write_of_one_sorrow_is_no_template(body: str, text: str) -> None:
    before = tuple(near(author, text=text, body=body) for author in (1, 2, 3))
    assert all(each.percent >= NearDuplicate().percent for each in before)
    assert codes(NearDuplicate(), submission(body, near=before)) == []


def test_what_is_told() -> None:
    before = (near(1, 60, comment=9, percent=85), near(2, comment=5), near(2, comment=4), near(3, comment=2))
    (finding,) = findings(NearDuplicate(), submission(BODY, near=before))
    assert finding.data == {"count": 4, "hours": 24, "authors": 3, "nearest": 5, "percent": 94}
    assert finding.evidence == ()


def test_what_both_have_is_lit_and_quotes_and_links_are_not() -> None:
    body = f"> 館長は雨漏りを認めた。\n{BODY} https://example.jp/?id=2 みなさんも電話してください。"
    before = near(0, text=f"{OTHER}みなさんも電話してください。", body=body)
    assert marked(NearDuplicate(), submission(body, near=(before,))) == [
        "市民会館の館長の",
        "さんは、雨漏りを三年も放置していると聞きました。市は早く調べてください。 ",
        " みなさんも電話してください",
    ]


def test_an_import_counts_by_its_own_times() -> None:
    posted = NOON - timedelta(days=30)
    before = (near(0, posted_at=posted - timedelta(hours=1)),)
    assert codes(NearDuplicate(), submission(BODY, live=False, posted_at=posted, near=before)) == ["own"]
    assert codes(NearDuplicate(), submission(BODY, live=True, posted_at=posted, near=before)) == []


def test_facts_asked_for() -> None:
    assert NearDuplicate(hours=2).needs == Needs(near_seconds=2 * HOUR, near_rows=20)
