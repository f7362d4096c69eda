"""Sanctions: set, found when comments are screened, lifted, and screened again."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from comments.drafts import CommentDraft
from comments.models import Article, Site
from comments.services import Arrival
from moderation.checks.base import Sanctioned, Span
from moderation.kept_facts import MOST_SANCTIONS, kept_facts, restored_facts
from moderation.models import Decision, Finding, Sanction
from moderation.preview import foresee
from moderation.services import lift, sanction, screen, screen_again
from moderation.services.sanctioning import AlreadySanctionedError, NoReasonError, SanctionTerms
from moderation.targets import Kind, NotSanctionable, target_of
from tests import newsroom, world
from tests.moderation.checks.cases import submission
from tests.world import NOON, send, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(site: Site) -> User:
    return newsroom.make_person(site, "hidaka", "Lead")


@pytest.fixture
def rule(article: Article) -> None:
    world.make_rule("sanctioned", slug="sanctioned", action="hold")


def put(kind: Kind, value: str, by: User, site: Site | None, **fields: Any) -> Sanction:
    key, now = site.pk if site else None, fields.pop("now", NOON)
    terms = SanctionTerms(site_id=key, reason=world.make_reason(), **fields)
    return sanction(target_of(kind, value, key), terms, by=by, now=now)


def codes_of(article: Article, body: str = "駅前の工事はいつ終わりますか。", **fields: Any) -> list[str]:
    sent = send(article, body, **{"now": NOON, **fields})
    screen(now=lambda: NOON)
    return list(
        Finding.objects.filter(decision__comment=sent.comment_id)
        .order_by("pk")
        .values_list("code", flat=True)
    )


CASES = [
    (Kind.EMAIL, "taro@example.jp", {"author_email": " Ｔaro@example.jp"}, ["email"]),
    (Kind.EMAIL, "taro@example.jp", {"author_email": "taro@example.jp", "author_id": "u1"}, ["email"]),
    (Kind.EMAIL, "taro@example.jp", {"author_email": "taro+1@example.jp"}, []),
    (Kind.EMAIL, "taro@example.jp", {"author_email": ""}, []),
    (Kind.AUTHOR, "u-17", {"author_id": "u-17"}, ["author"]),
    (Kind.AUTHOR, "u-17", {"author_id": "u-18"}, []),
    (Kind.ADDRESS, "203.0.113.0/24", {"ip": "203.0.113.255"}, ["address"]),
    (Kind.ADDRESS, "203.0.113.0/24", {"ip": "203.0.114.0"}, []),
    (Kind.ADDRESS, "203.0.113.0/24", {"ip": "203.0.112.255"}, []),
    (Kind.ADDRESS, "203.0.113.7", {"ip": "203.0.113.7"}, ["address"]),
    (Kind.ADDRESS, "203.0.113.7", {"ip": None}, []),
    (Kind.ADDRESS, "2001:db8:1:2::9", {"ip": "2001:db8:1:2:ffff:ffff:ffff:ffff"}, ["address"]),
    (Kind.ADDRESS, "2001:db8:1:2::9", {"ip": "2001:db8:1:3::9"}, []),
    (Kind.DOMAIN, "spam.example", {"body": "安い！ https://Shop.spam.example/a を見て"}, ["domain"]),
    (Kind.DOMAIN, "spam.example", {"body": "安い！ https://notspam.example/a を見て"}, []),
    (Kind.DOMAIN, "spam.example", {"author_url": "spam.example/me"}, ["domain"]),
    (Kind.DOMAIN, "spam.example", {"author_email": "a@mail.spam.example"}, ["domain"]),
    (Kind.DOMAIN, "日本語.jp", {"body": "https://xn--wgv71a119e.jp/ です"}, ["domain"]),
    (Kind.NAME, "編集ロ", {"author_name": "編 集 口"}, ["name"]),
    (Kind.NAME, "Admin", {"author_name": "ＡDM1N"}, ["name"]),
    (Kind.NAME, "松田", {"author_name": "松田太郎"}, []),
]  # fmt: skip


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize(("kind", "value", "sent", "expected"), CASES)
def test_what_a_sanction_finds(
    kind: Kind, value: str, sent: dict[str, Any], expected: list[str], article: Article, lead: User
) -> None:
    put(kind, value, lead, article.site)
    ip = {"ip": ip_address(sent["ip"]) if sent["ip"] else None} if "ip" in sent else {}
    assert codes_of(article, **{**sent, **ip}) == expected


@pytest.mark.usefixtures("rule")
def test_the_rule_says_what_becomes_of_it_and_the_decision_keeps_what_was_seen(
    article: Article, lead: User
) -> None:
    made = put(Kind.NAME, "松田", lead, article.site)
    sent = send(article, "また来ました。", author_name="松 田", ip=ip_address("203.0.113.9"))
    screen(now=lambda: NOON)
    assert stored(sent).status == "held"
    decision = Decision.objects.get(comment=sent.comment_id)
    finding = decision.findings.get()
    assert finding.data == {"sanction": made.pk}
    assert finding.spans == [["author_name", 0, 3]]
    assert decision.facts["sanctions"] == [[made.pk, "name", "author_name", 0, 3]]
    assert "松" not in str(decision.facts)


def test_without_a_rule_nothing_is_found_nor_asked_of_the_database(article: Article, lead: User) -> None:
    world.make_rule("links")
    put(Kind.NAME, "松田", lead, article.site)
    send(article, "また来ました。", author_name="松田")
    with CaptureQueriesContext(connection) as captured:
        screen(now=lambda: NOON)
    assert not [query for query in captured if "moderation_sanction" in query["sql"]]


@pytest.mark.usefixtures("rule")
def test_a_sanction_of_one_site_says_nothing_at_another(article: Article, lead: User) -> None:
    other = world.make_article(world.make_site("yunagi"))
    put(Kind.EMAIL, "taro@example.jp", lead, article.site)
    assert codes_of(other, author_email="taro@example.jp") == []
    admin = User.objects.create_superuser("root")
    put(Kind.EMAIL, "taro@example.jp", admin, None)
    assert codes_of(other, "もう一度。", author_email="taro@example.jp") == ["email"]
    assert codes_of(article, author_email="taro@example.jp") == ["email", "email"]


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize(("seconds", "expected"), [(-1, ["name"]), (0, []), (1, [])])
def test_it_ends_at_its_end(article: Article, lead: User, seconds: int, expected: list[str]) -> None:
    put(Kind.NAME, "松田", lead, article.site, until=NOON + timedelta(days=7))
    at = NOON + timedelta(days=7, seconds=seconds)
    assert codes_of(article, author_name="松田", now=at) == expected


@pytest.mark.usefixtures("rule")
def test_a_new_and_a_lifted_one_hold_at_once_and_waiting_cases_can_be_screened_again(
    article: Article, lead: User
) -> None:
    assert codes_of(article, author_name="松田") == []
    made = put(Kind.NAME, "松田", lead, article.site)
    sent = send(article, "二度目です。", author_name="松田")
    screen(now=lambda: NOON)
    assert stored(sent).status == "held"
    assert lift(made.pk, by=lead, why="別人だった", now=NOON)
    assert not lift(made.pk, by=lead, why="もう一度", now=NOON)
    assert screen_again([sent.comment_id]) == 1
    screen(now=lambda: NOON)
    assert stored(sent).status == "published"
    assert codes_of(article, "三度目です。", author_name="松田") == []


@pytest.mark.usefixtures("rule")
def test_the_forecast_knows_them(article: Article, lead: User) -> None:
    put(Kind.ADDRESS, "203.0.113.0/24", lead, article.site)
    draft = CommentDraft(body="どうなりますか。", author_name="松田", ip=ip_address("203.0.113.4"))
    foreseen = foresee(Arrival(draft, article.pk), article.site_id, now=NOON)
    assert foreseen.status == "held"


@pytest.mark.usefixtures("rule")
def test_queries_do_not_grow_with_comments_or_sanctions(article: Article, lead: User) -> None:
    def count(many: int) -> int:
        for at in range(many):
            put(Kind.EMAIL, f"s{many}-{at}@example.jp", lead, article.site)
            put(Kind.ADDRESS, f"198.51.100.{at + many}", lead, article.site)
            world.send(article, f"{many}の{at}。", author_email=f"s{many}-{at}@example.jp")
        screen(limit=1)  # the rule set and the sanctions are read once a process
        with CaptureQueriesContext(connection) as captured:
            assert screen().claimed == many - 1
        return len(captured)

    few = count(3)
    assert count(30) == few


NEAR = [
    ("takeda.hiroshi@gmail.com", "TakedaHiroshi+paper@googlemail.com", ["mailbox"]),
    ("hiroshi_t@example.jp", "hiroshi_t+x@example.jp", ["mailbox"]),
    ("hiroshi_t@example.jp", "hirosi_t@example.jp", ["spelling"]),
    ("hiroshi_t@example.jp", "hirohsi_t+x@example.jp", ["spelling"]),
    ("hiroshi_t@example.jp", "hirosi_@example.jp", []),
    ("hiroshi_t@example.jp", "hirosi_t@example.com", []),
    ("hiroshi_t@example.jp", "hiroshi_t@example.jp", ["email"]),
    ("竹田弘編集部公式@example.jp", "竹田広編集部公式@example.jp", ["spelling"]),
    ("hiroshi_t@example.jp", "", []),
    ("hiroshi_t@example.jp", "hiroshi_t", []),
]


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize(("sanctioned", "sent", "expected"), NEAR)
def test_addresses_near_a_sanctioned_one(
    sanctioned: str, sent: str, expected: list[str], article: Article, lead: User
) -> None:
    world.make_rule("email_near_sanctioned", params={"tell": ["mailbox", "spelling"], "least": 8})
    made = put(Kind.EMAIL, sanctioned, lead, article.site)
    assert codes_of(article, author_email=sent) == expected
    facts = Decision.objects.get().facts
    assert [each[:2] for each in facts.get("sanctions", [])] == [[made.pk, by] for by in expected]
    assert "hiro" not in str(facts)


@pytest.mark.usefixtures("rule")
def test_near_addresses_are_no_fact_unless_a_rule_asks(article: Article, lead: User) -> None:
    put(Kind.EMAIL, "hiroshi_t@example.jp", lead, article.site)
    assert codes_of(article, author_email="hirosi_t@example.jp") == []
    assert "sanctions" not in Decision.objects.get().facts


def test_many_near_ones_push_nothing_out_that_stops(article: Article, lead: User) -> None:
    world.make_rule("sanctioned", slug="sanctioned", action="hold")
    world.make_rule("email_near_sanctioned", params={"least": 8, "tell": ["spelling"]})
    for letter in "abcdefghij":
        put(Kind.EMAIL, f"hiroshi{letter}t@example.jp", lead, article.site)
    put(Kind.EMAIL, "hiroshi_t@example.jp", lead, article.site)
    found = codes_of(article, author_email="hiroshi_t@example.jp")
    assert sorted(found) == ["email", *["spelling"] * (MOST_SANCTIONS - 1)]


class TestWho:
    def test_a_moderator_adds_at_his_sites_and_lifts_his_own(self, site: Site, lead: User) -> None:
        moderator = newsroom.make_person(site, "kida", "Moderator")
        made = put(Kind.NAME, "松田", moderator, site)
        of_lead = put(Kind.NAME, "竹田", lead, site)
        with pytest.raises(PermissionDenied):
            lift(of_lead.pk, by=moderator, why="誤り", now=NOON)
        assert lift(made.pk, by=moderator, why="誤り", now=NOON)
        made.refresh_from_db()
        assert (made.lifted_by, made.lifted_why, made.lifted_at) == (moderator, "誤り", NOON)

    def test_a_lead_lifts_anybodys_and_nobody_those_of_other_sites(self, site: Site, lead: User) -> None:
        made = put(Kind.NAME, "松田", newsroom.make_person(site, "kida", "Moderator"), site)
        stranger = newsroom.make_person(world.make_site("yunagi"), "tanin", "Lead")
        with pytest.raises(PermissionDenied):
            lift(made.pk, by=stranger, why="誤り", now=NOON)
        with pytest.raises(PermissionDenied):
            put(Kind.NAME, "梅田", stranger, site)
        assert lift(made.pk, by=lead, why="誤り", now=NOON)

    def test_all_sites_are_for_members_of_all(self, site: Site, lead: User) -> None:
        put(Kind.NAME, "松田", lead, None)
        world.make_site("yunagi")
        with pytest.raises(PermissionDenied):
            put(Kind.NAME, "竹田", lead, None)
        with pytest.raises(PermissionDenied):
            lift(Sanction.objects.get().pk, by=lead, why="誤り", now=NOON)

    def test_an_auditor_does_neither(self, site: Site) -> None:
        with pytest.raises(PermissionDenied):
            put(Kind.NAME, "松田", newsroom.make_person(site, "audit", "Auditor"), site)

    def test_a_reason_an_end_to_come_and_once(self, site: Site, lead: User) -> None:
        made = put(Kind.NAME, "松田", lead, site, until=NOON + timedelta(days=1))
        with pytest.raises(NoReasonError):
            lift(made.pk, by=lead, why=" 　", now=NOON)
        with pytest.raises(NotSanctionable):
            put(Kind.NAME, "竹田", lead, site, until=NOON)
        with pytest.raises(AlreadySanctionedError) as again:
            put(Kind.NAME, "松 田", lead, site)
        assert again.value.sanction == made
        # What is over may be set again.
        assert put(Kind.NAME, "松田", lead, site, now=NOON + timedelta(days=1)).pk != made.pk


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM moderation_sanction",
        "UPDATE moderation_sanction SET note = 'x'",
        "UPDATE moderation_sanction SET until = now()",
        "UPDATE moderation_sanction SET lifted_at = NULL, lifted_by_id = NULL, lifted_why = ''",
    ],
)
def test_what_was_set_stays_as_it_was(site: Site, lead: User, sql: str) -> None:
    put(Kind.NAME, "松田", lead, site)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    lift(Sanction.objects.get().pk, by=lead, why="誤り", now=NOON)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE moderation_sanction SET lifted_why = 'x'")


def test_facts_come_back_as_they_were_kept() -> None:
    sanctions = (Sanctioned(3, "address"), Sanctioned(4, "name", Span("author_name", 0, 2)))
    assert restored_facts(kept_facts(submission(sanctions=sanctions)))["sanctions"] == sanctions
    assert kept_facts(submission()) == {}
    assert restored_facts({})["sanctions"] == ()
    many = tuple(Sanctioned(at, "name") for at in range(99))
    assert len(kept_facts(submission(sanctions=many))["sanctions"]) == MOST_SANCTIONS
