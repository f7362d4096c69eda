"""`manage.py import_comments`: what it prints, how it ends."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from comments.imports import beginning
from comments.models import Article, Comment, ImportProblem, ImportRun, ImportSource, RunStatus
from moderation.models import Pending
from tests.comments.test_imports import article, comment, source_of, write
from tests.world import make_site

ROOT = Path(__file__).resolve().parents[2]
ROWS = [article("a1"), comment("c1", "a1"), comment("c2", "a1", parent="c1")]


def run(*arguments: str) -> tuple[int, str]:
    """The command's exit status and what it printed."""
    out = io.StringIO()
    try:
        call_command("import_comments", *arguments, stdout=out)
    except SystemExit as left:
        return int(left.code or 0), out.getvalue()
    return 0, out.getvalue()


def as_json(*arguments: str) -> tuple[int, dict[str, Any]]:
    status, printed = run(*arguments, "--json")
    (line,) = printed.splitlines()
    return status, json.loads(line)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "rows.jsonl", ROWS)


@pytest.mark.django_db
def test_one_line_of_json(path: Path) -> None:
    make_site()
    status, line = as_json(str(path), "--site", "asagiri")
    zero = {"read": 0, "created": 0, "updated": 0, "unchanged": 0, "problems": 0, "notices": 0}
    assert status == 0
    assert line == {
        "run": ImportRun.objects.get().pk,
        "articles": {**zero, "read": 1, "created": 1},
        "comments": {**zero, "read": 2, "created": 2},
        "pings": zero,
        "site": "asagiri",
        "source": "jsonl",
        "format": "jsonl",
        "policy": "enforce",
        "zone": "Asia/Tokyo",
        "encoding": "utf-8",
        "confidence": 1.0,
        "dry_run": False,
        "status": "done",
        "error": "",
    }


@pytest.mark.django_db
def test_a_table_with_its_problems(path: Path) -> None:
    make_site()
    write(path, [*ROWS, comment("c3", "a1", parent="c9"), comment("c4", "a9")])
    status, printed = run(str(path), "--site", "asagiri", "--policy", "flag", "--source", "archive")
    assert status == 1
    first, *rest = printed.splitlines()
    assert first.startswith("Run ")
    assert "source archive" in first
    assert "policy flag" in first
    assert [line.split() for line in rest if line.startswith("comments")] == [
        ["comments", "4", "3", "0", "0", "1", "1"]
    ]
    assert "  line 5: there is no article 'a9', in the source or stored before. [unknown-article]" in rest
    assert any("[orphan]" in line for line in rest)
    assert ImportRun.objects.get().policy == "flag"


@pytest.mark.django_db
def test_a_dry_run_writes_nothing(path: Path) -> None:
    make_site()
    as_json(str(path), "--site", "asagiri")
    write(
        path,
        [
            *ROWS[:2],
            comment("c2", "a1", body="直した。"),
            comment("c3", "a2"),
            article("a2"),
            comment("c4", "a9"),
        ],
    )
    counted = (Comment, Article, ImportRun, ImportProblem, ImportSource, Pending)
    stored = [model.objects.count() for model in counted]
    status, line = as_json(str(path), "--site", "asagiri", "--dry-run")
    assert status == 1
    assert (line["run"], line["dry_run"], line["policy"]) == (None, True, "enforce")
    wanted = {"read": 4, "created": 1, "updated": 1, "unchanged": 1, "problems": 1, "notices": 0}
    assert line["comments"] == wanted
    assert [model.objects.count() for model in counted] == stored
    assert Comment.objects.get(external_id="c2").body == ROWS[2]["body"]
    _, printed = run(str(path), "--site", "asagiri", "--dry-run")
    assert printed.startswith("Dry run: nothing was written · ")
    assert "  line 2: comment · c1 · 2026-01-10 09:00:00+09:00 · 渡し守 · c1 の感想です。" in printed
    _, real = as_json(str(path), "--site", "asagiri")
    assert {kind: real[kind] for kind in ("articles", "comments")} == {
        kind: line[kind] for kind in ("articles", "comments")
    }


@pytest.mark.django_db
def test_a_dry_run_before_the_first_makes_no_source(path: Path) -> None:
    make_site()
    assert as_json(str(path), "--site", "asagiri", "--dry-run")[1]["comments"]["created"] == 2
    assert not ImportSource.objects.exists()


