"""Pausing, cancelling and going on: what a person asks and the reader heeds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command

from comments import imports, tasks
from comments.imports import again, chunks
from comments.imports.asking import CannotAsk, ask, ask_for_problems, ask_to_go_on, at_work
from comments.imports.counting import counts_of, total
from comments.models import (
    Asked,
    Comment,
    ImportChunk,
    ImportMark,
    ImportRun,
    ImportSource,
    RunStatus,
    Site,
)
from comments.sources import claims
from moderation.models import Pending
from tests.comments.ledgers import make_run
from tests.comments.test_imports import article, comment, figures, run_rows, source_of, write
from tests.world import NOON, make_member

pytestmark = pytest.mark.django_db

ROWS = [article("a1"), *(comment(f"c{number}", "a1") for number in range(20))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "rows.jsonl", ROWS)


@pytest.fixture
def by(site: Site) -> User:
    return make_member(site)


@pytest.fixture(autouse=True)
def _short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 5)
    monkeypatch.setattr(imports, "MOST_WAITING", 1)


def asked_at(path: Path, site: Site, step: int, asked: Asked, by: User) -> ImportRun:
    """A run that is asked something after so many steps."""
    steps = 0

    def progress(stage: str, run: ImportRun) -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            ask(run.pk, asked, by)

    source = source_of(path)
    return imports.execute(imports.begin(site, "archive", source.wanted("enforce")), source, progress)


def test_a_run_pauses_after_its_chunk_and_goes_on_to_the_same_end(site: Site, path: Path, by: User) -> None:
    run = asked_at(path, site, 2, Asked.PAUSE, by)
    assert (run.status, run.finished_at, run.asked) == (RunStatus.PAUSED, None, "")
    assert 0 < run.position < len(ROWS)
    with pytest.raises(CannotAsk, match=r"paused|停止"):
        ask(run.pk, Asked.PAUSE, by)
    assert figures(again.go_on(run.pk)) == {"read": 20, "created": 20}


def test_a_cancelled_run_ends_after_its_chunk_and_keeps_what_it_has(site: Site, path: Path, by: User) -> None:
    run = asked_at(path, site, 2, Asked.CANCEL, by)
    assert run.status == RunStatus.CANCELLED
    assert 0 < figures(run)["created"] < 20
    assert Comment.objects.count() == Pending.objects.count() == figures(run)["created"]


def test_a_paused_run_is_cancelled_at_once(site: Site, path: Path, by: User) -> None:
    run = asked_at(path, site, 3, Asked.PAUSE, by)
    ended = ask(run.pk, Asked.CANCEL, by)
    assert (ended.status, ended.finished_at is not None) == (RunStatus.CANCELLED, True)
    counts = counts_of(ended)
    assert counts["comments"]["created"] == Comment.objects.count() == Pending.objects.count()
    assert total(counts, "read") == total(counts, "created")
    assert not ImportChunk.objects.filter(stored_at=None).exists()
    assert not ImportMark.objects.exists()
    with pytest.raises(CannotAsk):
        ask(run.pk, Asked.CANCEL, by)


def test_a_dead_run_is_cancelled_at_once_and_its_process_writes_no_more(site: Site, by: User) -> None:
    run = make_run(site, owner="elsewhere 1 1", heartbeat_at=NOON, attempt=3)
    with pytest.raises(CannotAsk):
        ask(run.pk, Asked.PAUSE, by)
    assert ask(run.pk, Asked.CANCEL, by).status == RunStatus.CANCELLED
    with pytest.raises(imports.TakenOver):
        imports.execute(run, source_of(Path(__file__)))


@pytest.mark.parametrize("then", [Asked.PAUSE, Asked.CANCEL])
def test_what_is_asked_of_a_run_at_work_waits_for_it(site: Site, by: User, then: Asked) -> None:
    run = make_run(site, owner=imports.runs.this_process())
    assert at_work(run)
    assert ask(run.pk, Asked.PAUSE, by).asked == Asked.PAUSE
    assert ask_to_go_on(run.pk, by).asked == ""
    asked = ask(run.pk, then, by)
    assert (asked.asked, asked.status, asked.attempt) == (then, RunStatus.RUNNING, run.attempt)


def test_a_run_that_is_being_cancelled_pauses_no_more(site: Site, by: User) -> None:
    run = make_run(site, owner=imports.runs.this_process())
    ask(run.pk, Asked.CANCEL, by)
    with pytest.raises(CannotAsk):
        ask(run.pk, Asked.PAUSE, by)
    with pytest.raises(CannotAsk):
        ask_to_go_on(run.pk, by)


def test_an_ended_run_is_asked_nothing(site: Site, by: User) -> None:
    run = make_run(site, ended=True)
    for asked in Asked:
        with pytest.raises(CannotAsk):
            ask(run.pk, asked, by)
    with pytest.raises(CannotAsk):
        ask_to_go_on(run.pk, by)
    assert not LogEntry.objects.exists()


def test_who_asked_stands_in_the_history(site: Site, by: User) -> None:
    run = make_run(site, owner=imports.runs.this_process())
    ask(run.pk, Asked.PAUSE, by)
    ask(run.pk, Asked.CANCEL, by)
    assert [(entry.user_id, entry.object_id) for entry in LogEntry.objects.all()] == [
        (by.pk, str(run.pk))
    ] * 2


def sent(monkeypatch: pytest.MonkeyPatch, task: Any) -> list[int]:
    numbers: list[int] = []
    monkeypatch.setattr(task, "delay", numbers.append)
    return numbers


def test_a_worker_goes_on_where_the_file_is(
    site: Site, path: Path, by: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = asked_at(path, site, 2, Asked.PAUSE, by)
    numbers = sent(monkeypatch, tasks.go_on_with_run)
    ask_to_go_on(run.pk, by)
    assert numbers == [run.pk]
    tasks.go_on_with_run(run.pk)
    assert ImportRun.objects.get().status == RunStatus.DONE


def test_what_a_source_fetched_its_source_reads_again(
    site: Site, by: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(site, status=RunStatus.PAUSED, path="https://example.com/archive.jsonl")
    ImportSource.objects.update(address=run.path)
    numbers = sent(monkeypatch, tasks.import_source)
    ask_to_go_on(run.pk, by)
    assert numbers == [run.source_id]
    run.refresh_from_db()
    source = ImportSource.objects.get()
    # A paused run would keep its source from being read.
    assert (run.status, run.finished_at) == (RunStatus.FAILED, None)
    assert source.due_at is not None
    assert not claims.is_paused(source)


def test_where_the_file_is_not_the_command_is_told(site: Site, by: User) -> None:
    run = make_run(site, status=RunStatus.PAUSED, path="rows.jsonl")
    with pytest.raises(CannotAsk, match=f"manage.py import_comments --resume {run.pk}"):
        ask_to_go_on(run.pk, by)


def test_why_a_worker_could_not_stands_at_the_run(site: Site, path: Path, by: User) -> None:
    run = asked_at(path, site, 2, Asked.PAUSE, by)
    write(path, [*ROWS, comment("c99", "a1")])
    tasks.go_on_with_run(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.PAUSED
    assert "not the one that run" in run.error


def test_a_worker_runs_the_problems_again(
    site: Site, path: Path, by: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run_rows(path, site, [*ROWS, comment("c20", "a1", body="")])
    write(path, [*ROWS, comment("c20", "a1")])
    numbers = sent(monkeypatch, tasks.run_problems_again)
    ask_for_problems(first.pk, by)
    assert numbers == [first.pk]
    tasks.run_problems_again(first.pk)
    assert figures(ImportRun.objects.latest("pk")) == {"read": 1, "created": 1}


def test_problems_are_run_again_of_what_has_ended_and_refused(site: Site, path: Path, by: User) -> None:
    for run in (make_run(site), make_run(site, source="other", ended=True)):
        with pytest.raises(CannotAsk):
            ask_for_problems(run.pk, by)


def test_how_much_of_the_file_is_read_is_noted(site: Site, path: Path) -> None:
    call_command("import_comments", str(path), site="asagiri", verbosity=0, json=True)
    assert 0 < (ImportRun.objects.get().fraction or 0) <= 1
