"""A try-out reads what a service said at the time, and asks nobody."""

from __future__ import annotations

import json

import pytest

from comments.models import Article
from moderation import backtest
from moderation.backtest import Counts
from moderation.models import ExternalAnswer, Rule, RuleSet, Tryout
from moderation.services import screen
from tests import world
from tests.moderation.backtest.newspaper import finish, season
from tests.moderation.external.conftest import NO, Asked, Service, make_rule, params
from tests.world import NOON

pytestmark = pytest.mark.django_db


def counts_of(tryout: Tryout) -> Counts:
    done = finish(tryout)
    assert (done.status, done.error) == ("done", "")
    return Counts.from_json(done.counts)


def answer(asked: Asked) -> tuple[int, dict[str, str], bytes]:
    """A score that stands in the text; nothing where none does."""
    body = json.loads(asked.body)["data"]["body"]
    if not body[:1].isdigit():
        return 503, {}, b""
    score = int(body.partition("点")[0])
    return 200, {}, json.dumps({"hit": score >= 90, "score": score, "label": "promotion"}).encode()


@pytest.fixture
def rule(service: Service, article: Article) -> Rule:
    service.answer = answer
    made = make_rule(service, from_score=80)
    world.send_many(article, ["95点の宣伝です。", "85点の宣伝です。", "60点の宣伝です。", "0点です。"])
    screen(now=lambda: NOON)
    world.send(article, "答えのない宣伝です。")
    screen(now=lambda: NOON)
    assert len(service.asked) == 5
    # Whatever is asked or stored later: the decisions have what was said then.
    service.asked.clear()
    ExternalAnswer.objects.all().delete()
    service.answer = lambda _asked: NO
    return made


def test_what_was_stored_comes_out_to_the_letter(service: Service, rule: Rule) -> None:
    counts = counts_of(backtest.try_rule_set(RuleSet.objects.latest("pk"), season()))
    assert (counts.tried, counts.same, counts.differing, counts.failed) == (5, 2, {}, 1)
    assert service.asked == []


def test_another_threshold_is_tried_on_the_same_answers(service: Service, rule: Rule) -> None:
    rule.params = {**rule.params, "from_score": 50, "required": False}
    counts = counts_of(backtest.try_rule(rule, season()))
    # The one that failed is that of the version in force, which stands beside it.
    assert (counts.compared.draft.hits, counts.compared.caught.hits, counts.failed) == (3, 1, 1)
    assert service.asked == []


def test_what_nobody_was_asked_for_hits_nothing(service: Service, rule: Rule) -> None:
    rule.params = params(service, send_email=True)
    counts = counts_of(backtest.try_rule(rule, season()))
    assert (counts.compared.draft.hits, counts.compared.missed.hits, counts.failed) == (0, 2, 1)
    assert service.asked == []
