"""An undo is recorded, and goes on wherever it was killed."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import imports
from comments.models import Comment, CommentRevision, ImportRun, RunStatus
from comments.undoing import NotUndoable
from moderation import undoing as preview_of
from moderation.models import Case, Decision, ImportUndo, Pending
from moderation.services import begin_undo, go_on, undoing
from moderation.undoing import Options, preview
from tests.undone import (
    BOTH,
    Archive,
    comment,
    decide_on,
    of,
    reply_to,
    statuses,
    take_back,
)

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """As a process that dies."""


def world_of(archive: Archive) -> ImportRun:
    """A run that has something of everything: created, edited, decided, answered, quoted among themselves."""
    archive.run(comment("e1", "前からあった一つ目の文。"), comment("e2", "前からあった二つ目の文。"))
    rows = [comment(f"c{at}", parent=f"c{at - 1}" if at % 3 else "") for at in range(1, 10)]
    run = archive.run(comment("e1"), comment("e2"), *rows)
    decide_on("c3")
    reply_to("c5")
    decide_on("e2", "reject")
    return run


def state() -> dict[str, Any]:
    return {
        "comments": sorted(
            Comment.objects.exclude(external_id=None).values_list(
                "external_id", "status", "revision", "version", "body", "pending__lane"
            ),
            key=str,
        ),
        "withdrawn": sorted(Comment.objects.exclude(withdrawn_at=None).values_list("external_id", flat=True)),
        "decisions": sorted(
            Decision.objects.values_list("comment__external_id", "revision", "cause", "to_status"), key=str
        ),
        "cases": Case.objects.filter(closed_at=None).count(),
        "revisions": CommentRevision.objects.count(),
        "counts": list(ImportUndo.objects.values_list("counts", flat=True)),
    }


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "BATCH", 2)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("at", range(1, 8))
def test_killed_at_any_border_the_end_is_the_same(
    archive: Archive, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the batch `at`, and inside of the next, which leaves no trace. There are seven."""
    run = world_of(archive)
    with transaction.atomic():
        assert take_back(run).counts == {"withdrawn": 7, "restored": 1, "left": {"decided": 2, "replied": 1}}
        undisturbed = state()
        transaction.set_rollback(True)
    begun = begin_undo(run.pk, Options(), now=timezone.now())
    borders = iter(range(1, at))
    with pytest.raises(Killed):
        go_on(begun, step=lambda _: next(borders, None) or die())
    killed = state()
    with monkeypatch.context() as patched, suppress(Killed):
        patched.setattr(undoing, "restore", die)
        go_on(ImportUndo.objects.get())
    assert state() == killed
    if ImportUndo.objects.filter(finished_at=None).exists():
        take_back(run)
    assert state() == undisturbed


def die(*_: object, **__: object) -> Any:
    raise Killed


def test_one_after_the_other_counts_nothing_twice(archive: Archive) -> None:
    run = world_of(archive)
    first = take_back(run)
    before = state()
    second = take_back(run)
    assert first.pk != second.pk
    assert second.counts == {"withdrawn": 0, "restored": 0, "left": {"decided": 2, "done": 8, "replied": 1}}
    assert {**state(), "counts": None} == {**before, "counts": None}


def test_one_that_is_begun_is_gone_on_with_only_by_the_same_options(archive: Archive) -> None:
    run = archive.run(comment("c1"))
    now = timezone.now()
    begun = begin_undo(run.pk, Options(), now=now, reason="wrong site")
    assert begin_undo(run.pk, Options(), now=now) == begun
    with pytest.raises(NotUndoable, match="other options"):
        begin_undo(run.pk, BOTH, now=now)
    assert undoing.unfinished(now) == [begun]
    go_on(begun)
    assert undoing.unfinished(now + timedelta(days=1)) == []


def test_what_somebody_is_at_is_left_to_him(archive: Archive) -> None:
    begun = begin_undo(archive.run(comment("c1")).pk, Options(), now=timezone.now())
    ImportUndo.objects.update(position=1)
    assert undoing.unfinished(begun.moved_at + undoing.QUIET) == []
    assert undoing.unfinished(begun.moved_at + undoing.QUIET + timedelta(seconds=1)) == [begun]


