"""`manage.py tryout`."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from comments.models import Article, Site
from moderation import backtest
from moderation.models import RuleSet, Tryout
from tests import newsroom, world
from tests.moderation.backtest.newspaper import LIVE, judge, load_rules, post

pytestmark = pytest.mark.django_db
# The comments of these tests are of the past: as far back as a try-out goes.
ALL = 3_650


def run(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("tryout", *arguments, days=ALL, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def article(site: Site) -> Article:
    load_rules()
    article = newsroom.make_article(site)
    sent = post(article, LIVE[:6])
    judge(site, sent[3], "reject")
    return article


@pytest.mark.usefixtures("article")
def test_a_rule_as_it_is_saved() -> None:
    told = run("--rule", "links-many")
    assert "done: 6 comments tried, 0 erased." in told
    assert "1: 1 right, 0 false alarms, 0 never looked at; precision 100% (21% to 100%)" in told
    assert "As stored: 1 hits to the letter." in told


@pytest.mark.usefixtures("article")
def test_the_rule_set_in_force_as_json() -> None:
    told = json.loads(run("--json"))
    assert (told["status"], told["tried"], told["draft"]["hits"]) == ("done", 6, 4)
    assert told["rules"]["links-many"] == {
        "hits": 1, "right": 1, "false_alarms": 0, "unseen": 0, "precision": 1.0,
        "interval": [pytest.approx(0.2065, abs=1e-4), 1.0],
    }  # fmt: skip
    assert (told["newly_caught"]["hits"], told["newly_missed"]["hits"]) == (0, 0)
    assert told["not_as_stored"] == {}
    assert told["rules"]["flood-author"]["interval"] is None


def test_an_earlier_rule_set_beside_the_one_in_force(site: Site, article: Article) -> None:
    before = RuleSet.objects.latest("pk")
    world.make_rule("links", slug="any-link", params={"most": 0}, action="hold")
    told = json.loads(run("--rule-set", str(before.pk), "--site", site.slug, "--json"))
    assert (told["newly_caught"]["hits"], told["newly_missed"]["hits"]) == (0, 1)


@pytest.mark.usefixtures("article")
@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"rule": "no-such"}, "there is no rule 'no-such'; there are: "),
        ({"site": "elsewhere"}, "there is no site 'elsewhere'; there are: asagiri."),
        ({"rule_set": 99_999}, "there is no such rule set"),
        ({"days": 0}, "--days: a try-out goes back from 1 to 3,650 days, not 0."),
    ],
)
def test_wrong_arguments_say_what_there_is(options: dict[str, Any], told: str) -> None:
    with pytest.raises(CommandError, match=told) as wrong:
        call_command("tryout", **{"stdout": io.StringIO(), **options})
    assert wrong.value.returncode == 2
    assert not Tryout.objects.exists()


@pytest.mark.usefixtures("article")
def test_an_interrupt_ends_the_tryout_and_keeps_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(**_: Any) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(backtest, "run_next", interrupted)
    with pytest.raises(CommandError, match="ended before its time"):
        run("--rule", "links-many")
    assert Tryout.objects.get().status == "cancelled"
