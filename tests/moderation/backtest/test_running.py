"""The life of a try-out: chunks, workers that die, people who change their mind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments.models import Article, Site
from moderation import backtest
from moderation.backtest import Counts, Period, running
from moderation.backtest.judging import place
from moderation.models import RuleSet, Tryout, TryoutChunk, TryoutHit
from moderation.scoring import Score
from moderation.services import screen, undo
from tests import newsroom, world
from tests.moderation.backtest.newspaper import LIVE, finish, judge, load_rules, post, rule, season
from tests.moderation.test_concurrency import Elsewhere
from tests.world import NOON

INSULTS = [{"body": f"第{at}回の議会も馬鹿ばかりだった。"} for at in range(12)]


@pytest.fixture
def article(site: Site) -> Article:
    return newsroom.make_article(site)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK", 3)


def end_of(tryout: Tryout) -> tuple[Any, ...]:
    """All that is left of a try-out at its end."""
    tryout.refresh_from_db()
    hits = TryoutHit.objects.filter(tryout=tryout).order_by("kind", "place")
    kept = list(hits.values("comment", "kind", "judged", "place", "findings"))
    assert not TryoutChunk.objects.filter(tryout=tryout).exists()
    return tryout.status, tryout.counts, kept


@pytest.mark.django_db
def test_what_people_decided_says_how_right_a_rule_is(site: Site, article: Article) -> None:
    load_rules()
    right, false_alarm, undone, again, _ = post(article, INSULTS[:5])
    judge(site, right, "reject")
    judge(site, false_alarm, "publish")
    moderator = judge(site, undone, "reject")
    undo(moderator, by=User.objects.get(username="mori"), now=NOON)
    undo(judge(site, again, "reject"), by=User.objects.get(username="mori"), now=NOON)
    judge(site, again, "publish")
    counts = Counts.from_json(finish(backtest.try_rule(rule("words-insults"), season())).counts)
    assert counts.compared.draft == Score(right=1, false_alarms=2, unseen=2)
    assert counts.compared.draft.precision == pytest.approx(1 / 3)


@pytest.mark.django_db
def test_a_draft_is_compared_with_the_version_in_force(article: Article) -> None:
    links = world.make_rule("links", params={"most": 2})
    three = {"body": "https://example.org/1 https://example.org/2 https://example.org/3"}
    post(article, [three, {"body": "https://example.org/1"}, {"body": "三件とも良い記事でした。"}])
    links.params = {"most": 0}
    tryout = finish(backtest.try_rule(links, season()))
    compared = Counts.from_json(tryout.counts).compared
    assert (compared.draft.hits, compared.in_force.hits) == (2, 1)
    assert (compared.caught.hits, compared.missed.hits) == (1, 0)
    assert list(tryout.hits.order_by("kind").values_list("kind", flat=True)) == ["caught", "unseen"]
    # A draft has no findings that are stored; and it is not saved by being tried.
    assert Counts.from_json(tryout.counts).same == 0
    assert RuleSet.objects.count() == 1
    links.refresh_from_db()
    assert links.params == {"most": 2}

    links.params = {"most": 30}
    fewer = Counts.from_json(finish(backtest.try_rule(links, season())).counts).compared
    assert (fewer.draft.hits, fewer.missed.hits) == (0, 1)


@pytest.mark.django_db
def test_a_rule_that_was_never_saved_can_be_tried(article: Article) -> None:
    load_rules()
    post(article, LIVE[:6])
    draft = rule("links-many")
    draft.pk, draft.slug, draft.mode, draft.params = None, "new", "off", {"most": 0}
    tryout = finish(backtest.try_rule(draft, season()))
    assert (tryout.rule, tryout.against) == (None, [])
    assert Counts.from_json(tryout.counts).compared.caught.hits == 2


@pytest.mark.django_db
def test_only_the_period_and_the_site_are_tried(site: Site, article: Article) -> None:
    links = world.make_rule("links", params={"most": 0})
    other = world.make_site("yunagi")
    post(article, [{"body": "https://example.org/1"}] * 3, seconds=3600)
    post(world.make_article(other), [{"body": "https://example.org/2"}])
    between = Period(NOON, timezone.now())
    assert Counts.from_json(finish(backtest.try_rule(links, between)).counts).tried == 4
    here = finish(backtest.try_rule(links, between, site=site))
    assert Counts.from_json(here.counts).tried == 3
    first = Period(NOON, NOON + (between.until - NOON).resolution)
    assert Counts.from_json(finish(backtest.try_rule(links, first, site=site)).counts).tried == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
def test_chunks_add_up_to_the_whole(article: Article, monkeypatch: pytest.MonkeyPatch) -> None:
    load_rules()
    post(article, LIVE)
    cut = end_of(finish(backtest.try_rule_set(RuleSet.objects.latest("pk"), season())))
    monkeypatch.setattr(running, "CHUNK", 2_000)
    whole = end_of(finish(backtest.try_rule_set(RuleSet.objects.latest("pk"), season())))
    assert cut == whole
    assert cut[1]["tried"] == len(LIVE)


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
def test_samples_are_those_of_the_least_places(article: Article, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SAMPLES", 4)
    load_rules()
    sent = [each.comment_id for each in post(article, INSULTS)]
    tryout = finish(backtest.try_rule(rule("words-insults"), season()))
    kept = set(tryout.hits.values_list("comment", flat=True))
    assert kept == set(sorted(sent, key=place)[:4])
    hit = tryout.hits.first()
    assert hit
    assert hit.findings[0]["spans"]
    assert "馬鹿" not in str(hit.findings)


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
def test_a_worker_that_dies_gives_its_chunk_back(article: Article, monkeypatch: pytest.MonkeyPatch) -> None:
    load_rules()
    post(article, LIVE)
    undisturbed = end_of(finish(backtest.try_rule_set(RuleSet.objects.latest("pk"), season())))
    tryout = backtest.try_rule_set(RuleSet.objects.latest("pk"), season())
    keep, calls = running._keep, []

    def dies(*arguments: Any) -> None:
        keep(*arguments)
        calls.append(1)
        if len(calls) % 2:
            raise OperationalError("the server closed the connection")

    monkeypatch.setattr(running, "_keep", dies)
    for _ in range(60):
        try:
            if not backtest.run_next():
                break
        except OperationalError:
            pass
    assert end_of(tryout) == undisturbed
    assert len(calls) == 2 * -(-len(LIVE) // 3)


@pytest.mark.django_db
def test_an_error_of_its_own_ends_a_tryout_and_says_so(
    article: Article, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    load_rules()
    post(article, LIVE[:3])

    def breaks(*_: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(running, "try_slice", breaks)
    tryout = finish(backtest.try_rule(rule("links-many"), season()))
    assert (tryout.status, tryout.error) == ("failed", "RuntimeError: broken on purpose")
    assert not tryout.chunks.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
def test_a_tryout_pauses_goes_on_and_is_cancelled(article: Article) -> None:
    load_rules()
    post(article, INSULTS)
    tryout = backtest.try_rule(rule("words-insults"), season())
    assert backtest.run_next()
    assert backtest.pause(tryout.pk)
    assert not backtest.pause(tryout.pk)
    assert not backtest.run_next()
    assert backtest.go_on(tryout.pk)
    assert not backtest.go_on(tryout.pk)
    assert backtest.run_next()
    assert backtest.cancel(tryout.pk, NOON)
    assert not backtest.cancel(tryout.pk, NOON)
    assert not backtest.run_next()
    status, counts, kept = end_of(tryout)
    assert (status, counts["tried"], len(kept)) == ("cancelled", 6, 6)


@pytest.mark.django_db
def test_one_chunk_costs_as_many_queries_as_another(article: Article) -> None:
    """For few comments and for many; and a rule asks only for the facts that it needs."""
    load_rules()
    costs = {}
    for few, rows in ((True, LIVE), (False, LIVE * 3)):
        post(article, rows, start=NOON + timedelta(days=len(rows)))
        for slug in ("words-insults", "flood-author", "quote-missing"):
            backtest.try_rule(rule(slug), season())
            with CaptureQueriesContext(connection) as captured:
                assert backtest.run_next()
            costs[slug, few] = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    for slug in ("words-insults", "flood-author", "quote-missing"):
        assert len(costs[slug, False]) == len(costs[slug, True]), slug
    assert len(costs["flood-author", False]) == len(costs["words-insults", False]) + 1
    assert not any("author_key" in sql and "LATERAL" in sql for sql in costs["words-insults", False])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_chunks")
def test_two_workers_share_the_chunks_and_end_the_same(site: Site) -> None:
    load_rules()
    post(newsroom.make_article(site), LIVE)
    alone = end_of(finish(backtest.try_rule_set(RuleSet.objects.latest("pk"), season())))
    shared = backtest.try_rule_set(RuleSet.objects.latest("pk"), season())
    done: list[list[bool]] = [[], []]

    def work(mine: list[bool]) -> None:
        while backtest.run_next():
            mine.append(True)

    workers = [Elsewhere(lambda mine=mine: work(mine)) for mine in done]  # type: ignore[misc]
    for worker in workers:
        worker.join()
        assert worker.error is None
    while backtest.run_next():
        pass
    assert end_of(shared) == alone
    assert len(done[0]) + len(done[1]) == -(-len(LIVE) // 3)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_chunks")
def test_a_ring_finds_more_hands(site: Site) -> None:
    """A chunk is announced once it is claimed if another is left, and after it."""
    load_rules()
    post(newsroom.make_article(site), LIVE[:4])
    backtest.try_rule(rule("links-many"), season())
    rings: list[str] = []
    assert backtest.run_next(on_more=lambda: rings.append("first"))
    assert backtest.run_next(on_more=lambda: rings.append("last"))
    assert not backtest.run_next(on_more=lambda: rings.append("none"))
    assert rings == ["first", "first"]
    assert screen().claimed == 0
