"""`manage.py trace_quotes`: what it says, and from a shell without a database, a setting or a home."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from moderation.management.commands.trace_quotes import summary
from moderation.quote_file import Found
from moderation.quotes import Quoted, Traced, Verdict
from tests.tracing import ARTICLE, as_lines, comment

ROOT = Path(__file__).resolve().parents[2]
ROWS = as_lines(
    ARTICLE,
    comment("c1", "> 渡し船は一日に六往復し、冬のあいだは四往復に減る。\n残念です。"),
    comment("c2", "> 来年からは橋が架かるので船はなくなります。\n本当ですか。"),
)


def from_a_shell(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command in an empty environment."""
    return subprocess.run(
        [sys.executable, "manage.py", "trace_quotes", *arguments],
        cwd=ROOT, env={}, input=given, capture_output=True, check=False,
    )  # fmt: skip


@dataclass
class Done:
    """How it ended and what it said."""

    status: int
    out: str
    err: str


def run(*arguments: str) -> Done:
    """The command in this process, as a shell would see it end."""
    out, err, status = StringIO(), StringIO(), 0
    try:
        call_command("trace_quotes", *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        status = int(end.code or 0)
    except CommandError as fault:
        err.write(f"CommandError: {fault}\n")
        status = fault.returncode
    return Done(status, out.getvalue(), err.getvalue())


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "rows.jsonl").write_bytes(ROWS)
    return str(tmp_path / "rows.jsonl")


def test_a_line_of_json_a_quote(path: str) -> None:
    done = run(path)
    assert (done.status, done.err) == (0, "")
    quotes = [json.loads(line) for line in done.out.splitlines()]
    assert [(each["comment"], each["verdict"]) for each in quotes] == [("c1", "verbatim"), ("c2", "missing")]
    assert "渡し船は一日に" in done.out  # readable, not escaped


def test_it_runs_from_a_shell_without_anything(path: str) -> None:
    done = from_a_shell("-", given=ROWS)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == run(path).out


def test_lines_that_cannot_be_read_are_told_and_the_rest_is_traced(path: str) -> None:
    with Path(path).open("ab") as file:
        file.write(b'{"type": "comment", "id": "c3"}\n\xff\n')
    done = run(path)
    assert done.status == 1
    assert len(done.out.splitlines()) == 2
    told = done.err.splitlines()
    assert [line.partition(":")[0] for line in told] == ["line 4", "line 5"]
    assert told[0].endswith("article: is missing: a comment needs it.")


@pytest.mark.parametrize(
    ("given", "reason"),
    [(None, "there is no such file."), ("海".encode("utf-16"), "line 1: is UTF-16. Save it as UTF-8.")],
)
def test_nothing_to_read(given: bytes | None, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    if given is not None:
        path.write_bytes(given)
    done = run(str(path))
    assert (done.status, done.out) == (2, "")
    assert done.err.strip() == f"CommandError: {path}: {reason}"


def test_a_table_of_the_verdicts() -> None:
    verdicts = [Verdict.MISSING, *[Verdict.VERBATIM] * 2, Verdict.ALTERED]
    found = [Found("c", Traced(Quoted(0, 1, "x"), verdict)) for verdict in verdicts]
    assert summary(found).splitlines() == [
        "verdict       quotes    share",
        "verbatim           2    50.0%",
        "altered            1    25.0%",
        "missing            1    25.0%",
        "all                4   100.0%",
    ]
    assert summary([]) == "The file has no quotes."


def test_the_table_and_the_help_from_the_shell(path: str) -> None:
    assert run(path, "--summary").out.splitlines()[-1].split() == ["all", "2", "100.0%"]
    told = from_a_shell("--help").stdout.decode()
    assert "No database, no Redis" in told
    assert '"differences": [{"kind": "number"' in told


def test_the_given_parents_can_be_ignored(tmp_path: Path) -> None:
    words = "冬の便が減るのは困ります、病院の予約があるので。"
    rows = as_lines(
        ARTICLE, comment("a", words, at="09:00"), comment("b", words, at="09:10"),
        comment("c", f"> {words}\n同じです。", at="09:20", parent="a"),
    )  # fmt: skip
    path = tmp_path / "rows.jsonl"
    path.write_bytes(rows)
    helped, alone = run(str(path)), run(str(path), "--ignore-parents")
    assert json.loads(helped.out)["source"]["id"] == "a"
    assert json.loads(alone.out)["source"]["id"] == "b"


def test_a_reader_who_has_seen_enough_gets_no_traceback(tmp_path: Path) -> None:
    rows = as_lines(ARTICLE, *(comment(f"c{at}", f"> 運賃は大人二百円のまま{at}") for at in range(5_000)))
    with subprocess.Popen(
        [sys.executable, "manage.py", "trace_quotes", "-"],
        cwd=ROOT, env={}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(rows)
        process.stdin.close()
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 141


def test_progress_is_drawn_on_a_terminal_alone(path: str) -> None:
    theirs, ours = pty.openpty()
    arguments = [sys.executable, "manage.py", "trace_quotes", path]
    with subprocess.Popen(arguments, cwd=ROOT, env={}, stdout=subprocess.DEVNULL, stderr=ours) as process:
        os.close(ours)
        drawn = b""
        while True:
            try:
                drawn += os.read(theirs, 4096)
            except OSError:  # the other end is closed
                break
        assert process.wait(60) == 0
    os.close(theirs)
    assert b"tracing 100%" in drawn
    assert drawn.endswith(b"\r\x1b[K")
