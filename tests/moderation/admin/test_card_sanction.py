"""A sanction from the card: two presses, a preview, alone or with a rejection; in the drawer; lifted."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments.models import Article, Comment, Site
from moderation.models import Case, Decision, Sanction
from moderation.services import screen
from moderation.targets import Kind, target_of
from tests import newsroom, world
from tests.world import make_reason

pytestmark = pytest.mark.django_db
PART: dict[str, Any] = {"headers": {"Sekisho-Part": "sanction"}}
PREVIEW: dict[str, Any] = {"headers": {"Sekisho-Part": "foreseen"}}
CARD: dict[str, Any] = {"headers": {"Sekisho-Part": "card"}}


@pytest.fixture
def mori(site: Site, client: Client) -> User:
    user = newsroom.make_person(site, "mori", "Moderator", first_name="真理", last_name="森")
    client.force_login(user)
    return user


@pytest.fixture
def lead(site: Site) -> User:
    return newsroom.make_person(site, "hara", "Lead")


def send(article: Article, body: str = "名乗らずに失礼します。", **fields: Any) -> Case:
    """A nameless comment on the desk, with an address of its network."""
    at = {"now": timezone.now(), "ip": ip_address("203.0.113.9"), "author_email": "taro@example.jp"}
    sent = world.send(article, body, author_name="", **{**at, **fields})
    screen(now=timezone.now)
    return newsroom.case_of(sent)


@pytest.fixture
def case(article: Article, mori: User) -> Case:
    newsroom.make_rules()
    return send(article, "続きは https://blog.spam-shop.example.com/a と https://spam-shop.example.com へ")


def address(case: Case, name: str = "sanction") -> str:
    return reverse(f"desk:{name}", args=[case.pk])


def form(case: Case, kind: str = "email", **fields: Any) -> dict[str, object]:
    comment = Comment.objects.get(pk=case.comment_id or 0)
    given = {
        "kind": kind,
        "site": case.site_id,
        "days": 30,
        "last_day": "",
        "note": "",
        "reason": make_reason().pk,
    }
    return {**given, "seen_version": comment.version, **fields}


def test_the_card_offers_what_its_comment_gives(case: Case, client: Client, lead: User) -> None:
    card = client.get(address(case, "case")).content.decode()
    assert f'href="{address(case)}"' in card
    part = client.get(address(case), **PART).content.decode()
    assert part.startswith("<form")
    offered = [
        key for key in ("email", "address", "range", "domain:example.com", "name") if f'value="{key}"' in part
    ]
    assert offered == ["email", "address", "range", "domain:example.com"]
    # Personal data is masked for Leads, too, until the card is asked for it.
    other = Client()
    other.force_login(lead)
    for text in (part, other.get(address(case), **PART).content.decode()):
        assert "t•••@•••.jp" in text
        assert "taro@example.jp" not in text
        assert "203.0.113" not in text
    # Without a script it is the card with the form on it.
    page = client.get(address(case)).content.decode()
    assert 'id="card"' in page
    assert 'class="sanction' in page


def test_who_may_not_sees_no_button(case: Case, site: Site) -> None:
    auditor = Client()
    auditor.force_login(newsroom.make_person(site, "audit", "Auditor"))
    assert address(case) not in auditor.get(address(case, "case")).content.decode()
    assert auditor.get(address(case)).status_code == 403
    assert auditor.post(address(case), form(case)).status_code == 403
    assert not Sanction.objects.exists()


def test_the_preview_counts_what_it_finds_and_what_waits(
    case: Case, article: Article, client: Client
) -> None:
    send(article, author_email="other@example.jp", ip=ip_address("203.0.113.77"))
    send(article, ip=ip_address("198.51.100.1"))
    world.send(
        article, "名乗る人です。", author_name="松田", author_email="taro@example.jp", now=timezone.now()
    )
    screen(now=timezone.now)
    for kind, found, waiting in (
        ("email", 3, 2),
        ("address", 1, 1),
        ("range", 2, 2),
        ("domain:example.com", 1, 1),
    ):
        shown = client.post(address(case), form(case, kind, preview=1), **PREVIEW)
        assert shown.status_code == 200
        foreseen = shown.context["foreseen"]
        assert (foreseen.found.total, foreseen.waiting.total, kind) == (found, waiting, kind)
    assert not Sanction.objects.exists()


def test_it_is_set_and_taken_back_by_the_same_key(case: Case, client: Client, mori: User) -> None:
    answer = client.post(address(case), form(case, "range", days=7, note="三度目", set=1), **CARD)
    assert (answer.status_code, answer.headers["Sekisho-Next"]) == (200, address(case, "case"))
    made = Sanction.objects.get()
    assert (made.kind, made.match, made.note, made.created_by) == (
        "address",
        "203.0.113.0/24",
        "三度目",
        mori,
    )
    assert made.comment_id == case.comment_id
    assert Case.objects.get(pk=case.pk).closed_at is None
    lift = reverse("desk:lift", args=[case.pk, made.pk])
    told = answer.content.decode()
    assert f'action="{lift}"' in told
    assert 'data-key="u"' in told
    # The drawer has it, masked.
    card = client.get(address(case, "case")).content.decode()
    assert "203.0.•.•/24" in card
    assert "三度目" in card
    assert "森 真理" in card
    client.post(lift, {"at_once": "1"}, **CARD)
    made.refresh_from_db()
    assert made.lifted_by == mori
    assert made.lifted_why
    assert "解除" in client.get(address(case, "case")).content.decode()


def test_with_a_rejection_it_is_one_press_and_one_undo(case: Case, article: Article, client: Client) -> None:
    after = send(article)
    answer = client.post(address(case), form(case, reject=1), **CARD)
    assert answer.headers["Sekisho-Next"] == address(after, "case")
    decision = Decision.objects.get(by__isnull=False)
    assert (decision.to_status, decision.reason, decision.comment_id) == (
        "rejected",
        make_reason(),
        case.comment_id,
    )
    made = Sanction.objects.get()
    back = reverse("desk:lift", args=[case.pk, made.pk])
    undone = client.post(back, {"at_once": "1", "decision": decision.pk}, **CARD)
    assert undone.headers["Sekisho-Next"] == address(case, "case")
    assert Case.objects.get(pk=case.pk).closed_at is None
    assert Sanction.objects.get().lifted_at


def test_of_a_stale_card_neither_is_done(case: Case, client: Client) -> None:
    answer = client.post(address(case), form(case, reject=1, seen_version=77, note="書きかけ"), **CARD)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "書きかけ" in text
    assert not Sanction.objects.exists()
    assert not Decision.objects.filter(by__isnull=False).exists()


def test_what_is_wrong_comes_back_on_the_card(case: Case, client: Client) -> None:
    client.post(address(case), form(case, set=1))
    again = client.post(address(case), form(case, set=1), **CARD)
    assert again.status_code == 422
    assert (
        reverse("admin:moderation_sanction_change", args=[Sanction.objects.get().pk])
        in again.content.decode()
    )
    for fields in (
        {"last_day": "2001-01-01"},
        {"kind": "domain:other.example"},
        {"reason": "x"},
        {"kind": "name"},
    ):
        answer = client.post(address(case), form(case, **{"kind": "address", "set": "1", **fields}), **CARD)
        assert answer.status_code == 422, fields
    assert Sanction.objects.count() == 1


def test_until_the_end_of_a_day(case: Case, client: Client) -> None:
    last = timezone.localdate() + timedelta(days=3)
    client.post(address(case), form(case, last_day=last.isoformat(), set=1))
    until = Sanction.objects.get().until
    assert until is not None
    assert timezone.localtime(until).date() == last + timedelta(days=1)
    assert (timezone.localtime(until).hour, timezone.localtime(until).minute) == (0, 0)


def test_the_drawer_knows_every_kind_and_who_may_lift(
    case: Case, article: Article, client: Client, lead: User, site: Site
) -> None:
    other_site = world.make_site("yunagi")
    reason = make_reason()
    comment = Comment.objects.get(pk=case.comment_id or 0)

    def make(kind: Kind, value: str, on: Site | None = site, **fields: Any) -> Sanction:
        target = target_of(kind, value, site.pk)
        return Sanction.objects.create(
            site=on, kind=kind, match=target.match, shown=target.shown, reason=reason, created_by=lead,
            **{"comment": comment, **fields},
        )  # fmt: skip

    wanted = [
        make(Kind.EMAIL, "taro@example.jp"),
        make(Kind.ADDRESS, "203.0.112.0/20"),
        make(Kind.DOMAIN, "spam-shop.example.com", on=None),
        make(Kind.DOMAIN, "example.jp", until=timezone.now() - timedelta(days=1)),
    ]
    make(Kind.EMAIL, "taro@example.jp", on=other_site)
    make(Kind.EMAIL, "jiro@example.jp")
    make(Kind.ADDRESS, "203.0.128.0/20")
    card = client.get(address(case, "case"))
    shown = card.context["sanctions"]
    assert {each.row.pk for each in shown} == {each.pk for each in wanted}
    assert [each.state for each in shown] == ["force", "force", "force", "over"]
    # A moderator lifts what he set himself; a Lead what is of his sites.
    assert [each.may_lift for each in shown] == [False] * 4
    leads = Client()
    leads.force_login(lead)
    may = {each.row.pk: each.may_lift for each in leads.get(address(case, "case")).context["sanctions"]}
    # That of all sites asks for membership of every site.
    assert may == {wanted[0].pk: True, wanted[1].pk: True, wanted[2].pk: False, wanted[3].pk: False}
    lift = reverse("desk:lift", args=[case.pk, wanted[0].pk])
    assert client.post(lift, {"why": "誤り"}).status_code == 403
    told = leads.post(lift, {"why": " "}, **CARD).content.decode()
    assert "理由" in told
    leads.post(lift, {"why": "人違い"}, **CARD)
    wanted[0].refresh_from_db()
    assert (wanted[0].lifted_why, wanted[0].lifted_by) == ("人違い", lead)


def test_many_sanctions_ask_no_more_than_one(case: Case, client: Client, mori: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(address(case, "case"), **CARD)
        return len(captured)

    client.post(address(case), form(case, set=1))
    few = queries()
    for kind in ("address", "range", "domain:example.com"):
        client.post(address(case), form(case, kind, set=1))
    assert Sanction.objects.count() == 4
    assert queries() == few


def test_the_waiting_cases_it_finds_can_be_screened_again(
    case: Case, article: Article, lead: User, client: Client
) -> None:
    other = send(article, author_email="other@example.jp")
    client.force_login(lead)
    told = client.post(address(case), form(case, set=1), **CARD).content.decode()
    made = Sanction.objects.get()
    again = f"{reverse('desk:again')}?sanction={made.pk}"
    assert again in told
    assert client.get(again).context["found"].total == 1
    assert client.get(reverse("desk:again")).context["found"].total == 2
    assert client.get(f"{reverse('desk:again')}?sanction=999999").context["found"].total == 0
    assert other.closed_at is None