def test_what_somebody_was_in_the_way_of_is_tried_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = archive.run(comment("c1"))
    real, tries = preview_of.look, []

    def busy(run_id: int, ids: list[int]) -> Any:
        tries.append(ids)
        if len(tries) < undoing.TRIES:
            raise OperationalError("somebody has these rows")
        return real(run_id, ids)

    monkeypatch.setattr(undoing, "look", busy)
    assert take_back(run).counts["withdrawn"] == 1
    assert len(tries) == undoing.TRIES


def test_a_run_that_is_going_on_cannot_be_undone(archive: Archive) -> None:
    run = archive.run(comment("c1"))
    going = ImportRun.objects.create(
        source=run.source, path="x", format="jsonl", policy="enforce", owner=run.owner,
        heartbeat_at=timezone.now(),
    )  # fmt: skip
    for key in (run.pk, going.pk):
        with pytest.raises(
            NotUndoable, match=f"run {going.pk} of source 'archive' is going on: pause or cancel"
        ):
            begin_undo(key, Options(), now=timezone.now())
    assert statuses() == {"c1": "published"}
    with pytest.raises(NotUndoable, match="there is no run 0"):
        begin_undo(0, Options(), now=timezone.now())


@pytest.mark.parametrize("status", [RunStatus.PAUSED, RunStatus.FAILED])
def test_a_run_that_did_not_end_ends_with_it(archive: Archive, status: str) -> None:
    run = archive.run(comment("c1"), screened=False)
    Pending.objects.all().delete()
    ImportRun.objects.update(status=status, finished_at=None)
    attempt = run.attempt
    take_back(run)
    run.refresh_from_db()
    assert run.finished_at
    assert run.attempt == attempt + 1
    assert "was undone" in run.error
    assert statuses() == {"c1": "rejected"}
    with pytest.raises(imports.NotResumable, match="has ended"):
        imports.resume(run.pk, run.digest)


def test_a_run_that_created_nothing(archive: Archive) -> None:
    assert take_back(archive.run()).counts == {"withdrawn": 0, "restored": 0, "left": {}}


def test_the_case_of_its_guesses_goes_with_it(archive: Archive) -> None:
    run = archive.run(comment("c1"), comment("c2"))
    now = timezone.now()
    case = Case.objects.create(import_run=run, site=archive.site, severity=1, opened_at=now, due_at=now)
    decide_on("c1")
    take_back(run)
    assert Case.objects.get(pk=case.pk).closed_at is None
    take_back(run, BOTH)
    assert statuses() == {"c1": "rejected", "c2": "rejected"}
    assert Case.objects.get(pk=case.pk).closed_why == "import-undo"


@pytest.mark.parametrize("edited", [False, True])
def test_queries_do_not_grow_with_the_batch(archive: Archive, edited: bool) -> None:
    def count(number: int) -> int:
        rows = [comment(f"{number}-{at}") for at in range(number)]
        if edited:
            archive.run(*rows)
            rows = [{**row, "body": f"{row['body']} 訂正。"} for row in rows]
        begun = begin_undo(archive.run(*rows).pk, Options(), now=timezone.now())
        with CaptureQueriesContext(connection) as captured:
            done = undoing._batch(begun.pk, timezone.now())
        assert done.counts["restored" if edited else "withdrawn"] == number
        go_on(begun)
        return len(captured)

    assert count(2) == count(40)


def test_a_preview_looks_as_far_as_its_time_reaches(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_of, "LOOKED_AT", 2)
    run = archive.run(*(comment(f"c{at}") for at in range(5)))
    seen: list[int] = []
    tally = preview(run, step=seen.append)
    assert (tally.total, tally.whole, seen) == (5, True, [2, 4, 5])
    assert tally.examples == {(True, frozenset()): [of(f"c{at}").pk for at in range(3)]}
    tally = preview(run, seconds=0)
    assert (tally.total, tally.whole) == (2, False)


def test_a_run_without_rows_may_be_deleted_with_its_undo(archive: Archive) -> None:
    run = archive.run()
    take_back(run)
    run.delete()
    assert not ImportUndo.objects.exists()
