"""The page of an import run, its ledger, and what can be done from there."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.admin import run_page
from comments.imports.runs import this_process
from comments.models import Asked, ImportProblem, ImportRun, RunStatus, Site
from tests import newsroom, world
from tests.comments.ledgers import figures, make_chunk, make_entry, make_run
from tests.world import NOON

pytestmark = pytest.mark.django_db

STEER, PERSONAL, ERASE = "steer_importrun", "view_personal_data", "erase_comment"


def person(site: Site, name: str = "hara", *permissions: str, group: str = "Auditor") -> User:
    user = newsroom.make_person(site, name, group)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


@pytest.fixture
def run(site: Site) -> ImportRun:
    """A run that this very process works at."""
    run = make_run(
        site, owner=this_process(), position=1_200, fraction=0.5, counts={"articles": figures(3, 3)},
        options={"zone": "Asia/Tokyo", "encoding": "cp932", "confidence": 0.93},
    )  # fmt: skip
    make_chunk(run, 0, comments=figures(1_000, 990, problems=10, notices=2))
    for position in range(10):
        make_entry(run, position, raw=f"<b>{position}</b> reader{position}@example.net")
    for position in (3, 4):
        make_entry(run, position, refused=False, code="assumed-zone", reason="posted_at names no time zone.")
    return run


def page(run: ImportRun, name: str = "change") -> str:
    return reverse(f"admin:comments_importrun_{name}", args=[run.pk])


def ledger(query: str = "", form: str = "") -> str:
    address = (
        reverse("admin:comments_importproblem_download", args=[form])
        if form
        else reverse("admin:comments_importproblem_changelist")
    )
    return f"{address}?{query}"


def text(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()  # type: ignore[no-any-return]


def downloaded(response: Any) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


# --- the page -----------------------------------------------------------------


def test_it_tells_how_the_run_stands(site: Site, run: ImportRun, client: Client) -> None:
    client.force_login(person(site))
    shown = text(client.get(page(run), headers={"Accept-Language": "en"}))
    for expected in ("Running", "1,003", "cp932 (93 % sure)", "Asia/Tokyo", "Sekisho JSONL", "rows settled"):
        assert expected in shown, expected
    # One line a reason, however many rows.
    assert shown.count("write something: the body is empty.") == 1
    assert shown.count("posted_at names no time zone.") == 1
    assert "line 1, line 2, line 3, line 4, line 5, …" in shown
    assert f"?run={run.pk}&amp;outcome=refused&amp;code=blank" in shown
    # He may look and no more.
    assert 'form="ask"' not in shown
    assert "<b>0</b>" not in shown


def test_it_takes_as_many_queries_for_many_as_for_few(site: Site, client: Client) -> None:
    client.force_login(person(site))
    few, many = make_run(site, source="few"), make_run(site, source="many")
    make_chunk(few, 0, comments=figures(10, 9, problems=1))
    make_entry(few, 0)
    for number in range(50):
        make_chunk(many, number, comments=figures(10, 9, problems=1))
        make_entry(many, number, code=f"code-{number}", reason=f"Reason {'x' * number}.")
    taken = []
    for run in (few, few, many):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            text(client.get(page(run)))
        taken.append(len(queries))
    assert taken[1] == taken[2]


def test_the_list_counts_truly_in_as_many_queries(site: Site, run: ImportRun, client: Client) -> None:
    client.force_login(person(site))
    address, taken = reverse("admin:comments_importrun_changelist"), []
    for number in range(3):
        with CaptureQueriesContext(connection) as queries:
            shown = text(client.get(address, headers={"Accept-Language": "en"}))
        taken.append(len(queries))
        make_run(site, source=f"source-{number}", ended=True)
    assert "1,003 read: 993 created, 10 refused; 2 notices" in shown
    assert taken[1] == taken[2]


def test_its_parts_come_again_only_when_they_have_changed(site: Site, run: ImportRun, client: Client) -> None:
    client.force_login(person(site))
    first = client.get(page(run, "state"))
    assert "<html" not in text(first)
    assert first["ETag"] in text(client.get(page(run))).replace("&quot;", '"')
    again = client.get(page(run, "state"), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    with CaptureQueriesContext(connection) as queries:
        client.get(page(run, "state"), headers={"If-None-Match": first["ETag"]})
    assert len(queries) <= 6
    make_chunk(run, 1, comments=figures(500, 500))
    changed = client.get(page(run, "state"), headers={"If-None-Match": first["ETag"]})
    assert "1,503" in text(changed)
    assert changed["ETag"] != first["ETag"]
    english = client.get(
        page(run, "state"), headers={"If-None-Match": changed["ETag"], "Accept-Language": "en"}
    )
    assert "Running" in text(english)


@pytest.mark.parametrize(
    "change",
    [
        {"asked": Asked.PAUSE},
        {"status": RunStatus.PAUSED},
        {"heartbeat_at": NOON},
        {"finished_at": NOON},
        {"fraction": 0.6},
        {"error": "line 9: is cut."},
    ],
)
def test_whatever_moves_makes_another_tag(run: ImportRun, change: dict[str, Any]) -> None:
    before = run_page.etag(run)
    ImportRun.objects.filter(pk=run.pk).update(**change)
    run.refresh_from_db()
    assert run_page.etag(run) != before


@pytest.mark.parametrize(
    ("fields", "words", "asks"),
    [
        ({}, "Running", {"pause", "cancel"}),
        ({"asked": Asked.PAUSE}, "About to pause", {"go-on", "cancel"}),
        ({"asked": Asked.CANCEL}, "Being cancelled", set()),
        ({"status": RunStatus.PAUSED}, "Paused", {"go-on", "cancel"}),
        ({"heartbeat_at": NOON}, "Stopped", {"go-on", "cancel"}),
        ({"status": RunStatus.DONE, "finished_at": NOON}, "Done", set()),
        ({"status": RunStatus.CANCELLED, "finished_at": NOON}, "Cancelled", set()),
        (
            {"status": RunStatus.FAILED, "finished_at": NOON, "error": "line 9: is cut."},
            "line 9: is cut.",
            set(),
        ),
    ],
)
def test_each_state_has_its_words_and_buttons(
    site: Site, run: ImportRun, client: Client, fields: dict[str, Any], words: str, asks: set[str]
) -> None:
    client.force_login(person(site, "hara", STEER))
    ImportRun.objects.filter(pk=run.pk).update(**fields)
    shown = text(client.get(page(run), headers={"Accept-Language": "en"}))
    assert words in shown
    buttons = {ask for ask in ("pause", "go-on", "cancel", "problems") if f'value="{ask}"' in shown}
    assert buttons == asks
    # Only of a run that is going on the page asks again.
    assert ("data-address" in shown) == ("finished_at" not in fields)


def test_an_ended_run_tells_how_to_run_its_problems_again(site: Site, client: Client) -> None:
    run = make_run(
        site, ended=True, format="csv", path="/nowhere/my table.csv", counts={"comments": figures(2, 1, 1)},
        options={"zone": "Asia/Tokyo", "header": "id,感想", "columns": {"body": "感想"}},
    )  # fmt: skip
    make_entry(run, 1, raw="7,")
    client.force_login(person(site, "hara", STEER, PERSONAL))
    shown = text(client.get(page(run), headers={"Accept-Language": "en"}))
    assert f"manage.py import_comments FILE --only-problems-of {run.pk}" in shown
    assert (
        f"manage.py import_comments run-{run.pk}-to-mend.csv --site asagiri --source archive --policy enforce"
        " --zone Asia/Tokyo --format csv --columns body=感想"
    ) in shown.replace("&#x27;", "'").replace("'body=感想'", "body=感想")
    assert 'value="problems"' not in shown
    assert downloaded(client.get(page(run, "mend"))).decode("utf-8-sig") == "id,感想\n7,\n"


# --- asking -------------------------------------------------------------------


def test_who_may_steer_asks(site: Site, run: ImportRun, client: Client) -> None:
    user = person(site, "hara", STEER)
    client.force_login(user)
    response = client.post(page(run, "ask"), {"do": "pause"}, follow=True, headers={"Accept-Language": "en"})
    run.refresh_from_db()
    assert run.asked == Asked.PAUSE
    assert "About to pause" in text(response)
    assert LogEntry.objects.get().user == user
    client.post(page(run, "ask"), {"do": "go-on"})
    run.refresh_from_db()
    assert run.asked == ""
    ImportRun.objects.filter(pk=run.pk).update(status=RunStatus.DONE, finished_at=NOON)
    refused = client.post(page(run, "ask"), {"do": "cancel"}, follow=True, headers={"Accept-Language": "en"})
    assert f"Run {run.pk} has ended." in text(refused)
    assert client.post(page(run, "ask"), {"do": "explode"}).status_code == 404
    assert client.get(page(run, "ask")).status_code == 405


def test_nobody_else_does(site: Site, run: ImportRun) -> None:
    stranger = person(world.make_site("yunagi"), "tanin", STEER, PERSONAL, ERASE)
    auditor, moderator = person(site, "audit"), person(site, "mod", group="Moderator")
    for user, status in ((auditor, 403), (moderator, 403), (stranger, 404)):
        client = Client()
        client.force_login(user)
        assert client.post(page(run, "ask"), {"do": "cancel"}).status_code == status
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(person(site, "hara", STEER))
    assert careful.post(page(run, "ask"), {"do": "cancel"}).status_code == 403
    run.refresh_from_db()
    assert run.asked == ""


# --- the ledger ---------------------------------------------------------------


def test_the_ledger_is_in_the_order_of_the_file(site: Site, run: ImportRun, client: Client) -> None:
    late = make_entry(run, 2, reason="It came late from another worker.", place="line 3, late")
    client.force_login(person(site))
    shown = text(client.get(ledger(f"run={run.pk}&outcome=refused")))
    assert shown.index("line 3, late") < shown.index("line 4<")
    assert late.pk > ImportProblem.objects.get(place="line 4", refused=True).pk


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("outcome=refused", 10),
        ("outcome=notice", 2),
        ("code=assumed-zone", 2),
        ("kind=comments", 12),
        ("kind=articles", 0),
        ("q=time+zone", 2),
        ("q=line+1", 2),
        ("q=nowhere", 0),
        ("outcome=refused&q=line+10", 1),
    ],
)
def test_filters_and_search_hold_for_list_and_file(
    site: Site, run: ImportRun, client: Client, query: str, number: int
) -> None:
    make_entry(make_run(site, source="other", ended=True), 0, code="elsewhere", kind="pings")
    client.force_login(person(site))
    query = f"run={run.pk}&source={run.source_id}&{query}"
    assert text(client.get(ledger(query))).count('class="field-place') in {number, number * 2}
    lines = downloaded(client.get(ledger(query, "jsonl"))).splitlines()
    assert len(lines) == number
    rows = list(csv.reader(io.StringIO(downloaded(client.get(ledger(query, "csv"))).decode("utf-8-sig"))))
    assert len(rows) == number + 1


def test_a_file_holds_raw_rows_only_for_those_who_may_see_them(
    site: Site, run: ImportRun, client: Client
) -> None:
    client.force_login(person(site))
    assert b"example.net" not in downloaded(client.get(ledger(form="csv")))
    assert client.get(page(run, "mend")).status_code == 403
    client.force_login(person(site, "lead", PERSONAL))
    first = json.loads(downloaded(client.get(ledger("outcome=refused", "jsonl"))).splitlines()[0])
    assert first["row"] == "<b>0</b> reader0@example.net"
    response = client.get(ledger(f"run={run.pk}", "csv"))
    assert response["Content-Disposition"] == f'attachment; filename="ledger-run-{run.pk}.csv"'
    assert downloaded(client.get(page(run, "mend"))).count(b"\n") == 10
    assert client.get(ledger(form="exe")).status_code == 404


def test_a_file_holds_nothing_of_another_site(site: Site, run: ImportRun, client: Client) -> None:
    client.force_login(person(world.make_site("yunagi"), "tanin", PERSONAL))
    for query in ("", f"run={run.pk}", f"source={run.source_id}", "q=line"):
        assert downloaded(client.get(ledger(query, "jsonl"))) == b""
        assert "example.net" not in text(client.get(ledger(query)))
    assert client.get(page(run, "mend")).status_code == 404


def test_a_raw_row_is_shown_escaped_and_erased_for_good(site: Site, run: ImportRun, client: Client) -> None:
    entry = ImportProblem.objects.filter(run=run, refused=True).earliest("pk")
    address = reverse("admin:comments_importproblem_change", args=[entry.pk])
    erase = reverse("admin:comments_importproblem_erase", args=[entry.pk])
    client.force_login(person(site, "audit"))
    assert "example.net" not in text(client.get(address))
    assert client.post(erase).status_code == 403
    user = person(site, "hara", PERSONAL, ERASE)
    client.force_login(user)
    shown = text(client.get(address, {"personal": "show"}))
    assert "&lt;b&gt;0&lt;/b&gt; reader0@example.net" in shown
    assert erase in shown
    assert text(client.get(erase))
    client.post(erase)
    entry.refresh_from_db()
    assert (entry.raw, entry.place, entry.code) == ("", "line 1", "blank")
    assert (LogEntry.objects.get().user, LogEntry.objects.get().object_id) == (user, str(entry.pk))
    assert erase not in text(client.get(address))


def test_a_large_ledger_is_never_counted(site: Site, run: ImportRun, client: Client) -> None:
    client.force_login(person(site))
    with CaptureQueriesContext(connection) as queries:
        text(client.get(ledger(f"run={run.pk}")))
    asked = [query["sql"] for query in queries if 'FROM "comments_importproblem"' in query["sql"]]
    assert asked
    assert not [sql for sql in asked if "COUNT(" in sql]


@pytest.mark.parametrize("query", ["p=9999", "nothing=1"])
def test_a_download_by_filters_that_are_none_is_not_found(
    admin_client: Client, run: ImportRun, query: str
) -> None:
    assert admin_client.get(ledger(query, "csv")).status_code == 404