@pytest.mark.django_db
def test_standard_input(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    make_site()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    status, line = as_json("-", "--site", "asagiri")
    assert (status, line["comments"]["created"]) == (0, 2)


WRONG = [
    (["{path}"], "name the file and its site"),
    (["--site", "asagiri"], "name the file and its site"),
    (["{path}", "--site", "kasumi"], "there is no site 'kasumi'. Known are: asagiri."),
    (["{path}.gone", "--site", "asagiri"], "there is no such file"),
    (["{folder}", "--site", "asagiri"], "it is a folder without files of comments"),
    (["n" * 300, "--site", "asagiri"], "File name too long"),
    (["d/" * 500 + "rows", "--site", "asagiri"], "no run can keep such a name"),
    (["\udcff.jsonl", "--site", "asagiri"], "no run can keep such a name"),
    (["{path}", "--site", "asagiri", "--format", "docx"], "there is no format 'docx'"),
    (["{path}", "--site", "asagiri", "--policy", "lax"], "choose one of enforce, flag, trusted"),
    (["{path}", "--site", "asagiri", "--zone", "Tokyo"], "write one like Asia/Tokyo"),
    (["{path}", "--site", "asagiri", "--url", "news/1"], "absolute http"),
    (["{path}", "--site", "asagiri", "--source", "an archive"], "use up to 100 letters"),
    (["{path}", "--site", "asagiri", "--source", "api"], "api is taken"),
    (["{path}", "--resume", "7"], "there is no run 7"),
    (["{path}", "--resume", "7", "--policy", "flag"], "leave out --policy"),
    (["{empty}", "--site", "asagiri"], "is empty"),
    (["{noise}", "--site", "asagiri"], "is of no format"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_wrong_arguments_say_how_to_mend_them(path: Path, arguments: list[str], said: str) -> None:
    make_site()
    empty, noise = path.with_name("empty"), path.with_name("noise")
    empty.touch()
    folder = path.with_name("folder")
    folder.mkdir()
    noise.write_bytes(bytes(range(256)))
    with pytest.raises(CommandError) as raised:
        run(*(argument.format(path=path, empty=empty, noise=noise, folder=folder) for argument in arguments))
    assert said in str(raised.value)
    assert str(raised.value).count(str(path)) <= 1
    assert raised.value.returncode == 2
    assert not ImportRun.objects.exists()


@pytest.mark.django_db
def test_a_source_that_is_busy(path: Path) -> None:
    site = make_site()
    source = source_of(path)
    going = beginning.begin(site, "jsonl", source.wanted("enforce"))
    with pytest.raises(CommandError, match=f"run {going.pk} of source 'jsonl' is going on") as raised:
        run(str(path), "--site", "asagiri")
    assert raised.value.returncode == 2


# --- really killed --------------------------------------------------------------

# A process of its own that imports and stops for good at the end of its third chunk.
_DOOMED = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from comments import imports
from comments.imports import chunks, storing

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def doomed(run, rows, seen):
    read_on = read(run, rows, seen)
    if read_on.position == 30:
        storing.marks.write = die
    if read_on.position == 30 and sys.argv[2] == "between":
        die()
    return read_on

chunks.CHUNK_ROWS = 10
imports.MOST_WAITING = 0 if sys.argv[2] == "inside" else 16
read, imports.read = imports.read, doomed
call_command("import_comments", sys.argv[1], "--site", "asagiri")
"""


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("where", "settled", "stored"), [("between", 30, 0), ("inside", 30, 19)])
def test_kill_9(path: Path, where: str, settled: int, stored: int) -> None:
    make_site()
    rows = [
        article("a1"),
        *(comment(f"c{n}", "a1", parent=f"c{n + 7}" if n < 60 else None) for n in range(79)),
    ]
    write(path, rows)
    ended = subprocess.run(
        [sys.executable, "-c", _DOOMED, str(path), where],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url()},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    died = ImportRun.objects.get()
    assert (died.status, died.position) == (RunStatus.RUNNING, settled)
    assert Comment.objects.count() == stored
    assert not Pending.objects.exists()
    status, line = as_json("--resume", str(died.pk))
    assert (status, line["run"], line["comments"]["created"]) == (0, died.pk, 79)
    assert Comment.objects.count() == Pending.objects.count() == 79
    parents = dict(Comment.objects.values_list("external_id", "parent__external_id"))
    assert parents == {f"c{n}": f"c{n + 7}" if n < 60 else None for n in range(79)}


def database_url() -> str:
    """The test database, as a process of its own is told."""
    settings = connection.settings_dict
    return (
        f"postgres://{settings['USER']}:{settings['PASSWORD']}@/{settings['NAME']}"
        f"?host={settings['HOST']}&port={settings['PORT']}"
    )
