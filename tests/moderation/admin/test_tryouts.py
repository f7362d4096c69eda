"""Trying a rule from its form, and the page of what it found."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.erasing import erase
from comments.models import Article, Comment, Disclosure, Membership, Site
from comments.services import edit
from moderation import backtest
from moderation.admin.highlight import Mark
from moderation.admin.scores import in_short, precision_in_words
from moderation.admin.tryout_page import BEFORE, SHOWN, excerpt
from moderation.models import Rule, RuleVersion, Tryout
from moderation.scoring import Score
from tests import newsroom, world
from tests.moderation.backtest.newspaper import LIVE, finish, judge, load_rules, post, rule, season
from tests.world import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(site: Site) -> Article:
    return newsroom.make_article(site)


@pytest.fixture
def lead(site: Site, client: Client) -> Client:
    load_rules()
    client.force_login(newsroom.make_person(site, "hidaka", "Lead"))
    client.cookies["django_language"] = "en"
    return client


def form_of(found: Rule, **changes: Any) -> dict[str, Any]:
    """What the form of a rule of the check `links` posts."""
    versions = {"versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}
    names = ("name_ja", "name_en", "applies_to", "mode", "action", "severity")
    terms = {**{name: getattr(found, name) for name in names}, "reason": found.reason_id, "site": ""}
    limits = {name: getattr(found, name) for name in ("breaker_pairs", "breaker_minutes")}
    return {**versions, **terms, **limits, "param_most": "2", "note": "", **changes}


def address(tryout: Tryout) -> str:
    return reverse("admin:moderation_tryout_change", args=[tryout.pk])


def change(found: Rule) -> str:
    return reverse("admin:moderation_rule_change", args=[found.pk])


def test_a_draft_is_tried_from_its_form_and_nothing_is_saved(lead: Client, article: Article) -> None:
    post(article, LIVE[:6])
    links = rule("links-many")
    before = RuleVersion.objects.count()
    page = lead.get(change(links)).content.decode()
    assert 'name="_tryout"' in page
    sent = {**form_of(links, param_most="0"), "_tryout": "1", "tryout_days": "365"}
    response = lead.post(change(links), sent)
    tryout = Tryout.objects.get()
    assert response.headers["Location"] == address(tryout)
    assert (tryout.rule, tryout.created_by and tryout.created_by.username) == (links, "hidaka")
    assert (tryout.until - tryout.since).days == 365
    assert tryout.drafts[0]["terms"]["params"] == {"most": 0}
    assert RuleVersion.objects.count() == before
    links.refresh_from_db()
    assert links.params == {"most": 2}

    # On the way back the form has what was tried.
    finish(tryout)
    page = lead.get(address(tryout)).content.decode()
    back = f"{change(links)}?tryout={tryout.pk}"
    assert back in page
    form = lead.get(back).context["adminform"].form
    assert form.initial["param_most"] == 0
    assert lead.get(change(links)).context["adminform"].form.initial["param_most"] == 2


def test_a_rule_that_would_reject_is_tried_without_a_reason(lead: Client) -> None:
    """It is tried to learn whether it may."""
    links = rule("links-many")
    sent = form_of(links, action="reject")
    assert lead.post(change(links), sent).context["adminform"].form.errors.keys() == {"note"}
    lead.post(change(links), {**sent, "_tryout": "1"})
    assert Tryout.objects.get().drafts[0]["terms"]["action"] == "reject"


def test_a_rule_is_tried_although_its_examples_come_out_otherwise(lead: Client) -> None:
    links = rule("links-many")
    sent = form_of(links, param_most="0", examples_pass="https://example.jp")
    assert lead.post(change(links), sent).context["adminform"].form.errors.keys() == {"examples_pass"}
    assert lead.post(change(links), {**sent, "_tryout": "1"}).status_code == 302
    assert Tryout.objects.count() == 1


def test_a_form_that_is_wrong_is_shown_again(lead: Client) -> None:
    links = rule("links-many")
    response = lead.post(change(links), {**form_of(links, param_most="many"), "_tryout": "1"})
    assert response.status_code == 200
    assert response.context["adminform"].form.errors.keys() == {"param_most"}
    assert not Tryout.objects.exists()


def test_a_new_rule_is_tried_before_it_exists(lead: Client, article: Article) -> None:
    post(article, LIVE[:6])
    sent = {**form_of(rule("links-many"), param_most="0", slug="brand-new"), "_tryout": "1"}
    add = reverse("admin:moderation_rule_add")
    lead.post(f"{add}?check=links", sent)
    tryout = Tryout.objects.get()
    assert (tryout.rule, tryout.against) == (None, [])
    assert not Rule.objects.filter(slug="brand-new").exists()
    form = lead.get(f"{add}?check=links&tryout={tryout.pk}").context["adminform"].form
    names = ("slug", "param_most", "reason")
    values = {name: form.get_initial_for_field(form.fields[name], name) for name in names}
    assert values == {"slug": "brand-new", "param_most": 0, "reason": rule("links-many").reason_id}


def test_the_page_tells_what_was_found(site: Site, lead: Client, article: Article) -> None:
    _, _, _, spam, link, _ = post(article, LIVE[:6])
    judge(site, spam, "publish")
    links = rule("links-many")
    links.params = {"most": 0}
    tryout = finish(backtest.try_rule(links, season()))
    page = lead.get(address(tryout))
    text = page.content.decode()
    assert "It would hit 2 of 6 comments" in text
    assert "A person has decided on one hit, and published it: between 0 % and 79 %" in text
    shown = page.context["page"].groups
    groups = {one.kind: [each.comment.pk for each in one.samples] for one in shown}
    hits = {"false-alarm": [spam.comment_id], "caught": [link.comment_id]}
    assert groups == {"missed": [], "unseen": [], "right": [], **hits}
    assert text.index("False alarms") < text.index("Newly caught")
    assert '<mark class="mark-hold' in text
    assert "&lt;script&gt;alert" in text
    assert "<script>alert" not in text
    assert reverse("desk:case", args=[newsroom.case_of(spam).pk]) in text
    assert "reader3@example.jp" not in text
    asked = lead.get(address(tryout), {"personal": "show"})
    assert "reader3@example.jp" in asked.content.decode()  # a Lead sees addresses
    seen = Disclosure.objects.get()
    assert (seen.by_page, seen.kinds) == ("tryout", ["email"])
    assert set(seen.comments) == {spam.comment_id, link.comment_id}


def test_the_page_in_japanese(lead: Client, article: Article) -> None:
    post(article, LIVE[:6])
    tryout = finish(backtest.try_rule(rule("links-many"), season()))
    lead.cookies["django_language"] = "ja"
    text = lead.get(address(tryout)).content.decode()
    assert "6件のコメントのうち1件を検知します" in text
    assert "当時の記録と一字一句同じ結果になった検知: 1件。" in text


def test_what_was_edited_or_erased_since_shows_no_old_places(lead: Client, article: Article) -> None:
    _, _, _, spam, link, _ = post(article, LIVE[:6])
    links = rule("links-many")
    links.params = {"most": 0}
    tryout = finish(backtest.try_rule(links, season()))
    edit(Comment.objects.select_for_update().get(pk=spam.comment_id), "短くした。", now=NOON)
    erase([link.comment_id], now=NOON)
    text = lead.get(address(tryout)).content.decode()
    assert text.count("The text was edited since it was tried.") == 2
    assert "https://example" not in text


def test_the_page_costs_as_many_queries_for_few_samples_as_for_many(lead: Client, article: Article) -> None:
    costs = []
    for rows in (LIVE[3:5], LIVE[3:5] * 8):
        post(article, rows)
        links = rule("links-many")
        links.params = {"most": 0}
        tryout = finish(backtest.try_rule(links, season()))
        lead.get(address(tryout))
        with CaptureQueriesContext(connection) as captured:
            lead.get(address(tryout))
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_progress_and_its_end_by_hand(lead: Client, article: Article) -> None:
    post(article, LIVE[:6])
    tryout = backtest.try_rule(rule("links-many"), season())
    page = lead.get(address(tryout)).content.decode()
    assert 'data-progress="going"' in page
    assert "Look again" in page
    ask = reverse("admin:moderation_tryout_ask", args=[tryout.pk])
    assert lead.get(ask).status_code == 405
    assert lead.post(ask, {"action": "nonsense"}).status_code == 302
    lead.post(ask, {"action": "cancel"})
    tryout.refresh_from_db()
    assert tryout.status == "cancelled"
    assert "The try-out was ended before its time" in lead.get(address(tryout)).content.decode()


def test_samples_are_of_sites_of_ones_own(site: Site, article: Article, client: Client) -> None:
    load_rules()
    post(article, LIVE[:6])
    tryout = finish(backtest.try_rule(rule("links-many"), season()))
    other = world.make_site("yunagi")
    newsroom.make_person(other, "tanin", "Lead")
    client.force_login(User.objects.get(username="tanin"))
    text = client.get(address(tryout)).content.decode()
    assert "在宅" not in text
    assert client.post(reverse("admin:moderation_tryout_ask", args=[tryout.pk])).status_code == 403
    of_site = finish(backtest.try_rule(rule("links-many"), season(), site=site))
    assert client.get(address(of_site)).status_code == 404


def test_who_reads_rules_sees_tryouts_and_cannot_begin_or_end_one(site: Site, client: Client) -> None:
    load_rules()
    links = rule("links-many")
    tryout = backtest.try_rule(links, season())
    client.force_login(newsroom.make_person(site, "audit", "Auditor"))
    assert client.get(address(tryout)).status_code == 200
    assert "_tryout" not in client.get(change(links)).content.decode()
    assert client.post(change(links), {**form_of(links), "_tryout": "1"}).status_code == 403
    ask = reverse("admin:moderation_tryout_ask", args=[tryout.pk])
    assert client.post(ask, {"action": "cancel"}).status_code == 403
    assert Tryout.objects.get().status == "waiting"
    client.force_login(newsroom.make_person(site, "kida", "Moderator"))
    assert client.get(address(tryout)).status_code == 403


def test_a_lead_of_one_site_tries_no_rule_of_all(site: Site, client: Client) -> None:
    load_rules()
    world.make_site("yunagi")
    user = newsroom.make_person(site, "hidaka", "Lead")
    user.user_permissions.set(Permission.objects.filter(codename__in=["add_rule", "change_rule"]))
    client.force_login(user)
    add = f"{reverse('admin:moderation_rule_add')}?check=links"
    sent = {**form_of(rule("links-many"), slug="new"), "_tryout": "1"}
    assert client.post(add, sent).status_code == 200
    assert not Tryout.objects.exists()
    client.post(add, {**sent, "site": site.pk})
    assert Tryout.objects.get().site == site
    assert Membership.objects.filter(user=user).count() == 1


def test_the_list_costs_as_many_queries_for_few_as_for_many(lead: Client, article: Article) -> None:
    post(article, LIVE[:4])
    page = reverse("admin:moderation_tryout_changelist")
    costs = []
    for _ in range(2):
        for slug in ("links-many", "name-missing"):
            finish(backtest.try_rule(rule(slug), season()))
        lead.get(page)
        with CaptureQueriesContext(connection) as captured:
            text = lead.get(page).content.decode()
        costs.append(len(captured))
    assert costs[0] == costs[1]
    assert "hits: 1, none decided by a person" in text


def test_versions_of_a_rule_tell_what_people_decided(site: Site, lead: Client, article: Article) -> None:
    (spam,) = post(article, [LIVE[3]])
    judge(site, spam, "reject")
    text = lead.get(change(rule("links-many"))).content.decode()
    assert text.count("hits: 1; right: 1 of 1 (21–100 %)") == 2


@pytest.mark.parametrize(
    ("score", "told", "short"),
    [
        (Score(), "It has hit nothing.", "no hits"),
        (Score(unseen=3), "Hits that no person has decided: 3.", "hits: 3, none decided by a person"),
        (
            Score(37, 3, 60),
            "37 were rejected: between 80 % and 97 % of such hits are right.",
            "hits: 100; right: 37 of 40 (80–97 %)",
        ),
    ],
)
def test_a_precision_in_words(score: Score, told: str, short: str) -> None:
    from django.utils.translation import override

    with override("en"):
        assert told in precision_in_words(score)
        assert in_short(score) == short


def test_an_excerpt_is_the_part_around_the_first_place() -> None:
    text = "前" * 1_000 + "馬鹿" + "後" * 1_000
    shown = excerpt(text, [Mark(1_000, 1_002, "hold")])
    assert (
        "".join(segment.text for segment in shown).strip("… ")
        == text[1_000 - BEFORE : 1_000 - BEFORE + SHOWN]
    )
    assert [segment.text for segment in shown if segment.marks] == ["馬鹿"]
    assert excerpt("短い", []) == excerpt("短い", ())
