"""`manage.py run_source`: what it prints, how it ends."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from comments.models import ImportSource, Site
from comments.sources import claims
from tests.comments.sources.conftest import Web, make_source
from tests.comments.sources.test_running import GROWN, ROWS, jsonl
from tests.comments.test_imports import comment

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("run_source", "partner", "--site", "asagiri", *arguments, stdout=out)
    except SystemExit as left:
        return int(left.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def as_json(*arguments: str) -> tuple[int, dict[str, Any]]:
    status, printed = run("--json", *arguments)
    (line,) = printed.splitlines()
    return status, json.loads(line)


def test_a_line_a_run_and_nothing_new_is_well_too(home: Site, web: Web) -> None:
    source = make_source(home, web.put("/a.jsonl", ROWS))
    status, line = as_json()
    (told,) = line["runs"]
    assert (status, line["site"], line["source"]) == (0, "asagiri", "partner")
    assert (told["path"], told["comments"]["created"], told["status"]) == (source.address, 1, "done")
    status, line = as_json()
    assert (status, line["runs"][0]["unchanged"]) == (0, "same-bytes")
    status, line = as_json("--again")
    assert (status, line["runs"][0]["comments"]["unchanged"]) == (0, 1)


def test_the_table(home: Site, web: Web) -> None:
    web.put("/a.jsonl", ROWS)
    make_source(home, f"{web.base}/a.jsonl")
    assert "created" in run()[1]
    assert "nothing to do" in run()[1]


def test_rows_with_problems_are_1_and_nothing_readable_is_2(home: Site, folder: Path) -> None:
    (folder / "a.jsonl").write_bytes(GROWN + jsonl(comment("c3", "nowhere")))
    source = make_source(home, str(folder / "*"))
    assert run()[0] == 1
    (folder / "b.jsonl").write_bytes(b"no format")
    assert run()[0] == 2
    (folder / "c.jsonl").write_bytes(jsonl(comment("c4", "a1")))
    assert run()[0] == 1
    source.refresh_from_db()
    assert (source.failures, source.due_at) == (2, None)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"slug": "other"}, "Known are: other."),
        ({"address": ""}, "it has no address"),
    ],
)
def test_what_cannot_be_run(home: Site, change: dict[str, str], told: str) -> None:
    ImportSource.objects.filter(pk=make_source(home, "/a").pk).update(**change)
    status, said = run()
    assert (status, told in said) == (2, True), said


def test_it_does_not_overlap(home: Site, web: Web) -> None:
    source = make_source(home, web.put("/", ROWS), due_at=timezone.now())
    assert claims.claim(source.pk, timezone.now) is not None
    status, said = run()
    assert (status, "being read already" in said) == (2, True)
    assert web.asked == []


def test_the_logs_of_all_this_are_quiet(home: Site, web: Web, caplog: pytest.LogCaptureFixture) -> None:
    make_source(home, web.put("/", ROWS))
    run()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
