"""What a rule hit and a person published: by rule and site, the newest first, at a bounded cost."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.models import Article, Comment, Site
from moderation.disagreements import disagreements
from moderation.models import Case, Decision, Rule
from moderation.services import Wanted, decide, screen, undo
from tests import newsroom, world
from tests.world import NOON, make_reason

pytestmark = pytest.mark.django_db
PAGE = reverse("desk:disagreements")


@pytest.fixture
def lead(site: Site) -> User:
    return newsroom.make_person(site, "hara", "Lead", first_name="恵", last_name="原")


@pytest.fixture
def observing(article: Article) -> Rule:
    """A rule that observes shouting, beside one that brings the nameless to the desk."""
    newsroom.make_rules()
    return world.make_rule("repeated_characters", slug="drawn-out", mode="observe", name_ja="引き伸ばし")


def published(article: Article, *bodies: str, by: User, action: str = "publish") -> list[Decision]:
    """Nameless comments that a person decided one after the other."""
    for body in bodies:
        world.send(article, body, author_name="")
    screen(now=lambda: NOON)
    for case in Case.objects.filter(closed_at=None).order_by("pk"):
        reason = make_reason().pk if action == "reject" else None
        wanted = Wanted(case.pk, action, newsroom.comment_of(case).version, reason_id=reason)
        decide([wanted], by=by, now=NOON)
    return list(Decision.objects.filter(by=by).order_by("-pk")[: len(bodies)])


LONG = f"すご{'い' * 25}！"


def test_what_an_observing_rule_hit_and_a_person_published(
    site: Site, article: Article, observing: Rule, lead: User
) -> None:
    published(article, f"一、{LONG}", "静かな意見です。", f"二、{LONG}", by=lead)
    published(article, f"三、{LONG}", by=lead, action="reject")
    found = disagreements([site.pk])
    bodies = Comment.objects.in_bulk([each.comment for each in found])
    assert [bodies[each.comment].body[:1] for each in found] == ["二", "一"]
    assert {each.rule_version for each in found} == {observing.versions.get().pk}
    assert disagreements([site.pk], after=found[0].id) == found[1:]
    assert disagreements([site.pk], most=1) == found[:1]
    assert disagreements([site.pk], observing.pk) == found
    # Of a rule that is enforced its own page tells, and this one where it is asked for.
    nameless = Rule.objects.get(slug="name")
    assert len(disagreements([site.pk], nameless.pk)) == 3
    other = world.make_site("yunagi")
    assert disagreements([other.pk]) == []
    assert disagreements([]) == []


def test_what_is_taken_back_is_none(site: Site, article: Article, observing: Rule, lead: User) -> None:
    (decision,) = published(article, LONG, by=lead)
    assert disagreements([site.pk])
    undo(decision.pk, by=lead, now=NOON)
    assert disagreements([site.pk]) == []


def test_the_page_says_who_published_what_and_where_the_rule_is(
    article: Article, observing: Rule, lead: User, client: Client
) -> None:
    (decision,) = published(article, f"<b>{LONG}</b>", by=lead)
    client.force_login(lead)
    page = client.get(PAGE).content.decode()
    assert "引き伸ばし" in page
    assert "原 恵" in page
    assert f"&lt;b&gt;{LONG}" in page
    assert reverse("desk:case", args=[decision.case_id]) in page
    assert reverse("admin:moderation_rule_change", args=[observing.pk]) in page
    assert client.get(f"{PAGE}?rule={observing.pk}").content.decode().count('li class="panel"') == 1
    assert client.get(f"{PAGE}?rule=0&site=x&after=-1").status_code == 200


def test_many_ask_no_more_than_few(article: Article, observing: Rule, lead: User, client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(PAGE).status_code == 200
        return len(captured)

    client.force_login(lead)
    published(article, LONG, by=lead)
    # How many wait is counted for the sidebar once in a while.
    client.get(PAGE)
    few = queries()
    published(article, *(f"{at}、{LONG}" for at in range(40)), by=lead)
    assert queries() == few
    page = client.get(PAGE)
    assert len(page.context["lines"]) == 30
    older = client.get(f"{PAGE}?after={page.context['after']}")
    assert len(older.context["lines"]) == 11
