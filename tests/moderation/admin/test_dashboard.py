"""The dashboard: whose figures one sees, what its tables and files hold, and what it costs."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments.models import Site
from comments.services import Received
from moderation.admin.charts import Cell, Series, Table, bars, strips
from moderation.models import Case, Reason, Rule
from moderation.services import Wanted, decide, undo
from moderation.services.deciding import Result
from tests import newsroom, world
from tests.comments.ledgers import figures, make_run

pytestmark = pytest.mark.django_db

PAGE = "desk:dashboard"
PANELS = (
    "waiting", "flow", "time", "rules", "reasons", "by-rule", "quotes", "moderators", "imports", "runs",
)  # fmt: skip


@pytest.fixture
def site(db: None) -> Site:
    return world.make_site("asagiri", name="あさぎり新聞")


@pytest.fixture
def lead(site: Site) -> User:
    return newsroom.make_person(site, "hara", "Lead", last_name="原", first_name="たか子")


@pytest.fixture
def sent(site: Site, lead: User, monkeypatch: pytest.MonkeyPatch) -> list[Received]:
    """Three cases that were opened some minutes ago."""
    monkeypatch.setattr(newsroom, "NOON", timezone.now() - timedelta(minutes=40))
    newsroom.make_rules()
    return newsroom.open_cases(newsroom.make_article(site))


@pytest.fixture
def browser(client: Client, lead: User) -> Client:
    client.force_login(lead)
    return client


def act(received: Received, by: User, action: str = "publish", now: datetime | None = None) -> Result:
    case = newsroom.case_of(received)
    reason = Reason.objects.get(slug="spam").pk if action == "reject" else None
    wanted = Wanted(case.pk, action, newsroom.comment_of(case).version, reason_id=reason)
    (result,) = decide([wanted], by=by, now=now or timezone.now())
    return result


def panels(client: Client, **query: str | int) -> dict[str, Any]:
    response = client.get(reverse(PAGE), query)
    assert response.status_code == 200
    return {panel.slug: panel for panel in response.context["panels"]}


def rows(panel: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in panel.table.rows]


def test_what_waits_is_there_by_severity_and_age(sent: list[Received], browser: Client) -> None:
    Case.objects.filter(comment=sent[1].comment_id).update(
        opened_at=timezone.now() - timedelta(days=2), due_at=timezone.now() - timedelta(days=1)
    )
    panel = panels(browser)["waiting"]
    assert rows(panel) == [
        ["高", 1, 0, 0, 1, 0, 0, 2, 1],
        ["中", 1, 0, 0, 0, 0, 0, 1, 0],
        ["低", 0, 0, 0, 0, 0, 0, 0, 0],
        ["エスカレーション", 0, 0, 0, 0, 0, 0, 0, 0],
    ]
    assert panel.figures[0][0] == "3"
    # A number leads to a queue of as many.
    for row in panel.table.rows:
        for cell in row:
            if cell.link:
                assert browser.get(cell.link).context["count"] == cell.value


def test_decisions_are_told_by_reason_rule_and_time(
    sent: list[Received], browser: Client, lead: User
) -> None:
    act(sent[2], lead, "reject")
    act(sent[1], lead)
    taken_back = act(sent[3], lead)
    assert taken_back.decision_id
    undo(taken_back.decision_id, by=lead, now=timezone.now())
    found = panels(browser, period="24h")
    assert rows(found["reasons"]) == [["宣伝", 1]]
    assert {row[0]: row[1:4] for row in rows(found["by-rule"])} == {
        "リンクは二つまで": [1, 1, 100],
        "引用の出典": [1, 0, 0],
    }
    assert found["by-rule"].bars[0].tick in {0.0, 100.0}
    assert rows(found["moderators"]) == [["原 たか子", 2, 1, 1]]
    totals = [sum(row[at] for row in rows(found["flow"])) for at in (1, 2, 3)]
    assert totals == [3, 2, 0]
    assert found["flow"].figures[-1] == ("1", "取り消された判断")
    assert sum(row[1] for row in rows(found["time"])) == 2
    median = next(row[2] for row in rows(found["time"]) if row[1])
    # Opened five minutes after they were sent, 40 minutes ago.
    assert median == pytest.approx(35 * 60, rel=0.1)
    assert [sum(row[at] for row in rows(found["rules"])) for at in (1, 2, 3)] == [2, 2, 0]
    assert sum(sum(row[1:]) for row in rows(found["quotes"])) == 2


def test_late_decisions_have_their_share(sent: list[Received], browser: Client, lead: User) -> None:
    act(sent[1], lead)
    Case.objects.filter(comment=sent[2].comment_id).update(due_at=timezone.now() - timedelta(minutes=1))
    act(sent[2], lead)
    assert panels(browser)["time"].figures[2][0] == "50%"


@pytest.mark.parametrize(("period", "flow", "whole"), [("24h", 24, 24), ("28d", 28, 28), ("12w", 12, 12)])
def test_periods_have_their_points(
    sent: list[Received], browser: Client, lead: User, period: str, flow: int, whole: int
) -> None:
    act(sent[1], lead)
    found = panels(browser, period=period)
    assert (len(found["flow"].table.rows), len(found["time"].table.rows)) == (flow, whole)
    assert sum(row[1] for row in rows(found["flow"])) == 3


def test_a_week_has_hours_and_days(sent: list[Received], browser: Client, lead: User) -> None:
    act(sent[1], lead)
    found = panels(browser, period="no such")
    assert 6 * 24 < len(found["flow"].table.rows) <= 7 * 24
    assert len(found["time"].table.rows) == 7


def test_one_site_or_all_of_ones_own(sent: list[Received], browser: Client, lead: User, site: Site) -> None:
    other, foreign = world.make_site("yunagi", zone="Europe/London"), world.make_site("hazama")
    lead.memberships.create(site=other)
    newsroom.open_cases(newsroom.make_article(other))
    newsroom.open_cases(newsroom.make_article(foreign))
    assert panels(browser)["waiting"].figures[0][0] == "6"
    assert panels(browser, site=site.pk)["waiting"].figures[0][0] == "3"
    assert sum(row[1] for row in rows(panels(browser, site=other.pk)["flow"])) == 3
    # What is not his to see is no site at all: all of his own are shown.
    page = browser.get(reverse(PAGE), {"site": foreign.pk})
    assert page.context["asked"].site is None
    assert page.context["panels"][0].figures[0][0] == "6"
    text = page.content.decode()
    assert "hazama" not in text.lower()
    assert "時刻帯が違います" in text
    assert "時刻帯が違います" not in browser.get(reverse(PAGE), {"site": site.pk}).content.decode()


def test_a_moderator_sees_what_he_decided_and_no_colleague(
    sent: list[Received], client: Client, site: Site, lead: User
) -> None:
    mori = newsroom.make_person(site, "mori", "Moderator", last_name="森")
    client.force_login(mori)
    act(sent[1], lead)
    assert panels(client)["moderators"].empty
    act(sent[2], mori, "reject")
    assert rows(panels(client)["moderators"]) == [["森", 1, 0, 1]]
    file = client.get(reverse("desk:dashboard_csv", args=["moderators"])).content.decode()
    assert "原" not in file
    client.force_login(lead)
    # By name, whoever decided more.
    assert [row[0] for row in rows(panels(client)["moderators"])] == ["原 たか子", "森"]
    client.force_login(newsroom.make_person(site, "kansa", "Auditor"))
    assert [row[0] for row in rows(panels(client)["moderators"])] == ["原 たか子", "森"]


def test_rules_of_other_sites_are_not_named(sent: list[Received], browser: Client, lead: User) -> None:
    act(sent[2], lead, "reject")
    Rule.objects.filter(slug="links").update(site=world.make_site("hazama"))
    assert rows(panels(browser)["by-rule"]) == []


def test_who_may_not_see_cases_sees_no_figures(client: Client, site: Site) -> None:
    client.force_login(newsroom.make_person(site, "kari"))
    assert client.get(reverse(PAGE)).status_code == 403
    assert client.get(reverse("desk:dashboard_csv", args=["waiting"])).status_code == 403
    assert "front" not in client.get(reverse("admin:index")).context


def test_a_member_of_no_site_is_told_what_to_do(client: Client) -> None:
    client.force_login(newsroom.make_person(None, "nanashi", "Moderator"))
    text = client.get(reverse(PAGE)).content.decode()
    assert "まだどのサイトのメンバーでもありません" in text
    assert client.get(reverse("desk:dashboard_csv", args=["waiting"])).status_code == 404
    assert "まだどのサイトのメンバーでもありません" in client.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("panel", PANELS)
def test_each_table_is_a_file(
    sent: list[Received], browser: Client, lead: User, site: Site, panel: str
) -> None:
    act(sent[2], lead, "reject")
    make_run(site, ended=True, counts={"comments": figures(12, 10, problems=2)})
    shown = panels(browser, period="24h")[panel]
    query = {"period": "24h", "site": str(site.pk)}
    response = browser.get(reverse("desk:dashboard_csv", args=[panel]), query)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="asagiri-{panel}-24h.csv"'
    assert "no-store" in response["Cache-Control"]
    assert response.content.startswith(b"\xef\xbb\xbf")
    head, *body = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert head == list(shown.table.columns)
    assert [[*row] for row in body] == [
        ["" if each is None else str(each) for each in row] for row in rows(shown)
    ]
    assert body or panel == "imports"


def test_there_is_no_file_of_anything_else(browser: Client) -> None:
    assert browser.get(reverse("desk:dashboard_csv", args=["secrets"])).status_code == 404
    assert browser.post(reverse(PAGE)).status_code == 405


def test_no_cell_is_a_formula() -> None:
    table = Table(
        ("=1+1", "n"), [(Cell("=HYPERLINK(1)", "x"), Cell(-3, "-3")), (Cell("＠ｗ", "x"), Cell(None, ""))]
    )
    lines = table.as_csv().decode("utf-8-sig").splitlines()
    assert lines == ["'=1+1,n", "'=HYPERLINK(1),-3", "'＠ｗ,"]


def test_what_people_typed_is_escaped(sent: list[Received], browser: Client, lead: User) -> None:
    lead.last_name = "<b>原</b>"
    lead.save()
    act(sent[1], lead)
    Rule.objects.update(name_ja="<script>alert(1)</script>")
    text = browser.get(reverse(PAGE)).content.decode()
    assert "<b>原" not in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_the_queries_are_as_many_whatever_there_is(
    sent: list[Received], browser: Client, lead: User, site: Site
) -> None:
    make_run(site, ended=True, counts={"comments": figures(12, 10)})

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            panels(browser, period="28d")
        return len(captured)

    queries()
    few = queries()
    for number in range(4):
        newsroom.open_cases(newsroom.make_article(site))
        make_run(site, source=f"s{number}", ended=True, counts={"comments": figures(12, 10)})
        by = newsroom.make_person(site, f"person{number}", "Moderator")
        act(sent[number % 3 + 1], by) if number < 3 else None
    assert queries() == few


def test_the_first_page_says_what_waits(sent: list[Received], browser: Client) -> None:
    response = browser.get(reverse("admin:index"))
    assert response.context["front"]["total"] == 3
    text = response.content.decode()
    assert "いま待っている案件" in text
    assert reverse("desk:dashboard") in text
    for _value, _name, number, link in response.context["front"]["waiting"]:
        assert browser.get(link).context["count"] == number


@pytest.mark.parametrize(("language", "word"), [("ja", "判断までの時間"), ("en", "Time to decision")])
def test_both_languages(sent: list[Received], browser: Client, language: str, word: str) -> None:
    browser.cookies["django_language"] = language
    text = browser.get(reverse(PAGE)).content.decode()
    assert word in text
    assert f'<html lang="{language}' in text


def test_a_chart_says_what_it_shows() -> None:
    (first, second) = strips(
        [Series("came", [0, 4, 2], "6"), Series("went", [0, 0, 0], "0")], ["a", "b", "c"]
    )
    assert first.path.count("M") == 2
    assert "v-44.0" in first.path
    assert "v-22.0" in first.path
    assert all(word in first.told for word in "abc")
    assert second.path == ""
    assert [bar.width for bar in bars([("x", 8), ("y", 2)])] == [100.0, 25.0]
