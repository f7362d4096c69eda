"""Saved views of the queue: one's own and shared, followed by their address, taken away by those who may."""

from urllib.parse import urlencode

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.models import Site
from moderation.admin import saved_views
from moderation.models import SavedView
from tests import newsroom, world

pytestmark = pytest.mark.django_db

QUERY = "?severity=3&overdue=1"


@pytest.fixture
def site() -> Site:
    return world.make_site("asagiri", name="あさぎり新聞")


def client_of(site: Site, name: str, group: str = "Moderator") -> Client:
    client = Client()
    client.force_login(newsroom.make_person(site, name, group))
    return client


def save(client: Client, name: str, query: str = QUERY, **fields: object) -> list[str]:
    """What the page says last when a view has been saved, or was not."""
    response = client.post(reverse("desk:save_view") + query, {"name": name, **fields})
    assert response.status_code == 302
    assert response.headers["Location"] == reverse("desk:queue") + query
    told = response.wsgi_request.session.pop("desk_done", None)
    refused = [str(message) for message in get_messages(response.wsgi_request)][-1:]
    return refused or [told["text"]]


def listed(client: Client, query: str = "") -> list[str]:
    page = client.get(reverse("desk:queue") + query)
    return [each.view.name for each in page.context["views"]]


def test_a_view_has_an_address(site: Site) -> None:
    mori = client_of(site, "mori")
    assert save(mori, "急ぎ") == ["一覧を保存しました。"]
    view = SavedView.objects.get()
    page = mori.get(reverse("desk:view", args=[view.pk]), follow=True)
    assert page.redirect_chain == [(reverse("desk:queue") + QUERY, 302)]
    (each,) = page.context["views"]
    assert (each.current, each.removable) == (True, True)
    text = page.content.decode()
    assert f'{reverse("desk:view", args=[view.pk])}" aria-current="page"' in text
    assert reverse("desk:remove_view", args=[view.pk]) in text
    assert [each.current for each in mori.get(reverse("desk:queue")).context["views"]] == [False]


def test_a_name_that_is_used_again_gets_the_new_filters(site: Site) -> None:
    mori = client_of(site, "mori")
    save(mori, "急ぎ")
    save(mori, "急ぎ", "?audit=1")
    assert SavedView.objects.get().query == "audit=1"


def test_ones_own_is_seen_by_oneself_and_a_shared_one_at_its_site(site: Site) -> None:
    mori, kida = client_of(site, "mori"), client_of(site, "kida")
    stranger = client_of(world.make_site("other"), "tanin")
    save(mori, "わたしの")
    save(mori, "みんなの", "?audit=1", site=site.pk)
    assert listed(mori) == ["みんなの", "わたしの"]
    assert listed(kida) == ["みんなの"]
    assert listed(stranger) == []
    own, shared = (SavedView.objects.get(name=name).pk for name in ("わたしの", "みんなの"))
    assert kida.get(reverse("desk:view", args=[shared])).status_code == 302
    assert kida.get(reverse("desk:view", args=[own])).status_code == 404
    assert stranger.get(reverse("desk:view", args=[shared])).status_code == 404


def test_one_is_taken_away_by_its_owner_or_a_lead(site: Site) -> None:
    mori, kida, lead = client_of(site, "mori"), client_of(site, "kida"), client_of(site, "hara", "Lead")
    save(mori, "わたしの")
    save(mori, "みんなの", "?audit=1", site=site.pk)
    own, shared = (
        reverse("desk:remove_view", args=[SavedView.objects.get(name=name).pk])
        for name in ("わたしの", "みんなの")
    )
    assert kida.post(shared).status_code == 403
    assert kida.post(own).status_code == 404
    assert lead.post(own).status_code == 404
    assert mori.get(own).status_code == 405
    assert lead.post(shared).status_code == mori.post(own).status_code == 302
    assert not SavedView.objects.exists()


def test_what_a_lead_took_away_and_brings_back_is_its_owners_again(site: Site) -> None:
    mori, kida, lead = client_of(site, "mori"), client_of(site, "kida"), client_of(site, "hara", "Lead")
    save(mori, "みんなの", "?audit=1", site=site.pk)
    save(lead, "みんなの")
    shared = SavedView.objects.get(query="audit=1")
    before = (shared.owner_id, shared.name, shared.query, shared.site_id)
    taken = lead.post(reverse("desk:remove_view", args=[shared.pk]))
    back = taken.wsgi_request.session["desk_done"]["back"]
    for other, fields in ((kida, back["fields"]), (lead, {"kept": "x"}), (lead, {})):
        assert other.post(back["url"], fields).status_code == 403
    assert not SavedView.objects.filter(query="audit=1").exists()
    for _twice in range(2):
        assert lead.post(back["url"], back["fields"]).status_code == 302
        rows = SavedView.objects.exclude(query=QUERY[1:])
        assert list(rows.values_list("owner", "name", "query", "site")) == [before]
    assert SavedView.objects.count() == 2


def test_what_cannot_be_saved_says_why(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    mori, other = client_of(site, "mori"), world.make_site("other")
    assert save(mori, "すべて", "") == ["保存するものがありません。先に絞り込みを選んでください。"]
    assert save(mori, " ") == ["一覧に名前を付けてください。"]
    assert save(mori, "長" * 61) == ["名前は60文字までです。"]
    assert save(mori, "よその", site=other.pk) != ["一覧を保存しました。"]
    long = f"?{urlencode({'q': '長' * 100})}"
    assert save(mori, "長い検索", long) == [
        "検索の言葉が長すぎて、一覧として保存できません。短くしてください。"
    ]
    monkeypatch.setattr(saved_views, "MOST", 1)
    save(mori, "一つ目")
    assert save(mori, "二つ目") == ["一覧は1件までです。保存する前に、どれかを消してください。"]
    assert [view.name for view in SavedView.objects.all()] == ["一つ目"]


def test_an_auditor_shares_none(site: Site) -> None:
    auditor = client_of(site, "audit", "Auditor")
    save(auditor, "わたしの")
    shared = auditor.post(reverse("desk:save_view") + QUERY, {"name": "みんなの", "site": site.pk})
    assert shared.status_code == 403
    assert [view.name for view in SavedView.objects.all()] == ["わたしの"]


def test_a_name_is_text(site: Site) -> None:
    mori = client_of(site, "mori")
    save(mori, "<script>alert(1)</script>")
    assert "<script>alert" not in mori.get(reverse("desk:queue") + QUERY).content.decode()


def test_many_views_ask_no_more_than_one(site: Site) -> None:
    mori = client_of(site, "mori")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            listed(mori)
        return len(captured)

    save(mori, "一つ目", site=site.pk)
    queries()
    one = queries()
    for at in range(5):
        save(mori, f"一覧{at}", site=site.pk)
    queries()
    assert queries() == one
