"""Open cases narrowed and counted: the facets stay true whoever writes, and every look stays on its index."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from comments import bulk
from comments.erasing import erase
from comments.models import Article, Comment, Site
from comments.services import edit
from moderation import finding_cases
from moderation.finding_cases import Asked, Place
from moderation.models import Case, CaseFacet, Rule, Severity
from moderation.rules import save_rule
from moderation.services import Wanted, decide, screen, screen_again, undo
from moderation.services.cases import open_cases
from tests import facets, newsroom, world
from tests.world import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(site: Site) -> Article:
    newsroom.make_rules()
    return newsroom.make_article(site)


def of(*sites: Site) -> Asked:
    return Asked([site.pk for site in sites])


def test_facets_stay_true_through_a_case_s_life(article: Article) -> None:
    def true() -> bool:
        assert facets.stored() == facets.expected()
        return bool(facets.stored())

    _, misquote, spam, nameless = newsroom.open_cases(article)
    assert true()
    mori = world.make_member(article.site)
    case = newsroom.case_of(spam)
    (done,) = decide([Wanted(case.pk, "publish", newsroom.comment_of(case).version)], by=mori, now=NOON)
    assert true()
    assert not CaseFacet.objects.filter(case=case.pk).exists()
    assert done.decision_id is not None
    undo(done.decision_id, by=mori, now=NOON)
    assert true()
    assert CaseFacet.objects.filter(case=case.pk, facet="severity:3").exists()
    # Something further becomes known of an open case.
    with transaction.atomic():
        open_cases({Comment.objects.get(pk=nameless.comment_id): ["quote-hidden"]}, Severity.HIGH, NOON)
    assert true()
    assert CaseFacet.objects.filter(case=newsroom.case_of(nameless).pk, facet="check:quote-hidden").exists()
    # The rule is gone, and what waits is screened again.
    links = Rule.objects.get(slug="links")
    links.mode = "off"
    save_rule(links)
    screen_again([spam.comment_id, misquote.comment_id])
    screen(now=lambda: NOON + timedelta(hours=1))
    assert true()
    assert not CaseFacet.objects.filter(facet=f"rule:{links.pk}").exists()
    with transaction.atomic():
        erase([misquote.comment_id], now=NOON)
    assert true()
    assert newsroom.make_run_case(article.site)
    assert true()


def test_an_author_who_became_another_is_found_as_such(article: Article) -> None:
    nameless = newsroom.open_cases(article)[3]
    with transaction.atomic():
        comment = Comment.objects.select_for_update().get(pk=nameless.comment_id)
        edit(comment, "書き直しました。", now=NOON)
        Comment.objects.filter(pk=comment.pk).update(author_key=None)
        bulk.execute("SELECT moderation_renew_facets(%s)", [[newsroom.case_of(nameless).pk]])
    assert facets.stored() == facets.expected()


def test_a_write_that_changes_nothing_of_it_writes_no_facet(article: Article) -> None:
    newsroom.open_cases(article)
    version = "SELECT max(xmin::text::bigint), count(*) FROM moderation_casefacet"
    before = bulk.fetch(version)
    Case.objects.update(closed_why="")
    assert bulk.fetch(version) == before


def make_facets(site: Site, number: int, facet: str = "open", *, start: int = 0) -> None:
    """So many open cases, a minute apart, as the queue sees them."""
    bulk.execute(
        """INSERT INTO moderation_casefacet (case_id, facet, site_id, due_at, opened_at)
           SELECT n, %s, %s, %s + n * interval '1 minute', %s + n * interval '1 second'
           FROM generate_series(%s::bigint, %s) AS n""",
        [facet, site.pk, NOON, NOON, start + 1, start + number],
    )


def test_pages_go_forth_and_back_without_a_gap(site: Site) -> None:
    other = world.make_site("other")
    make_facets(site, 30)
    make_facets(other, 30, start=30)
    make_facets(world.make_site("third"), 5, start=60)
    asked = of(site, other)
    pages, after = [], None
    while found := finding_cases.page(asked, 7, after=after):
        pages += found
        after = found[-1]
    assert [place.case for place in pages] == list(range(1, 61))
    back = finding_cases.page(asked, 100, before=pages[-1])
    assert back == pages[-2::-1]
    assert finding_cases.number(asked).found == 60
    assert finding_cases.page(Asked([]), 5) == []
    assert finding_cases.number(Asked([])).found == 0


def test_cases_due_at_one_moment_are_told_apart(site: Site) -> None:
    make_facets(site, 4)
    CaseFacet.objects.update(due_at=NOON)
    first = finding_cases.page(of(site), 2)
    assert [place.case for place in finding_cases.page(of(site), 5, after=first[-1])] == [3, 4]
    assert [place.case for place in finding_cases.page(of(site), 5, before=Place(NOON, 3))] == [2, 1]


def test_what_is_asked_for_holds_together(site: Site) -> None:
    make_facets(site, 20)
    make_facets(site, 10, "rule:7")
    make_facets(site, 15, "severity:1", start=5)

    def cases(**wanted: Any) -> list[int]:
        asked = replace(of(site), **wanted)
        found = [place.case for place in finding_cases.page(asked, 50)]
        assert finding_cases.number(asked).found == len(found)
        return found

    assert cases(facets=("rule:7",)) == list(range(1, 11))
    assert cases(facets=("rule:7", "severity:1")) == list(range(6, 11))
    assert cases(facets=("rule:7", "severity:2")) == []
    assert cases(due_before=NOON + timedelta(minutes=4)) == [1, 2, 3]
    assert cases(opened_after=NOON + timedelta(seconds=18)) == [18, 19, 20]
    assert cases(opened_before=NOON + timedelta(seconds=3), facets=("rule:7",)) == [1, 2]


WANTED: dict[str, dict[str, Any]] = {
    "all": {},
    "common": {"facets": ("severity:1",)},
    "rare": {"facets": ("article:9",)},
    "none": {"facets": ("rule:404",)},
    "two": {"facets": ("article:9", "severity:1")},
    "overdue": {"due_before": NOON + timedelta(hours=1)},
    "young": {"opened_after": NOON + timedelta(seconds=7_900)},
}


def test_every_look_stays_on_its_index(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each case has some eight facets, of which one statement wants one."""
    make_facets(site, 8_000)
    make_facets(site, 4_000, "severity:1")
    make_facets(site, 100, "article:9")
    for other in range(6):
        make_facets(site, 8_000, f"reason:{other}")
    bulk.execute("ANALYZE moderation_casefacet")
    for name, wanted in WANTED.items():
        asked = replace(of(site, world.make_site(name)), **wanted)
        plans = explained(
            monkeypatch, lambda asked=asked: finding_cases.page(asked, 51, after=Place(NOON, 0))
        )
        plans += explained(monkeypatch, lambda asked=asked: finding_cases.number(asked))
        assert len(plans) == 2
        nodes_ = [node for plan in plans for node in plan]
        assert {node.get("Relation Name") for node in nodes_} <= {"moderation_casefacet", None}
        assert not [node for node in nodes_ if node["Node Type"] == "Seq Scan"], name
        looked_up = [node for node in nodes_ if "Index Name" in node]
        assert len(looked_up) >= 2
        for node in looked_up:
            assert node["Index Name"] in {"case_by_facet", "moderation_casefacet_pkey"}, (name, node)
            assert "Index Cond" in node
        # A page begins at its place and ends after so many: nothing is sorted but the slices of the sites.
        assert [node["Plans"][0]["Node Type"] for node in plans[0] if node["Node Type"] == "Sort"] == [
            "Nested Loop"
        ], name


def explained(monkeypatch: pytest.MonkeyPatch, ask: Any) -> list[list[dict[str, Any]]]:
    """The nodes of the plan of every statement that `ask` makes."""
    fetch, plans = bulk.fetch, []

    def explain(sql: str, params: Any = None) -> list[tuple[Any, ...]]:
        ((plan,),) = fetch(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plans.append(list(nodes((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"])))
        return fetch(sql, params)

    with monkeypatch.context() as patched:
        patched.setattr(bulk, "fetch", explain)
        ask()
    return plans


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", ()) for node in nodes(part))]


def test_a_place_is_known_of_closed_cases_too_but_of_no_other_site(article: Article) -> None:
    case = newsroom.case_of(newsroom.open_cases(article)[2])
    Case.objects.filter(pk=case.pk).update(closed_at=datetime(2026, 1, 11, tzinfo=NOON.tzinfo))
    assert finding_cases.place_of(case.pk, [article.site_id]) == Place(case.due_at, case.pk)
    assert finding_cases.place_of(case.pk, [article.site_id + 1]) is None
