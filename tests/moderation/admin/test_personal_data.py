"""Personal data is masked until it is asked for, and who was shown it is recorded."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments.disclosing import DisclosedBy, disclose
from comments.erasing import erase
from comments.masking import mask_within
from comments.models import Article, Comment, Disclosure, ImportProblem, Membership, Site
from moderation.models import Case, Reason, Sanction
from tests import newsroom, world
from tests.world import NOON

pytestmark = pytest.mark.django_db
SHOW = {"personal": "show"}


@pytest.fixture
def hara(site: Site) -> User:
    return newsroom.make_person(site, "hara", "Lead")


@pytest.fixture
def lead(hara: User, client: Client) -> Client:
    client.force_login(hara)
    return client


@pytest.fixture
def case(article: Article) -> Case:
    """An open case of a comment with an e-mail address, a network address and a user agent."""
    newsroom.make_rules()
    spam = newsroom.open_cases(article)[2]
    Comment.objects.filter(pk=spam.comment_id).update(ip="203.0.113.77", user_agent="Lynx/2.9")
    return newsroom.case_of(spam)


def rows() -> list[tuple[Any, ...]]:
    """All that is recorded: who, where, of what kind, of how many comments."""
    found = Disclosure.objects.order_by("pk").select_related("by")
    return [(each.by and each.by.username, each.by_page, each.kinds, each.comments) for each in found]


def text(response: Any) -> str:
    assert response.status_code == 200
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode())


def test_a_card_shows_it_when_asked_and_records_it_each_time(case: Case, lead: Client) -> None:
    page = reverse("desk:case", args=[case.pk])
    masked = text(lead.get(page))
    assert [word for word in ("job@example.net", "203.0.113.77", "Lynx") if word in masked] == []
    assert "•••" in masked
    assert rows() == []
    for times in (1, 2):
        shown = text(lead.get(page, SHOW))
        assert [word for word in ("job@example.net", "203.0.113.77", "Lynx/2.9") if word not in shown] == []
        assert rows() == [("hara", "card", ["address", "agent", "email"], [case.comment_id])] * times
    (row, _) = Disclosure.objects.all()
    assert row.site_id == case.site_id
    assert row.at is not None


def test_it_costs_one_statement(case: Case, lead: Client) -> None:
    page = reverse("desk:case", args=[case.pk])

    def queries(**query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            lead.get(page, query)
        return len(captured)

    queries()
    assert queries(**SHOW) == queries() + 1


@pytest.mark.parametrize("group", ["Moderator", "Auditor"])
def test_without_the_permission_asking_is_in_vain(case: Case, site: Site, client: Client, group: str) -> None:
    client.force_login(newsroom.make_person(site, "mori", group))
    for page in (
        reverse("desk:case", args=[case.pk]),
        reverse("admin:comments_comment_change", args=[case.comment_id]),
    ):
        shown = text(client.get(page, SHOW))
        assert "job@example.net" not in shown
        assert "personal=show" not in shown
    assert rows() == []


def test_the_page_of_a_comment(case: Case, lead: Client) -> None:
    page = reverse("admin:comments_comment_change", args=[case.comment_id])
    assert "?personal=show" in text(lead.get(page))
    assert "job@example.net" in text(lead.get(page, SHOW))
    assert rows() == [("hara", "comment", ["address", "agent", "email"], [case.comment_id])]


def test_a_comment_without_any_has_nothing_to_show(site: Site, lead: Client, hara: User) -> None:
    sent = world.send(world.make_article(site), "匿名です。", author_email="", author_name="")
    page = reverse("admin:comments_comment_change", args=[sent.comment_id])
    assert "personal=show" not in text(lead.get(page))
    text(lead.get(page, SHOW))
    disclose([Comment.objects.get(pk=sent.comment_id)], DisclosedBy.COMMENT, by=hara)
    assert rows() == []


def test_searches_for_an_address_are_recorded_with_what_they_found(case: Case, lead: Client) -> None:
    archive, desk = reverse("admin:comments_comment_changelist"), reverse("desk:queue")
    text(lead.get(archive, {"q": "在宅"}))
    text(lead.get(desk, {"q": "example"}))
    assert rows() == []
    text(lead.get(archive, {"q": "job@example.net"}))
    assert rows() == [("hara", "search", ["email"], [case.comment_id])]
    listed = lead.get(desk, {"q": "job@example"})
    assert [each.pk for each in listed.context["page"].rows] == [case.pk]
    assert rows()[1:] == [("hara", "desk-search", ["email"], [case.comment_id])]
    # The list that is asked again whether it has changed is no new look.
    headers = {"sekisho-part": "list", "if-none-match": listed.context["etag"]}
    assert lead.get(desk, {"q": "job@example"}, headers=headers).status_code == 304
    assert len(rows()) == 2
    # Whatever else tells whose it is, is recorded: a list of another tag, a page beside, all at once.
    other, asked = {**headers, "if-none-match": '"x"'}, {"q": "job@example"}
    card = reverse("desk:case", args=[newsroom.make_run_case(case.site).pk])
    asking: tuple[Callable[[], Any], ...] = (
        lambda: lead.get(desk, asked, headers=other),
        lambda: lead.get(desk, asked, headers={"if-none-match": listed.context["etag"]}),
        lambda: lead.get(card, asked, headers={"sekisho-part": "card"}),
        lambda: lead.get(card, asked),
        lambda: lead.get(reverse("desk:bulk"), {**asked, "all": "1"}),
        lambda: lead.post(f"{reverse('desk:bulk_check')}?q=job@example", {"all": "1"}),
        lambda: lead.get(reverse("desk:again"), asked),
    )
    for ask in asking:
        before = len(rows())
        assert ask().status_code in {200, 422}
        assert rows()[before:]
        assert set(map(str, rows()[before:])) == {str(("hara", "desk-search", ["email"], [case.comment_id]))}


def test_a_search_of_the_desk_finds_addresses_with_an_at_sign_alone(case: Case, lead: Client) -> None:
    listed = lead.get(reverse("desk:queue"), {"q": "job"})
    assert listed.context["page"].rows == []


def test_the_files_of_an_import(site: Site, lead: Client) -> None:
    run = newsroom.make_run_case(site).import_run
    assert run is not None
    entry = ImportProblem.objects.filter(run=run).earliest("pk")
    text(lead.get(reverse("admin:comments_importproblem_change", args=[entry.pk]), SHOW))
    text(lead.get(reverse("admin:comments_importproblem_download", args=["csv"]), {"run": run.pk}))
    text(lead.get(reverse("admin:comments_importrun_mend", args=[run.pk])))
    about = list(Disclosure.objects.order_by("pk").values_list("by_page", "about", "site", "kinds"))
    assert about == [
        ("entry", entry.pk, site.pk, ["row"]),
        ("ledger", run.pk, site.pk, ["row"]),
        ("to-mend", run.pk, site.pk, ["row"]),
    ]


def test_commands_are_recorded_with_the_account_that_ran_them(
    case: Case, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "operator")
    call_command("export_comments", site=case.site.slug, no_progress=True)
    assert rows() == []
    call_command("export_comments", site=case.site.slug, no_progress=True, with_personal_data=True)
    row = Disclosure.objects.get()
    assert (row.by, row.operator, row.by_page, row.site_id) == (
        None, "operator", "export-command", case.site_id,
    )  # fmt: skip
    run = newsroom.make_run_case(case.site).import_run
    assert run is not None
    call_command("import_ledger", run.pk, form="lines")
    assert Disclosure.objects.count() == 1
    call_command("import_ledger", run.pk, form="jsonl")
    assert Disclosure.objects.latest("pk").by_page == "ledger-command"


def test_a_sanction_shows_its_range_on_its_page_alone(
    case: Case, site: Site, lead: Client, hara: User
) -> None:
    row = Sanction.objects.create(
        site=site, kind="address", match="203.0.113.77/32", shown="203.0.113.77/32", created_by=hara,
        reason=Reason.objects.get(slug="abuse"), comment=case.comment,
    )  # fmt: skip
    page = reverse("admin:moderation_sanction_change", args=[row.pk])
    lift = reverse("admin:moderation_sanction_lift", args=[row.pk])
    for masked in (page, lift, reverse("admin:moderation_sanction_changelist")):
        assert "203.0.113.77" not in text(lead.get(masked))
    assert "203.0.113.77" in text(lead.get(page, SHOW))
    assert rows() == [("hara", "sanction", ["address"], [case.comment_id])]


def test_a_sanction_set_from_a_comment_stays_masked(case: Case, lead: Client) -> None:
    page = f"{reverse('admin:moderation_sanction_add')}?comment={case.comment_id}"
    assert "203.0.113.77" not in text(lead.get(page))
    data = {"kind": "address", "site": case.site_id, "days": 30, "reason": Reason.objects.first().pk}  # type: ignore[union-attr]
    foreseen = text(lead.post(page, data))
    assert "203.0.•.•/32" in foreseen
    assert "203.0.113.77" not in foreseen
    assert rows() == []


def test_whose_a_typed_address_is_is_recorded(case: Case, lead: Client) -> None:
    data = {
        "kind": "address", "value": "203.0.113.77", "site": case.site_id, "days": 30,
        "reason": Reason.objects.first().pk,  # type: ignore[union-attr]
    }  # fmt: skip
    text(lead.post(reverse("admin:moderation_sanction_add"), data))
    assert [(by, page, kinds) for by, page, kinds, _ in rows()] == [("hara", "preview", ["address"])]
    # At all sites: each site's auditors read of its own comments.
    other = world.make_article(world.make_site("yunagi"))
    there = world.send(other, "あちらの人です。").comment_id
    Membership.objects.create(site=other.site, user=User.objects.get(username="hara"))
    found = {case.site_id: [case.comment_id], other.site_id: [there]}
    Comment.objects.filter(pk__in=[there, case.comment_id]).update(
        ip="203.0.113.77", received_at=timezone.now()
    )
    text(lead.post(reverse("admin:moderation_sanction_add"), {**data, "site": ""}))
    assert dict(Disclosure.objects.order_by("pk")[1:].values_list("site", "comments")) == found


def test_erasing_leaves_the_record_and_the_record_holds_nothing_typed(case: Case, lead: Client) -> None:
    text(lead.get(reverse("desk:case", args=[case.pk]), SHOW))
    erase([case.comment_id or 0], now=NOON)
    assert len(rows()) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(d)::text FROM comments_disclosure d")
        stored = cursor.fetchone()[0]
    assert "example" not in stored
    assert "203.0" not in stored


def test_the_record_is_append_only(case: Case, hara: User) -> None:
    assert case.comment is not None
    disclose([case.comment], DisclosedBy.CARD, by=hara)
    row = Disclosure.objects.get()
    for sql in ("UPDATE comments_disclosure SET by_id = NULL", "DELETE FROM comments_disclosure"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            connection.cursor().execute(sql)
    assert Disclosure.objects.get() == row


def test_the_admins_log_is_append_only(lead: Client, site: Site) -> None:
    text(lead.get(reverse("admin:comments_site_change", args=[site.pk])))
    page = reverse("admin:comments_article_change", args=[world.make_article(site).pk])
    empty = {f"{name}-{which}_FORMS": "0" for name in ("urls", "revisions") for which in ("TOTAL", "INITIAL")}
    assert lead.post(page, {"floor": "closed", **empty}).status_code == 302
    for sql in ("UPDATE django_admin_log SET user_id = user_id", "DELETE FROM django_admin_log"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            connection.cursor().execute(sql)


def test_a_run_shows_its_rows_with_the_addresses_masked(site: Site, client: Client) -> None:
    case = newsroom.make_run_case(site)
    assert case.import_run is not None
    ImportProblem.objects.create(
        run=case.import_run, refused=False, position=40, kind="comments", place="line 41",
        code="guessed-split",
        raw='12,"佐藤","hanako@example.jp",198.51.100.7,"Mozilla/5.0 (X11; Linux)","良い記事でした"',
        reason="Nothing marks where this comment begins: it was taken to be one of its own.",
    )  # fmt: skip
    client.force_login(newsroom.make_person(site, "mori", "Moderator"))
    shown = text(client.get(reverse("desk:case", args=[case.pk])))
    assert "良い記事でした" in shown
    assert [word for word in ("hanako@example.jp", "198.51.100.7", "X11") if word in shown] == []


@pytest.mark.parametrize(
    ("raw", "masked"),
    [
        ("a hanako@example.jp b", "a h•••@•••.jp b"),
        ("192.0.2.55\t良い", "192.0.•.•\t良い"),
        ("2001:db8:0:1::7 x", "2001:0db8:••• x"),
        ("2026-01-10 12:30:05 と 10:20", "2026-01-10 12:30:05 と 10:20"),
        ("999.1.2.3 は番号ではない", "999.1.2.3 は番号ではない"),
        ('"Mozilla/5.0 (X11)",x', '"•••",x'),
        ("名前 本文", "名前 本文"),
    ],
)
def test_masking_within_a_row(raw: str, masked: str) -> None:
    assert mask_within(raw) == masked
