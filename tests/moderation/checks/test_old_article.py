from datetime import timedelta
from typing import Any

import pytest

from comments.models import Site
from moderation.checks.old_article import OldArticle
from moderation.models import Finding
from moderation.services import screen
from tests import world
from tests.moderation.checks.cases import NOON, ago, codes, findings, submission

DAY = 86_400


@pytest.mark.parametrize(
    ("params", "age", "expected"),
    [
        ({}, 14 * DAY + 1, ["old"]),
        ({}, 14 * DAY, []),
        ({}, 0, []),
        ({}, -DAY, []),
        ({"days": 90}, 90 * DAY, []),
        ({"days": 90}, 90.1 * DAY, ["old"]),
    ],
)
@pytest.mark.parametrize("body", ["まだ見ている人はいますか。", "Is anybody still here?"])
def test_age(body: str, params: dict[str, Any], age: float, expected: list[str]) -> None:
    assert codes(OldArticle(**params), submission(body, article_published_at=ago(age))) == expected


def test_without_a_time_and_of_an_import_there_is_nothing_to_say() -> None:
    assert codes(OldArticle(), submission()) == []
    assert codes(OldArticle(), submission(live=False, article_published_at=ago(99 * DAY))) == []


def test_it_counts_to_the_arrival_and_tells_the_days() -> None:
    # What a reader's clock says must not help him past it.
    comment = submission(posted_at=ago(20 * DAY), arrived_at=NOON, article_published_at=ago(20.9 * DAY))
    (finding,) = findings(OldArticle(), comment)
    assert finding.data == {"days": 20, "most": 14}


def test_screening_knows_when_the_article_was_published(site: Site) -> None:
    world.make_rule("old_article")
    for days in (14, 15):
        article = world.make_article(site, published_at=world.NOON - timedelta(days=days))
        world.send(article, "今さらですが、その後どうなりましたか。")
    world.send(world.make_article(site), "公開日のない記事です。")
    screen()
    assert list(Finding.objects.values_list("data__days", flat=True)) == [15]
