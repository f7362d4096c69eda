"""Deciding many cases at once: seen whole, foreseen, pressed, told row by row, taken back."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments.drafts import CommentDraft
from comments.models import Article, Comment, Site
from comments.services import Arrival, Origin, receive
from moderation.models import BulkDecision, Case, Decision, Reason
from moderation.services import Wanted, decide, decide_together, escalate, screen
from moderation.services.bulk_deciding import MOST
from tests import newsroom, world
from tests.newsroom import case_of, comment_of
from tests.world import NOON, make_reason

pytestmark = pytest.mark.django_db

LOOK, CHECK, PRESS = (reverse(f"desk:{name}") for name in ("bulk", "bulk_check", "bulk_press"))
FORGED = "<script>alert(1)</script>"


@pytest.fixture
def site() -> Site:
    return world.make_site("asagiri", name="あさぎり新聞")


@pytest.fixture
def article(site: Site) -> Article:
    newsroom.make_rules()
    return newsroom.make_article(site)


@pytest.fixture
def cases(article: Article) -> list[Case]:
    """A misquote, spam, a nameless comment: in the order of the queue."""
    return [case_of(each) for each in newsroom.open_cases(article)[1:]]


@pytest.fixture
def mori(site: Site) -> User:
    return newsroom.make_person(site, "mori", "Moderator", first_name="真理", last_name="森")


@pytest.fixture
def kida(site: Site) -> User:
    return newsroom.make_person(site, "kida", "Moderator", first_name="太郎", last_name="木田")


@pytest.fixture
def desk(mori: User, client: Client) -> Client:
    client.force_login(mori)
    return client


def marked(cases: list[Case]) -> list[str]:
    """The boxes as the page of all texts has them."""
    return [f"{case.pk}.{comment_of(case).version}" for case in cases]


def press(desk: Client, cases: list[Case], **fields: object) -> BulkDecision:
    data = {"case": marked(cases), "token": uuid4(), "action": "publish", **fields}
    answer = desk.post(PRESS, data)
    assert answer.status_code == 302, answer.content.decode()
    return BulkDecision.objects.filter(undoes=None).latest("pk")


def done_page(desk: Client, bulk: BulkDecision) -> str:
    return desk.get(reverse("desk:bulk_done", args=[bulk.pk])).content.decode()


def test_all_chosen_are_seen_whole_with_what_was_found(cases: list[Case], desk: Client) -> None:
    page = desk.post(LOOK, {"case": [case.pk for case in cases]})
    text = page.content.decode()
    assert [item.case.pk for item in page.context["items"]] == [case.pk for case in cases]
    assert "リンクが3個あります" in text
    assert "こんな勝手な話があるか" in text
    assert 'class="mark-hold ' in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in text
    for value in marked(cases):
        assert f'name="case" value="{value}" data-pick checked' in text
    # Few come by an address, too.
    assert len(desk.get(LOOK, {"case": [cases[0].pk, cases[1].pk]}).context["items"]) == 2


def test_a_misquote_shows_its_differences(article: Article, desk: Client) -> None:
    case = case_of(newsroom.misquote(article))
    text = desk.get(LOOK, {"case": case.pk}).content.decode()
    assert '<del class="mark-deleted" dir="auto">四十八</del>' in text
    assert '<ins class="mark-inserted" dir="auto">八十四</ins>' in text


def test_what_can_not_be_decided_is_said_before(
    cases: list[Case], desk: Client, mori: User, kida: User, site: Site
) -> None:
    decide([Wanted(cases[0].pk, "publish", comment_of(cases[0]).version)], by=kida, now=NOON)
    escalate(cases[1].pk, "迷う", by=mori, now=NOON)
    run = newsroom.make_run_case(site)
    page = desk.post(LOOK, {"case": [*(case.pk for case in cases), run.pk, 2**40]})
    assert [item.obstacle for item in page.context["items"]] == ["closed", "escalated", ""]
    assert (page.context["able"], page.context["missing"]) == (1, 2)
    text = page.content.decode()
    assert "木田 太郎さんがすでに判断しました" in text
    assert text.count("data-pick ") == 1


def test_what_would_change_is_told_before_the_press(
    cases: list[Case], desk: Client, kida: User, site: Site
) -> None:
    decide([Wanted(cases[2].pk, "publish", comment_of(cases[2]).version)], by=kida, now=NOON)
    boxes = marked(cases)
    Comment.objects.filter(pk=comment_of(cases[1]).pk).update(version=9)
    page = desk.post(CHECK, {"case": boxes, "reject": make_reason().pk, "message": FORGED, "note": FORGED})
    (change,) = page.context["changes"]
    assert (change.site, change.before, change.after, change.number) == (site, "published", "rejected", 1)
    assert page.context["refused"] == {"stale": 1, "closed": 1}
    text = page.content.decode()
    assert FORGED not in text
    assert text.count("&lt;script&gt;alert(1)") == 4
    assert not BulkDecision.objects.exists()


def test_a_rejection_wants_a_reason_and_a_press_a_mark(cases: list[Case], desk: Client) -> None:
    among = ",".join(str(case.pk) for case in cases)
    for data in (
        {"case": marked(cases), "among": among, "action": "reject", "note": "控え"},
        {"among": among, "action": "publish", "note": "控え"},
    ):
        page = desk.post(CHECK, data)
        assert page.status_code == 422
        text = page.content.decode()
        assert "控え</textarea>" in text
        assert 'role="alert"' in text
        # What was unmarked stays in sight, and unmarked.
        assert len(page.context["items"]) == 3
        assert text.count(" data-pick checked") == len(data.get("case", []))


def test_one_press_decides_and_tells_each(cases: list[Case], desk: Client, mori: User, kida: User) -> None:
    boxes = marked(cases)
    Comment.objects.filter(pk=comment_of(cases[0]).pk).update(version=9)
    decide([Wanted(cases[1].pk, "publish", comment_of(cases[1]).version)], by=kida, now=NOON)
    token, reason = uuid4(), Reason.objects.get(slug="abuse")
    data = {"case": [*boxes, f"{2**40}.1"], "token": token, "action": "reject", "reason": reason.pk}
    first = desk.post(PRESS, data)
    again = desk.post(PRESS, data)
    assert first.headers["Location"] == again.headers["Location"]
    bulk = BulkDecision.objects.get()
    assert list(bulk.rows.order_by("case").values_list("outcome", flat=True)) == ["stale", "closed", "done"]
    assert Decision.objects.filter(by=mori).count() == 1
    page = desk.get(first.headers["Location"])
    text = page.content.decode()
    assert (page.context["number"], page.context["missing"], page.context["undoable"]) == (1, 1, 1)
    assert "木田 太郎" in text
    assert reverse("desk:case", args=[cases[0].pk]) in text


def test_all_of_it_is_taken_back_and_what_stands_is_told(
    cases: list[Case], desk: Client, mori: User, kida: User
) -> None:
    bulk = press(desk, cases)
    now = timezone.now()
    lead = newsroom.make_person(cases[0].site, "hara", "Lead", first_name="恵", last_name="原")
    chief = Client()
    chief.force_login(lead)
    one = bulk.rows.get(case=cases[0])
    assert chief.post(reverse("desk:undo", args=[one.decision_id])).status_code == 302
    case = Case.objects.get(pk=cases[0].pk)
    decide([Wanted(case.pk, "publish", comment_of(case).version)], by=kida, now=now)
    assert "木田 太郎" in done_page(desk, bulk)
    token = uuid4()
    for _ in range(2):
        answer = desk.post(reverse("desk:bulk_undo", args=[bulk.pk]), {"token": token}, follow=True)
        assert answer.status_code == 200
    assert Decision.objects.filter(cause="undo", by=mori).count() == 2
    states = {
        each.row.case_id: each for each in desk.get(reverse("desk:bulk_done", args=[bulk.pk])).context["rows"]
    }
    assert [states[case.pk].is_back for case in cases] == [False, True, True]
    assert not any(each.undoable for each in states.values())
    assert Case.objects.filter(closed_at=None, comment__isnull=False).count() == 2


def test_a_lead_takes_back_what_another_pressed_and_nobody_else(
    cases: list[Case], desk: Client, kida: User
) -> None:
    bulk = press(desk, cases[:2])
    other, lead, stranger = Client(), Client(), Client()
    other.force_login(kida)
    lead.force_login(newsroom.make_person(cases[0].site, "hara", "Lead"))
    stranger.force_login(newsroom.make_person(world.make_site("yunagi"), "tanin", "Lead"))
    page, undo = (reverse(f"desk:{name}", args=[bulk.pk]) for name in ("bulk_done", "bulk_undo"))
    assert stranger.get(page).status_code == 404
    assert stranger.post(undo, {"token": uuid4()}).status_code == 404
    assert other.get(page).context["undoable"] == 0
    assert other.post(undo, {"token": uuid4()}).status_code == 403
    assert lead.get(page).context["undoable"] == 2
    assert lead.post(undo, {"token": uuid4()}).status_code == 302
    assert Decision.objects.filter(cause="undo").count() == 2


def test_of_another_site_nothing_is_seen_nor_decided(cases: list[Case]) -> None:
    elsewhere = world.make_site("yunagi", name="ゆうなぎ日報", floor="hold_all")
    client = Client()
    client.force_login(newsroom.make_person(elsewhere, "tanin", "Lead"))
    page = client.post(LOOK, {"case": [case.pk for case in cases]})
    assert (page.context["items"], page.context["missing"]) == ([], 3)
    assert "図書館" not in page.content.decode()
    page = client.post(CHECK, {"case": marked(cases), "action": "publish"})
    assert (page.context["changes"], page.context["refused"]) == ([], {"denied": 3})
    client.post(PRESS, {"case": marked(cases), "action": "publish", "token": uuid4()})
    assert not Decision.objects.filter(by__isnull=False).exists()


def test_who_may_not_decide_marks_nothing(cases: list[Case], site: Site, client: Client) -> None:
    client.force_login(newsroom.make_person(site, "kansa", "Auditor"))
    assert client.post(LOOK, {"case": [cases[0].pk]}).status_code == 403
    assert client.post(PRESS, {"case": marked(cases)}).status_code == 403
    assert "data-pick" not in client.get(reverse("desk:queue")).content.decode()


def test_all_that_the_filters_find(cases: list[Case], desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    found = desk.post(f"{LOOK}?severity=3", {"all": "1"})
    assert {item.case.severity for item in found.context["items"]} == {3}
    monkeypatch.setattr("moderation.admin.bulk_form.MOST", 2)
    page = desk.post(LOOK, {"all": "1"})
    assert [item.case.pk for item in page.context["items"]] == [case.pk for case in cases[:2]]
    assert page.context["cut_of"] == 3
    assert desk.post(LOOK, {}).headers["Location"] == reverse("desk:queue")


def test_a_group_of_like_cases_is_all_of_it(cases: list[Case], desk: Client) -> None:
    Case.objects.filter(pk__in=[cases[0].pk, cases[2].pk]).update(group_id=cases[0].pk)
    page = desk.get(LOOK, {"group": cases[0].pk})
    assert [item.case.pk for item in page.context["items"]] == [cases[0].pk, cases[2].pk]
    queue = desk.get(reverse("desk:queue")).content.decode()
    assert f'name="group" value="{cases[0].pk}"' in queue


@pytest.mark.parametrize("value", ["x", "-1", "1.x", "9" * 40, "１２", "1,2", ""])
def test_what_is_no_case_is_left_out(cases: list[Case], desk: Client, value: str) -> None:
    page = desk.post(LOOK, {"case": [value, str(cases[0].pk)], "among": value, "group": value})
    assert cases[0].pk in [item.case.pk for item in page.context["items"]]


def test_what_was_not_seen_is_not_decided(cases: list[Case], desk: Client) -> None:
    """A row of the list is no comment that was read."""
    bulk = press(desk, cases[:1], case=[str(cases[0].pk)])
    assert bulk.rows.get().outcome == "stale"


def test_today_it_is_one_entry(cases: list[Case], desk: Client, mori: User) -> None:
    bulk = press(desk, cases)
    page = desk.get(reverse("desk:today"))
    (entry,) = page.context["bulks"].values()
    assert len(page.context["rows"]) == 1
    assert (entry.bulk, entry.number, entry.standing) == (bulk, 3, 3)
    Site.objects.update(zone="Pacific/Auckland")
    at = bulk.created_at.astimezone(ZoneInfo("Pacific/Auckland"))
    shown = desk.get(reverse("desk:bulk_done", args=[bulk.pk])).content.decode()
    assert f">{at:%Y-%m-%d %H:%M}</time>" in shown
    desk.post(reverse("desk:bulk_undo", args=[bulk.pk]), {"token": entry.token})
    entries = desk.get(reverse("desk:today")).context["bulks"].values()
    assert [(each.bulk.undoes_id, each.number, each.standing, each.key) for each in entries] == [
        (bulk.pk, 3, 0, bulk.pk),
        (None, 3, 0, bulk.pk),
    ]
    desk.post(reverse("desk:decide", args=[cases[0].pk]), {"action": "publish", "seen_version": 9})
    undone = BulkDecision.objects.get(undoes=bulk)
    assert desk.get(reverse("desk:bulk_done", args=[undone.pk])).headers["Location"].endswith(f"/{bulk.pk}/")


def more(article: Article, number: int) -> list[Case]:
    """So many nameless comments, as one batch, and the cases that wait then."""
    bodies = (f"図書館への意見、その{at}。 https://example.net/{at}" for at in range(number))
    sent = [Arrival(CommentDraft(body=body, author_name="", author_email=""), article.pk) for body in bodies]
    receive(sent, Origin(article.site_id), now=NOON)
    while screen(now=lambda: NOON + timedelta(hours=1)).claimed:
        pass
    return list(Case.objects.filter(closed_at=None).order_by("pk"))


def test_as_many_queries_for_fifty_as_for_five(article: Article, desk: Client, mori: User) -> None:
    cases = more(article, 50)
    numbers = []
    desk.get(reverse("desk:queue"))
    for some in (cases[:5], cases[5:]):
        boxes = marked(some)
        with CaptureQueriesContext(connection) as looked:
            assert len(desk.post(LOOK, {"case": [case.pk for case in some]}).context["items"]) == len(some)
        with CaptureQueriesContext(connection) as checked:
            desk.post(CHECK, {"case": boxes, "action": "publish"})
        asked = [Wanted(case.pk, "publish", comment_of(case).version) for case in some]
        bulk = decide_together(asked, token=uuid4(), by=mori, now=timezone.now())
        with CaptureQueriesContext(connection) as told:
            assert len(desk.get(reverse("desk:bulk_done", args=[bulk.pk])).context["rows"]) == len(some)
        with CaptureQueriesContext(connection) as today:
            desk.get(reverse("desk:today"))
        numbers.append([len(looked), len(checked), len(told), len(today)])
    assert numbers[0] == numbers[1]


def test_five_hundred_at_once(article: Article, desk: Client) -> None:
    """By real requests: as many fields as a form may have."""
    newsroom_cases = more(article, MOST)
    page = desk.post(LOOK, {"all": "1"})
    assert len(page.context["items"]) == MOST
    boxes = marked(list(Case.objects.select_related("comment").filter(closed_at=None)))
    among = ",".join(str(case.pk) for case in newsroom_cases)
    page = desk.post(CHECK, {"case": boxes, "among": among, "action": "publish", "message": "", "note": ""})
    assert page.context["number"] == MOST
    data = {"case": boxes, "among": among, "token": page.context["token"], "action": "publish", "reason": "",
            "message": "", "note": ""}  # fmt: skip
    done = desk.post(PRESS, data)
    page = desk.get(done.headers["Location"])
    assert (page.context["number"], page.context["undoable"]) == (MOST, MOST)
    assert not Case.objects.filter(closed_at=None).exists()
    bulk = BulkDecision.objects.get()
    desk.post(reverse("desk:bulk_undo", args=[bulk.pk]), {"token": uuid4()})
    assert Case.objects.filter(closed_at=None).count() == MOST
