"""The ledger as a file, and on the terminal."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import DjangoAssertNumQueries

from comments.imports import downloads
from comments.imports.downloads import COLUMNS, as_csv, as_jsonl, entries, safe
from comments.models import ImportProblem, ImportRun, Site
from tests.comments.ledgers import figures, make_chunk, make_entry, make_run
from tests.world import NOON

pytestmark = pytest.mark.django_db

HOSTILE = [
    '=HYPERLINK("https://example.net/"&A1,"見る")',
    "+81-3-0000-0000",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝１＋１",
    "＋81",
    "－１",
    "＠見出し",
]
HARMLESS = ['港の再開発, "十年" 越し', "二行の\nコメント", "1=1", " =1", "'=1", "", "é = e\u0301", "😀;a\tb"]


@pytest.fixture
def run(site: Site) -> ImportRun:
    run = make_run(site, ended=True)
    for position, raw in enumerate([*HOSTILE, *HARMLESS]):
        make_entry(run, position, raw=raw, place=f"@line {position}")
    return run


def parsed(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def rows(run: ImportRun) -> Any:
    return ImportProblem.objects.filter(run=run)


def test_no_cell_is_a_formula_and_nothing_is_lost(run: ImportRun) -> None:
    content = b"".join(as_csv(rows(run), personal=True))
    assert content.startswith(b"\xef\xbb\xbf")
    found = parsed(content)
    assert [row["row"] for row in found] == [f"'{raw}" for raw in HOSTILE] + HARMLESS
    assert {row["place"] for row in found} == {f"'@line {at}" for at in range(len(found))}
    for row in found:
        assert not any(value.startswith(downloads.FORMULAS) for value in row.values())


@pytest.mark.parametrize("sign", downloads.FORMULAS)
def test_each_sign_is_told_apart_from_the_same_later_on(sign: str) -> None:
    assert safe(f"{sign}1") == f"'{sign}1"
    assert safe(f"1{sign}1") == f"1{sign}1"


def test_raw_rows_only_for_those_who_may_see_them(run: ImportRun) -> None:
    table, lines = (b"".join(write(rows(run), personal=False)) for write in (as_csv, as_jsonl))
    assert list(parsed(table)[0]) == list(COLUMNS[:-1])
    assert all("row" not in json.loads(line) for line in lines.splitlines())
    assert "HYPERLINK" not in (table + lines).decode()


def test_json_lines_hold_the_text_as_it_is(run: ImportRun) -> None:
    found = [json.loads(line) for line in b"".join(as_jsonl(rows(run), personal=True)).splitlines()]
    assert [row["row"] for row in found] == HOSTILE + HARMLESS
    assert found[0] | {"row": ""} == {
        "run": run.pk, "place": "@line 0", "kind": "comments", "outcome": "refused", "code": "blank",
        "reason": "body: write something: the body is empty.", "row": "",
    }  # fmt: skip


def test_by_run_and_place_in_slices(
    site: Site, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(downloads, "AT_ONCE", 4)
    made = []
    for source in ("one", "two"):
        run = make_run(site, source=source)
        made += [make_entry(run, position) for position in (7, 3, 3, 0, 3, 9, 9, 9, 9, 9)]
    expected = sorted(made, key=lambda each: (each.run_id, each.position, each.pk))
    with django_assert_max_num_queries(2 * 4 + 1):
        assert list(entries(ImportProblem.objects.all())) == expected


def ledger(*arguments: Any, **options: Any) -> str:
    out = io.StringIO()
    call_command("import_ledger", *arguments, stdout=out, **options)
    return out.getvalue()


def test_the_command_tells_a_line_a_reason(run: ImportRun) -> None:
    make_entry(run, 30, refused=False, code="assumed-zone", reason="posted_at names no time zone.")
    told = ledger(run.pk)
    assert told.count("body is empty") == told.count("no time zone") == 1
    assert "refused        19" in told
    assert "'@line 0, @line 1" in told.replace("@line 0", "'@line 0")
    assert "--mend > mended.jsonl" in told
    assert "body is empty" not in ledger(run.pk, "--notices")
    assert "time zone" not in ledger(run.pk, "--refused")
    assert ledger(run.pk, "--code", "none") == "No such entries.\n"


def test_the_command_writes_the_same_files(run: ImportRun) -> None:
    make_entry(run, 30, refused=False, code="assumed-zone")
    refused = rows(run).filter(refused=True)
    assert ledger(run.pk, "--refused", "--csv").encode() == b"".join(as_csv(refused, personal=True))
    zones = [json.loads(line) for line in ledger(run.pk, "--code", "assumed-zone", "--json").splitlines()]
    assert [(row["outcome"], row["code"]) for row in zones] == [("notice", "assumed-zone")]
    assert ledger(run.pk, "--lines").count("\n") == 20
    assert ledger(run.pk, "--mend").splitlines()[-1] == HARMLESS[-1]


def test_a_run_that_is_none() -> None:
    with pytest.raises(CommandError, match="there is no run 77"):
        ledger(77)


def test_runs_are_listed_as_they_stand(site: Site) -> None:
    done = make_run(site, ended=True, counts={"comments": figures(10, 7, problems=3)})
    dead = make_run(site, source="other", counts={"articles": figures(1, 1)}, position=40, heartbeat_at=NOON)
    make_chunk(dead, 0, comments=figures(39, 39))
    out = io.StringIO()
    call_command("import_runs", "--json", "--site", site.slug, stdout=out)
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["run"], first["status"], first["at_work"]) == (dead.pk, "failed", False)
    assert first["counts"]["comments"]["created"] == 39
    assert first["go_on"] == f"manage.py import_comments --resume {dead.pk}"
    assert (second["run"], second["status"], second["go_on"]) == (done.pk, "done", "")
    out = io.StringIO()
    call_command("import_runs", stdout=out)
    assert "40 read, 40 created, 0 updated, 0 unchanged, 0 refused" in out.getvalue()
    with pytest.raises(CommandError, match="no site 'other'"):
        call_command("import_runs", "--site", "other")


def test_many_runs_are_listed_in_as_many_queries_as_few(
    site: Site, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(8):
        make_run(site, source=f"source-{number}")
    for most in (1, 8):
        with django_assert_num_queries(2):
            call_command("import_runs", "--most", str(most), stdout=io.StringIO())
