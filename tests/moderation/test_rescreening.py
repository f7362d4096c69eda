"""Waiting cases are screened again by the rules of today; what people have decided stays."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from comments.models import Article, Comment, Site
from moderation.models import BreakerTrip, Case, Decision, Pending, Rule, WordList
from moderation.rules import save_rule
from moderation.safety import reset_breaker
from moderation.services import (
    Wanted,
    decide,
    rehearse_again,
    rescreening,
    screen,
    screen_again,
    send_to_desk,
)
from tests import newsroom, world
from tests.world import NOON

pytestmark = pytest.mark.django_db
LINK = "ここに書きました https://example.com/a"


def links(**fields: object) -> Rule:
    terms = {"slug": "links", "params": {"most": 0}, "action": "hold", "breaker_pairs": 1_000}
    return world.make_rule("links", **{**terms, **fields})


def send(article: Article, count: int, **fields: object) -> list[int]:
    return [
        world.send(article, f"{at}番目。{LINK}", author_email=f"r{at}@example.com", **fields).comment_id  # type: ignore[arg-type]
        for at in range(count)
    ]


def statuses(keys: list[int]) -> list[str]:
    found = dict(Comment.objects.values_list("pk", "status"))
    return [found[key] for key in keys]


def everything() -> list[object]:
    return [
        list(model._default_manager.order_by("pk").values()) for model in (Comment, Case, Decision, Pending)
    ]


def test_what_a_milder_rule_lets_through_is_published_and_its_case_closed(article: Article) -> None:
    rule = links()
    sent = send(article, 3)
    screen(now=lambda: NOON)
    rule.params = {"most": 3}
    save_rule(rule)
    before = everything()
    found = rehearse_again(sent, NOON, seconds=9)
    assert dict(found.changes) == {("held", "published"): 3}
    assert (found.total, found.looked_at, found.closed) == (3, 3, 0)
    assert everything() == before
    assert screen_again(sent) == 3
    screen(now=lambda: NOON)
    assert statuses(sent) == ["published"] * 3
    assert set(Case.objects.values_list("closed_why", flat=True)) == {"screened-again"}
    assert Decision.objects.filter(comment=sent[0], by=None).count() == 2


def test_of_a_case_that_stays_only_todays_causes_are_told(article: Article) -> None:
    rule = links()
    world.make_rule("required_name", slug="name", action="hold", severity=3)
    (key,) = send(article, 1, author_name="")
    screen(now=lambda: NOON)
    kinds = Case.objects.get().causes
    assert {each.kind for each in kinds.all()} == {"links", "required_name"}
    rule.mode = "off"
    save_rule(rule)
    screen_again([key])
    screen(now=lambda: NOON)
    assert {each.kind for each in kinds.all()} == {"required_name"}
    assert kinds.count() == 1
    assert statuses([key]) == ["held"]


def test_a_machine_overturns_nobody(article: Article, site: Site) -> None:
    rule = links()
    sent = send(article, 2)
    screen(now=lambda: NOON)
    case = Case.objects.get(comment=sent[0])
    version, reason = Comment.objects.get(pk=sent[0]).version, world.make_reason().pk
    by = newsroom.make_person(site, "mori", "Moderator")
    decide([Wanted(case.pk, "reject", version, reason)], by=by, now=NOON)
    rule.params = {"most": 3}
    save_rule(rule)
    assert dict(rehearse_again(sent, NOON, seconds=9).changes) == {("held", "published"): 1}
    screen_again(sent)
    screen(now=lambda: NOON)
    assert statuses(sent) == ["rejected", "published"]


def test_a_flag_that_is_no_more_closes_its_case_and_a_sample_stays(article: Article) -> None:
    rule = links(action="flag")
    sent = send(article, 2)
    screen(now=lambda: NOON)
    Case.objects.get(comment=sent[1]).causes.create(kind="audit")
    rule.params = {"most": 3}
    save_rule(rule)
    assert rehearse_again(sent, NOON, seconds=9).closed == 1
    screen_again(sent)
    screen(now=lambda: NOON)
    assert [each.closed_why for each in Case.objects.order_by("comment")] == ["screened-again", ""]


def test_the_same_rule_set_decides_a_text_once_and_a_reset_makes_a_new_one(
    article: Article, site: Site
) -> None:
    links(breaker_pairs=2)
    sent = send(article, 4)
    screen(now=lambda: NOON)
    assert statuses(sent) == ["held", "held", "published", "published"]
    assert not rehearse_again(sent, NOON, seconds=9).any
    by = newsroom.make_person(site, "hara", "Lead")
    assert reset_breaker(BreakerTrip.objects.get().pk, by=by, reason="催しの日だった", now=NOON)
    assert dict(rehearse_again(sent, NOON, seconds=9).changes) == {("published", "held"): 2}


def test_the_page_shows_first_then_asks_the_workers(article: Article, site: Site, client: Client) -> None:
    rule = links()
    sent = send(article, 2)
    other = world.make_article(world.make_site("yunagi"))
    elsewhere = send(other, 1)
    screen(now=lambda: NOON)
    rule.params = {"most": 3}
    save_rule(rule)
    page = reverse("desk:again")
    client.force_login(newsroom.make_person(site, "mori", "Moderator"))
    assert (client.get(page).status_code, client.post(page).status_code) == (403, 403)
    assert page not in client.get(reverse("desk:queue")).content.decode()
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    assert page in client.get(reverse("desk:queue")).content.decode()
    shown = client.get(page).content.decode()
    assert "<strong>2</strong> 保留 → 掲載" in shown
    assert statuses(sent) == ["held", "held"]
    assert client.post(page).status_code == 302
    assert set(Pending.objects.values_list("comment", "lane")) == {(key, 2) for key in sent}
    screen(now=lambda: NOON)
    assert statuses(sent + elsewhere) == ["published", "published", "held"]


def test_the_cases_can_be_chosen(article: Article, site: Site, client: Client) -> None:
    rule = links()
    name = world.make_rule("required_name", slug="name", action="hold")
    other = world.make_article(site)
    (first,) = send(article, 1)
    screen(now=lambda: NOON)
    (second,) = send(other, 1)
    (third,) = (world.send(other, "名前のない感想", author_name="").comment_id,)
    screen(now=lambda: NOON + timedelta(days=2))
    client.force_login(newsroom.make_person(site, "hara", "Lead"))

    def chosen(**query: object) -> set[int]:
        Pending.objects.all().delete()
        assert client.post(f"{reverse('desk:again')}?{urlencode(query)}").status_code == 302
        return set(Pending.objects.values_list("comment", flat=True))

    assert chosen() == {first, second, third}
    assert chosen(rule=rule.pk) == {first, second}
    assert chosen(rule=name.pk) == chosen(check="required_name") == {third}
    assert chosen(article=other.pk) == chosen(article=other.url) == chosen(article=other.external_id)
    assert chosen(article=other.pk) == {second, third}
    assert chosen(article="https://example.com/elsewhere") == set()
    assert chosen(until="2026-01-10") == {first}
    assert chosen(since="2026-01-11") == {second, third}
    assert chosen(site=site.pk, check="links", since="2026-01-11") == {second}
    Pending.objects.all().delete()
    page = client.get(f"{reverse('desk:again')}?rule={rule.pk}&article={other.pk}").content.decode()
    assert f'<option value="{rule.pk}" selected>' in page
    assert not Pending.objects.exists()


def pending(client: Client, query: str) -> set[int]:
    """What the page enlists for an address."""
    Pending.objects.all().delete()
    assert client.post(f"{reverse('desk:again')}?{query}").status_code == 302
    return set(Pending.objects.values_list("comment", flat=True))


def test_what_the_log_shows_can_be_screened_again(article: Article, site: Site, client: Client) -> None:
    """Rejected and published by a machine: what people have decided, withdrawn or erased stays."""
    rule = links(action="reject")
    sent = send(article, 4)
    (plain,) = (world.send(article, "リンクのない感想です。").comment_id,)
    screen(now=lambda: NOON)
    lead = newsroom.make_person(site, "hara", "Lead")
    for key in sent[:2]:
        send_to_desk(key, by=lead, now=NOON)
    case, version = Case.objects.get(comment=sent[0]), Comment.objects.get(pk=sent[0]).version
    decide([Wanted(case.pk, "reject", version, world.make_reason().pk)], by=lead, now=NOON)
    Comment.objects.filter(pk=sent[3]).update(withdrawn_at=NOON)
    rule.params = {"most": 3}
    save_rule(rule)
    client.force_login(lead)
    log, again = reverse("desk:log"), reverse("desk:again")
    assert f"{again}?of=log&amp;status=rejected&amp;q=%E7%95%AA%E7%9B%AE" in (
        client.get(f"{log}?q=番目").content.decode()
    )
    text = client.get(f"{again}?of=log&q=番目").content.decode()
    assert "<strong>2</strong> 非掲載 → 掲載" in text
    assert pending(client, "of=log&q=1番目") == {sent[1]}
    assert pending(client, "of=log&status=published") == {plain}
    assert pending(client, f"of=log&rule={rule.pk}") == set(sent[:3])
    screen(now=lambda: NOON)
    assert statuses(sent) == ["rejected", "published", "published", "rejected"]
    client.force_login(newsroom.make_person(world.make_site("yunagi"), "oki", "Lead"))
    assert pending(client, "of=log") == set()


def test_the_list_of_the_archive_can_be_screened_again(article: Article, site: Site, client: Client) -> None:
    rule = links(action="flag")
    sent = send(article, 3)
    other = world.make_article(world.make_site("yunagi"))
    elsewhere = send(other, 1)
    screen(now=lambda: NOON)
    rule.action = "hold"
    save_rule(rule)
    lead = newsroom.make_person(site, "hara", "Lead")
    client.force_login(lead)
    page = client.get(f"{reverse('admin:comments_comment_changelist')}?status__exact=published")
    assert f"{reverse('desk:again')}?of=comments&amp;status__exact=published" in page.content.decode()
    text = client.get(f"{reverse('desk:again')}?of=comments&status__exact=published").content.decode()
    assert "<strong>3</strong> 掲載 → 保留" in text
    assert pending(client, "of=comments&status__exact=rejected") == set()
    assert pending(client, f"of=comments&article={article.pk}") == set(sent)
    assert elsewhere[0] not in pending(client, "of=comments")
    screen(now=lambda: NOON)
    assert statuses(sent + elsewhere) == ["held"] * 3 + ["published"]
    assert pending(client, "of=comments&nonsense__x=1") == set()


def test_the_queue_as_it_is_narrowed_and_searched(article: Article, site: Site, client: Client) -> None:
    links()
    sent = send(article, 3)
    screen(now=lambda: NOON)
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    query = urlencode({"q": "1番目", "severity": 2})
    shown = client.get(f"{reverse('desk:queue')}?{query}").content.decode()
    assert f"{reverse('desk:again')}?severity=2&amp;q=1" in shown
    assert pending(client, query) == {sent[1]}
    key = Comment.objects.get(pk=sent[2]).author_key
    assert pending(client, f"author={key}") == {sent[2]}
    page = client.get(f"{reverse('desk:again')}?{query}").content.decode()
    assert '<input type="hidden" name="q" value="1番目">' in page


def test_a_search_that_is_cut_goes_on(
    article: Article, site: Site, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.finding_cases.CANDIDATES", 1)
    monkeypatch.setattr("moderation.finding_cases.WALKED", 2)
    links()
    sent = send(article, 5)
    screen(now=lambda: NOON)
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    assert pending(client, "q=番目") == set(sent)


def test_a_preview_that_is_cut_looks_at_a_mixture_and_says_so(
    article: Article, site: Site, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = links()
    sent = send(article, 6)
    screen(now=lambda: NOON)
    rule.params = {"most": 3}
    save_rule(rule)
    monkeypatch.setattr(rescreening, "BATCH", 3)
    found = rehearse_again(sent, NOON, seconds=0)
    assert (found.total, found.looked_at, found.whole) == (6, 3, False)
    assert sorted(found.examples["held", "published"]) != sent[:3]
    monkeypatch.setattr("moderation.admin.again.PREVIEW_SECONDS", 0)
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    text = client.get(reverse("desk:again")).content.decode()
    assert "無作為に選んだ3件" in text


def test_it_is_offered_after_a_change(article: Article, site: Site, client: Client) -> None:
    words = WordList.objects.create(slug="ng", name="禁止語", words="副業", site=site)
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    page = reverse("admin:moderation_wordlist_change", args=[words.pk])
    form = client.get(page).context["adminform"].form
    fields = {"name": "禁止語", "site": site.pk, "words": "副業\n情報商材"}
    inline = client.get(page).context["inline_admin_formsets"]
    for each in inline:
        fields |= {f"{each.formset.prefix}-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    assert form.fields
    text = client.post(page, fields, follow=True).content.decode()
    assert f"{reverse('desk:again')}?site={site.pk}" in text
