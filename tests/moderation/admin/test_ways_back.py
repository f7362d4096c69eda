"""What is done at the desk is taken back by key, page and list of the day; what waits is told truly."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, Site
from moderation.models import Case, Decision, Note, Sanction, SavedView
from moderation.services import escalate
from tests import newsroom, world
from tests.newsroom import case_of, comment_of
from tests.world import NOON, make_reason

pytestmark = pytest.mark.django_db
CARD: dict[str, Any] = {"headers": {"Sekisho-Part": "card"}}
LIST: dict[str, Any] = {"headers": {"Sekisho-Part": "list"}}
QUEUE, TODAY = reverse("desk:queue"), reverse("desk:today")


@pytest.fixture
def site() -> Site:
    return world.make_site("asagiri", name="あさぎり新聞")


@pytest.fixture
def cases(site: Site) -> list[Case]:
    newsroom.make_rules()
    return [case_of(each) for each in newsroom.open_cases(newsroom.make_article(site))[1:]]


@pytest.fixture
def mori(site: Site) -> User:
    return newsroom.make_person(site, "mori", "Moderator", first_name="真理", last_name="森")


@pytest.fixture
def moderator(mori: User, client: Client) -> Client:
    client.force_login(mori)
    return client


@pytest.fixture
def lead(site: Site) -> Client:
    client = Client()
    client.force_login(newsroom.make_person(site, "hara", "Lead", first_name="恵", last_name="原"))
    return client


def address(case: Case, name: str = "case") -> str:
    return reverse(f"desk:{name}", args=[case.pk])


def way_back(client: Client, url: str, data: dict[str, object]) -> tuple[str, dict[str, str]]:
    """Do it by the page, and the form on the next page that takes it back: its address and its fields."""
    page = client.post(url, data, follow=True)
    assert page.status_code == 200
    back = page.context["done"]["back"]
    text = page.content.decode()
    assert f'action="{back["url"].replace("&", "&amp;")}"' in text
    # It is told once.
    assert client.get(QUEUE).context["done"] is None
    return back["url"], back["fields"]


def test_a_note(cases: list[Case], moderator: Client) -> None:
    answer = moderator.post(address(cases[0], "note"), {"note": "要注意"}, **CARD)
    assert reverse("desk:unnote", args=[cases[0].pk, Note.objects.get().pk]) in answer.content.decode()
    url, fields = way_back(moderator, address(cases[1], "note"), {"note": "これも"})
    moderator.post(url, fields)
    assert list(Note.objects.order_by("pk").values_list("kind", "text")) == [
        ("note", "要注意"),
        ("withdrawn", ""),
    ]
    other = Note.objects.earliest("pk")
    assert moderator.post(reverse("desk:unnote", args=[cases[1].pk, other.pk])).status_code == 404


def test_an_escalation_and_what_gave_it_back(cases: list[Case], moderator: Client, lead: Client) -> None:
    url, fields = way_back(moderator, address(cases[0], "escalate"), {"note": "迷います"})
    told = moderator.post(url, fields, **CARD)
    # To take back what took something back is no key's business.
    assert 'data-key="u"' not in told.content.decode()
    assert Case.objects.get(pk=cases[0].pk).escalated_at is None
    moderator.post(address(cases[0], "escalate"), {"note": "やはり迷います"})
    url, fields = way_back(lead, address(cases[0], "release"), {})
    assert Case.objects.get(pk=cases[0].pk).escalated_at is None
    lead.post(url, fields)
    assert Case.objects.get(pk=cases[0].pk).escalated_by_id is not None


def test_a_seen_import_run(site: Site, moderator: Client) -> None:
    case = newsroom.make_run_case(site)
    url, fields = way_back(moderator, address(case, "seen"), {})
    assert Case.objects.get(pk=case.pk).closed_at
    moderator.post(url, fields)
    assert Case.objects.get(pk=case.pk).closed_at is None


def test_views_saved_and_taken_away(moderator: Client) -> None:
    save = f"{reverse('desk:save_view')}?severity=3"
    url, _ = way_back(moderator, save, {"name": "急ぎ"})
    assert url == reverse("desk:remove_view", args=[SavedView.objects.get().pk])
    url, fields = way_back(moderator, f"{reverse('desk:save_view')}?severity=1", {"name": "急ぎ"})
    moderator.post(url, fields)
    assert SavedView.objects.get().query == "severity=3"
    url, fields = way_back(moderator, reverse("desk:remove_view", args=[SavedView.objects.get().pk]), {})
    assert not SavedView.objects.exists()
    moderator.post(url, fields)
    assert SavedView.objects.get().query == "severity=3"


def test_the_days_list_takes_back_all_of_it(
    cases: list[Case], site: Site, mori: User, moderator: Client
) -> None:
    run = newsroom.make_run_case(site)
    moderator.post(address(run, "seen"))
    moderator.post(address(cases[0], "note"), {"note": "<b>要注意</b>"})
    moderator.post(address(cases[1], "escalate"), {"note": "迷います"})
    moderator.post(
        address(cases[1], "sanction"),
        {
            "kind": "email",
            "site": site.pk,
            "days": 7,
            "reason": make_reason().pk,
            "seen_version": 0,
            "set": 1,
        },
    )
    Site.objects.update(zone="Pacific/Auckland")
    page = moderator.get(TODAY)
    for each in page.context["others"]:
        assert f">{each.at.astimezone(ZoneInfo('Pacific/Auckland')):%H:%M}</time>" in page.content.decode()
    assert [(each.what, bool(each.back)) for each in page.context["others"]] == [
        ("投稿制限を設定", True), ("エスカレーション", True), ("メモ", True), ("取り込みを確認", True),
    ]  # fmt: skip
    text = page.content.decode()
    assert "&lt;b&gt;要注意" in text
    assert "job@example.net" not in text
    for each in page.context["others"]:
        moderator.post(each.back.url, each.back.fields)
    left = moderator.get(TODAY).context["others"]
    # What was given back can be passed on again.
    assert [each.what for each in left if each.back] == ["差し戻し"]
    assert not Note.objects.filter(kind="note").exists()
    assert Sanction.objects.get().lifted_by == mori
    assert not Case.objects.filter(closed_at__isnull=False).exists()
    assert not Case.objects.filter(escalated_at__isnull=False).exists()


def test_a_closed_case_is_decided_anew_from_its_card(
    cases: list[Case], moderator: Client, lead: Client
) -> None:
    version = comment_of(cases[0]).version
    moderator.post(address(cases[0], "decide"), {"reject": make_reason().pk, "seen_version": version})
    Decision.objects.get(by__isnull=False)
    page = lead.get(address(cases[0])).content.decode()
    assert 'name="anew"' in page
    # Who comes second meant to decide no closed case: his next key must not, either.
    late = lead.post(address(cases[0], "decide"), {"action": "publish", "seen_version": version}, **CARD)
    assert (late.status_code, '<details class="anew"><summary>' in late.content.decode()) == (409, True)
    form = {"action": "publish", "anew": 1, "seen_version": version + 1}
    answer = lead.post(address(cases[0], "decide"), form, **CARD)
    assert answer.headers["Sekisho-Next"] == address(cases[0])
    anew = Decision.objects.latest("pk")
    assert (anew.cause, anew.to_status) == ("anew", "published")
    undone = lead.post(reverse("desk:undo", args=[anew.pk]), **CARD).content.decode()
    assert "その前の判断に戻っています" in undone
    # His own is no longer the moderator's once a Lead has spoken.
    assert 'name="anew"' not in moderator.get(address(cases[0])).content.decode()


def test_a_comments_page_leads_to_where_it_is_decided(cases: list[Case], moderator: Client) -> None:
    published = Comment.objects.filter(cases=None).get()
    page = reverse("admin:comments_comment_change", args=[published.pk])
    send = f"{reverse('desk:send', args=[published.pk])}?to=case"
    assert f'action="{send}"' in moderator.get(page).content.decode()
    answer = moderator.post(send)
    case = Case.objects.get(comment=published)
    assert answer.headers["Location"] == address(case)
    assert f'href="{address(case)}"' in moderator.get(page).content.decode()


def test_leads_see_who_passed_what_on_why_and_since_when(
    cases: list[Case], mori: User, moderator: Client, lead: Client
) -> None:
    escalate(cases[0].pk, "法務に聞くべきか", by=mori, now=timezone.now())
    for page in (lead.get(f"{QUEUE}?escalated=1"), lead.get(f"{address(cases[0])}?escalated=1")):
        text = page.content.decode()
        assert "法務に聞くべきか" in text
        assert "森 真理さん" in text
        # The tab, and the sidebar of a Lead alone.
        assert text.count("data-escalated>1<") == 2
    assert moderator.get(QUEUE).content.decode().count("data-escalated>1<") == 1


def test_the_list_brings_the_numbers(cases: list[Case], mori: User, moderator: Client) -> None:
    answer = moderator.get(f"{QUEUE}?severity=1", **LIST)
    assert answer.headers["Sekisho-Waiting"] == "3 0"
    escalate(cases[0].pk, "なぜ", by=mori, now=NOON)
    assert moderator.get(QUEUE, **LIST).headers["Sekisho-Waiting"] == "2 1"
    etag = moderator.get(QUEUE, **LIST).context["etag"]
    unchanged = moderator.get(QUEUE, headers={**LIST["headers"], "If-None-Match": etag})
    assert (unchanged.status_code, unchanged.headers["Sekisho-Waiting"]) == (304, "2 1")


def test_the_sidebar_counts_everywhere(cases: list[Case], moderator: Client) -> None:
    def badge(page: str) -> str:
        return moderator.get(page).content.decode().partition("data-waiting>")[2].partition("<")[0]

    elsewhere = reverse("admin:comments_article_changelist")
    assert badge(elsewhere) == "3"
    Case.objects.filter(pk=cases[0].pk).update(closed_at=NOON)
    assert badge(elsewhere) == "2"
    assert badge(f"{QUEUE}?severity=1") == "2"
