"""The pages of sanctions: previewed, set, seen in part, lifted."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comments.models import Article, Comment, Site
from moderation import sanction_preview
from moderation.models import Reason, Sanction
from moderation.sanction_preview import would_find
from moderation.targets import Kind, target_of
from tests import newsroom, world

pytestmark = pytest.mark.django_db
ADD = reverse("admin:moderation_sanction_add")
LIST = reverse("admin:moderation_sanction_changelist")


@pytest.fixture
def reason() -> Reason:
    return world.make_reason()


@pytest.fixture
def moderator(site: Site) -> User:
    return newsroom.make_person(site, "kida", "Moderator")


@pytest.fixture
def lead(site: Site) -> User:
    return newsroom.make_person(site, "hidaka", "Lead")


def filled(
    site: Site | None, reason: Reason, kind: str, value: str = "", **fields: object
) -> dict[str, object]:
    given = {"kind": kind, "value": value, "site": site.pk if site else "", "days": 30, "reason": reason.pk}
    return {**given, "note": "", **fields}


def send(article: Article, **fields: object) -> Comment:
    at = {"now": timezone.now(), "ip": ip_address("203.0.113.9"), "author_email": "taro@example.jp"}
    sent = world.send(article, "工事はいつまでですか。", **{**at, **fields})  # type: ignore[arg-type]
    return Comment.objects.get(pk=sent.comment_id)


def test_it_is_previewed_and_then_set(
    site: Site, article: Article, reason: Reason, lead: User, client: Client
) -> None:
    client.force_login(lead)
    for name in ("松田", "松 田", "竹田"):
        send(article, author_name=name)
    form = filled(site, reason, "name", "松田", days=7, note="三度目の警告の後")
    page = client.post(ADD, {**form, "preview": 1})
    assert page.context["foreseen"].found.total == 2
    assert page.context["foreseen"].found.looked_at == 3
    assert not Sanction.objects.exists()
    answer = client.post(ADD, {**form, "set": 1})
    made = Sanction.objects.get()
    assert answer.headers["Location"] == reverse("admin:moderation_sanction_change", args=[made.pk])
    assert (made.kind, made.shown, made.site, made.created_by) == ("name", "松田", site, lead)
    assert made.until is not None
    assert made.until - made.created_at == timedelta(days=7)
    again = client.post(ADD, {**form, "set": 1})
    assert again.status_code == 422
    assert reverse("admin:moderation_sanction_change", args=[made.pk]) in again.content.decode()
    assert Sanction.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "value"), [("address", "渋谷"), ("email", "taro"), ("domain", "co.jp"), ("name", "　")]
)
def test_what_is_wrong_is_told_at_the_field(
    site: Site, reason: Reason, lead: User, client: Client, kind: str, value: str
) -> None:
    client.force_login(lead)
    page = client.post(ADD, {**filled(site, reason, kind, value), "set": 1})
    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["value"]


def test_who_may_not_see_addresses_sanctions_them_from_a_comment(
    site: Site, article: Article, reason: Reason, moderator: User, client: Client
) -> None:
    client.force_login(moderator)
    comment = send(article)
    typed = client.post(ADD, {**filled(site, reason, "email", "taro@example.jp"), "set": 1})
    assert typed.status_code == 422
    address = f"{ADD}?comment={comment.pk}"
    page = client.get(address).content.decode()
    assert "t•••@•••.jp" in page
    assert "taro" not in page
    assert "203.0.•.•/32" in page
    assert "203.0.113.9" not in page
    shown = client.post(address, {**filled(site, reason, "address"), "preview": 1}).content.decode()
    assert "203.0.113.9" not in shown
    for kind in ("email", "address"):
        client.post(address, {**filled(site, reason, kind), "set": 1})
    assert list(Sanction.objects.order_by("kind").values_list("shown", "comment")) == [
        ("203.0.113.9/32", comment.pk),
        ("t•••@•••.jp", comment.pk),
    ]
    for url in (LIST, reverse("admin:moderation_sanction_change", args=[Sanction.objects.latest("pk").pk])):
        page = client.get(url).content.decode()
        assert "203.0.113.9" not in page
        assert "203.0.•.•/32" in page


def test_a_domain_of_addresses_is_not_found_by_guessing(
    site: Site, article: Article, reason: Reason, moderator: User, lead: User, client: Client
) -> None:
    send(article, author_email="taro@small-firm.example")
    form = {**filled(site, reason, "domain", "small-firm.example"), "preview": 1}
    for user, total in ((moderator, 0), (lead, 1)):
        client.force_login(user)
        assert client.post(ADD, form).context["foreseen"].found.total == total


def test_a_comment_of_another_site_gives_no_target(
    site: Site, reason: Reason, moderator: User, client: Client
) -> None:
    other = send(world.make_article(world.make_site("yunagi")))
    client.force_login(moderator)
    for found in (other.pk, "x", 0):
        assert client.get(f"{ADD}?comment={found}").status_code == 404
    page = client.post(ADD, {**filled(other.site, reason, "name", "松田"), "set": 1})
    assert list(page.context["form"].errors) == ["site"]
    everywhere = client.post(ADD, {**filled(None, reason, "name", "松田"), "set": 1})
    assert list(everywhere.context["form"].errors) == ["site"]


def test_it_is_lifted_with_a_reason_and_stays_in_the_list(
    site: Site, reason: Reason, moderator: User, lead: User, client: Client
) -> None:
    client.force_login(lead)
    client.post(ADD, {**filled(site, reason, "name", "松田"), "set": 1})
    made = Sanction.objects.get()
    lift = reverse("admin:moderation_sanction_lift", args=[made.pk])
    assert client.post(lift, {"reason": " "}).status_code == 422
    client.force_login(moderator)
    assert client.post(lift, {"reason": "別人"}).status_code == 403
    page = reverse("admin:moderation_sanction_change", args=[made.pk])
    assert lift not in client.get(page).content.decode()
    client.force_login(lead)
    assert lift in client.get(page).content.decode()
    client.post(lift, {"reason": "別人でした"})
    made.refresh_from_db()
    assert made.lifted_why == "別人でした"
    assert "別人でした" in client.get(page).content.decode()
    for state, count in (("lifted", 1), ("force", 0), ("over", 0)):
        assert client.get(f"{LIST}?state={state}").context["cl"].queryset.count() == count


def test_where_no_rule_asks_for_them_it_is_told(site: Site, lead: User, client: Client) -> None:
    client.force_login(lead)
    assert client.get(LIST).context["asleep"] is True
    world.make_rule("sanctioned")
    assert client.get(LIST).context["asleep"] is False


def test_the_preview_stops_at_thirty_days_and_when_time_is_up(
    site: Site, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    ages = (31, 30, 29, 1)
    for days in ages:
        send(article, now=now - timedelta(days=days), author_name="松田")
    monkeypatch.setattr(sanction_preview, "BATCH", 1)
    target = target_of(Kind.NAME, "松田", None)
    found = would_find(target, [site.pk], now=now, seconds=9)
    assert (found.looked_at, found.total, found.whole) == (2, 2, True)
    hurried = would_find(target, [site.pk], now=now, seconds=0)
    assert (hurried.looked_at, hurried.whole) == (0, False)
