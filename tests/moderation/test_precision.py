"""The live precision of rule versions: drawn from ordinary decisions, kept true by undo."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments.models import Article, Comment, Site
from comments.services import edit
from moderation.models import RuleJudgement, RuleVersion
from moderation.precision import live_scores
from moderation.scoring import Score
from moderation.services import screen, undo
from tests import world
from tests.moderation.backtest.newspaper import judge, post
from tests.world import NOON

pytestmark = pytest.mark.django_db

LINKS = {"body": "https://example.org/1 https://example.org/2 https://example.org/3", "author_name": ""}


def scores() -> dict[str, Score]:
    slugs = dict(RuleVersion.objects.values_list("pk", "rule__slug"))
    return {slugs[key]: score for key, score in live_scores(list(slugs)).items()}


@pytest.fixture
def rules(db: None) -> None:
    world.make_rule("links", slug="links", action="hold")
    world.make_rule("required_name", slug="name", action="hold", mode="observe")


@pytest.mark.usefixtures("rules")
def test_each_rule_that_hit_is_judged_by_what_a_person_decides(site: Site, article: Article) -> None:
    one, two, three = post(article, [LINKS, {**LINKS, "author_name": "舟"}, LINKS])
    assert scores() == {"links": Score(unseen=3), "name": Score(unseen=2)}
    judge(site, one, "reject")
    judge(site, two, "publish")
    assert scores() == {"links": Score(1, 1, 1), "name": Score(1, 0, 1)}
    decision = judge(site, three, "publish")
    by = User.objects.get(username="mori")
    undo(decision, by=by, now=NOON)
    assert scores() == {"links": Score(1, 1, 1), "name": Score(1, 0, 1)}
    judge(site, three, "reject")
    assert scores() == {"links": Score(2, 1, 0), "name": Score(2, 0, 0)}


@pytest.mark.usefixtures("rules")
def test_another_text_is_another_hit(site: Site, article: Article) -> None:
    (sent,) = post(article, [LINKS])
    judge(site, sent, "reject")
    comment = Comment.objects.select_for_update().get(pk=sent.comment_id)
    edit(comment, f"{LINKS['body']} https://example.org/4", now=NOON)
    screen(now=lambda: NOON)
    assert scores()["links"] == Score(right=1, unseen=1)
    judge(site, sent, "publish")
    assert scores()["links"] == Score(right=1, false_alarms=1)


@pytest.mark.usefixtures("rules")
def test_the_newest_of_several_words_counts_and_rules_without_hits_have_none(
    site: Site, article: Article
) -> None:
    post(article, [{"body": "図書館はありがたい。"}])
    assert scores() == {"links": Score(), "name": Score()}
    assert not RuleJudgement.objects.exists()
    assert live_scores([]) == {}


@pytest.mark.usefixtures("rules")
def test_two_queries_however_many_versions(site: Site, article: Article) -> None:
    post(article, [LINKS] * 3)
    versions = list(RuleVersion.objects.values_list("pk", flat=True))
    for few in (versions[:1], versions):
        with CaptureQueriesContext(connection) as captured:
            live_scores(few)
        assert len(captured) == 2
