"""Runs and those who store for them, when something goes wrong: with real connections beside each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, connection, transaction
from django.utils import timezone

from comments import imports, services, tasks
from comments.imports import beginning, chunks, reading, runs, storing
from comments.imports.seen import Seen
from comments.models import Article, Asked, Comment, ImportChunk, ImportProblem, ImportRun, RunStatus, Site
from comments.services import Arrival
from comments.sources import claims
from moderation.models import Pending
from tests.comments.test_imports import (
    Killed,
    after,
    article,
    codes,
    comment,
    figures,
    read_all,
    run_file,
    run_rows,
    source_of,
    write,
)
from tests.world import make_site

ROWS = [article("a1"), *(comment(f"c{n}", "a1", parent=f"c{n - 1}" if n else None) for n in range(9))]
LATER = timedelta(minutes=3)


@pytest.fixture(autouse=True)
def _short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 3)
    monkeypatch.setattr(beginning, "PATIENCE_SECONDS", 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.jsonl"


@pytest.fixture
def site(db: None) -> Site:
    return make_site()


def refuse_to_store(monkeypatch: pytest.MonkeyPatch, *bad: str) -> None:
    """Let the storing of any batch with one of these ids fail as the database does."""
    receive = services.receive

    def picky(arrivals: list[Arrival], *args: Any, **kwargs: Any) -> Any:
        received = receive(arrivals, *args, **kwargs)
        if {arrival.draft.external_id for arrival in arrivals} & {*bad}:
            raise DataError("invalid byte sequence: 秘密の文")
        return received

    monkeypatch.setattr(storing, "receive", picky)


class TestARowThatCannotBeStored:
    def test_it_is_a_problem_and_keeps_no_other_out(
        self, site: Site, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refuse_to_store(monkeypatch, "c4", "c8")
        run = run_rows(path, site, ROWS)
        assert run.status == RunStatus.DONE
        assert figures(run) == {"read": 9, "created": 7, "problems": 2, "notices": 1}
        assert codes(run, refused=True) == [("line 10", "not-stored"), ("line 6", "not-stored")]
        assert codes(run, refused=False) == [("line 7", "orphan")]
        problem = ImportProblem.objects.filter(code="not-stored").earliest("position")
        assert "c4 の感想です。" in problem.raw
        assert "秘密" not in problem.reason
        parents = dict(Comment.objects.values_list("external_id", "parent__external_id"))
        assert parents == {
            "c0": None, "c1": "c0", "c2": "c1", "c3": "c2", "c5": None, "c6": "c5", "c7": "c6",
        }  # fmt: skip

    def test_an_article_that_has_gone_meanwhile(self, site: Site, path: Path) -> None:
        run, source = read_all(write(path, [*ROWS, article("a2"), comment("d1", "a2")]), site)
        Article.objects.filter(external_id="a2").delete()
        run = imports.execute(run, source)
        assert figures(run) == {"read": 10, "created": 9, "problems": 1}
        assert codes(run, refused=True) == [("line 12", "not-stored")]

    def test_a_fault_of_ours_loses_no_row(
        self, site: Site, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(storing, "receive", fails)
            with pytest.raises(Fault):
                run_rows(path, site, ROWS)
        assert not ImportProblem.objects.exists()
        assert figures(run_file(path, site)) == {"read": 9, "created": 9}


class Fault(Exception):
    pass


def fails(*_args: Any, **_kwargs: Any) -> Any:
    raise Fault


class TestRecovered:
    def test_one_run_that_cannot_be_stored_keeps_no_other_waiting(
        self, site: Site, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken, _ = read_all(write(path, ROWS), site)
        ImportChunk.objects.filter(run=broken).update(payload=b"of another world")
        whole, _ = read_all(path, make_site("elsewhere"))
        assert imports.recover(timezone.now() + LATER) == [whole.pk]
        assert Pending.objects.count() == 9
        broken.refresh_from_db()
        assert (broken.status, broken.finished_at) == (RunStatus.FAILED, None)

    def test_sources_are_rung_for_whatever_becomes_of_runs(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rung: list[int] = []
        monkeypatch.setattr(claims, "due", lambda _now: [7])
        monkeypatch.setattr(tasks, "ring", rung.append)
        monkeypatch.setattr(imports, "recover", fails)
        with pytest.raises(Fault):
            tasks.recover_runs()
        assert rung == [7]


class TestCancelled:
    def cancelled_and_killed(self, site: Site, path: Path) -> ImportRun:
        """A run that left out what it had read, as asked, and died before it could end."""
        run, _ = read_all(write(path, ROWS), site)
        storing.store_next(run.pk)
        ImportRun.objects.filter(pk=run.pk).update(asked=Asked.CANCEL)
        run.refresh_from_db()
        with pytest.raises(runs.Halted):
            runs.heed(run)
        runs.release(run)
        return run

    def test_the_same_file_again_is_a_run_of_its_own(self, site: Site, path: Path) -> None:
        died = self.cancelled_and_killed(site, path)
        again = run_file(path, site)
        died.refresh_from_db()
        assert (died.status, figures(died)) == (RunStatus.CANCELLED, {"read": 2, "created": 2})
        assert again.pk != died.pk
        assert figures(again) == {"read": 9, "created": 7, "unchanged": 2}

    def test_it_cannot_be_resumed(self, site: Site, path: Path) -> None:
        died = self.cancelled_and_killed(site, path)
        with pytest.raises(imports.NotResumable, match="has ended"):
            imports.resume(died.pk, died.digest)

    def test_left_alone_it_is_ended(self, site: Site, path: Path) -> None:
        died = self.cancelled_and_killed(site, path)
        assert imports.recover(timezone.now() + LATER) == [died.pk]
        died.refresh_from_db()
        assert (died.status, died.finished_at is None) == (RunStatus.CANCELLED, False)
        assert Pending.objects.count() == Comment.objects.count() == 2
        assert imports.recover(timezone.now() + 2 * LATER) == []

    @pytest.mark.parametrize("asked", Asked.values)
    def test_who_was_only_slow_takes_nothing_from_who_took_over(
        self, site: Site, path: Path, asked: str
    ) -> None:
        slow, _ = read_all(write(path, ROWS), site)
        slow.asked = asked
        ImportRun.objects.update(attempt=slow.attempt + 1)
        with pytest.raises(imports.TakenOver):
            runs.heed(slow)
        assert ImportChunk.objects.filter(stored_at=None).count() == 4


class TestAlive:
    def test_a_reader_that_passes_rows_over_says_that_it_lives(
        self, site: Site, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(imports, "PASSED_AT_ONCE", 1)
        monkeypatch.setattr(runs, "BEAT_SECONDS", -1)
        with monkeypatch.context() as patched:
            patched.setattr(imports, "read", after(3, reading.read))
            with pytest.raises(Killed):
                run_rows(path, site, ROWS)
        source = source_of(path)
        run = imports.begin(site, "archive", source.wanted("enforce"))
        long_ago = timezone.now() - LATER
        ImportRun.objects.update(heartbeat_at=long_ago)
        rows = imports._Reader(run, source, lambda *_: None)._unread(Seen())
        assert next(rows).position == run.position > 0
        assert runs.is_alive(ImportRun.objects.get(), timezone.now())

    def test_it_says_so_no_oftener_than_needed(self, site: Site, path: Path) -> None:
        source = source_of(write(path, ROWS))
        run = imports.begin(site, "archive", source.wanted("enforce"))
        now = [0.0]
        pulse = runs.Pulse(run, lambda: now[0])
        long_ago = timezone.now() - LATER
        ImportRun.objects.update(heartbeat_at=long_ago)
        for moment, said in ((runs.BEAT_SECONDS - 1, False), (runs.BEAT_SECONDS, True)):
            now[0] = moment
            pulse.beat()
            assert (ImportRun.objects.get().heartbeat_at > long_ago) is said

    def test_taken_over_it_stops(self, site: Site, path: Path) -> None:
        source = source_of(write(path, ROWS))
        run = imports.begin(site, "archive", source.wanted("enforce"))
        pulse = runs.Pulse(run, iter((0.0, 100.0)).__next__)
        ImportRun.objects.update(attempt=2)
        with pytest.raises(imports.TakenOver):
            pulse.beat()


@contextmanager
def another_storer(run: ImportRun, number: int) -> Iterator[None]:
    """A worker that has claimed a chunk and hangs."""
    claimed, leave = threading.Event(), threading.Event()

    def work() -> None:
        with transaction.atomic():
            list(ImportChunk.objects.select_for_update().filter(run=run, number=number))
            claimed.set()
            leave.wait(30)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert claimed.wait(30)
        yield
    finally:
        leave.set()
        thread.join(30)


@pytest.mark.django_db(transaction=True)
class TestAStorerThatHangs:
    def test_nobody_who_clears_up_waits_for_it(self, path: Path) -> None:
        site = make_site()
        run, _ = read_all(write(path, ROWS), site)
        with another_storer(run, 1):
            assert imports.recover(timezone.now() + LATER) == []
            assert ImportChunk.objects.filter(stored_at=None).count() == 1
            write(path, [*ROWS, comment("new", "a1")])
            with pytest.raises(imports.Busy):
                run_file(path, site)
            assert not Pending.objects.exists()
        assert imports.recover(timezone.now() + 2 * LATER) == [run.pk]
        assert Pending.objects.count() == Comment.objects.count() == 9

    def test_its_reader_waits_and_says_that_it_lives(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        site, said = make_site(), threading.Event()
        run, source = read_all(write(path, ROWS), site)
        monkeypatch.setattr(runs.Pulse, "beat", lambda _self: said.set())
        ended: list[ImportRun] = []

        def read() -> None:
            ended.append(imports.execute(run, source))
            connection.close()

        with another_storer(run, 2):
            said.clear()
            reader = threading.Thread(target=read)
            reader.start()
            assert said.wait(30)
        reader.join(30)
        assert figures(ended[0]) == {"read": 9, "created": 9}


@pytest.mark.django_db(transaction=True)
def test_two_that_resume_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site()
    with monkeypatch.context() as patched:
        patched.setattr(imports, "read", after(2, reading.read))
        with pytest.raises(Killed):
            run_rows(path, site, ROWS)
    died = ImportRun.objects.get()
    start, outcomes = threading.Barrier(2), []

    def resume() -> None:
        start.wait(30)
        try:
            outcomes.append(imports.execute(imports.resume(died.pk, died.digest), source_of(path)).status)
        except (imports.Busy, imports.NotResumable) as fault:
            outcomes.append(type(fault).__name__)
        connection.close()

    threads = [threading.Thread(target=resume) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) in (["Busy", "done"], ["NotResumable", "done"])
    assert figures(ImportRun.objects.get()) == {"read": 9, "created": 9}
    assert Pending.objects.count() == Comment.objects.count() == 9


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hands", [3])
def test_many_hands_store_each_chunk_once(path: Path, hands: int) -> None:
    """New rows, edits of old ones and replies in both directions, stored by several beside the reader."""
    site = make_site()
    old = [article("a0"), article("a1"), *(comment(f"c{n}", f"a{n % 2}") for n in range(0, 90, 2))]
    run_rows(path, site, old)
    rows = [article("a0"), article("a1")]
    for n in range(90):
        parent = f"c{n + 2}" if n % 4 < 2 and n < 88 else None
        rows.append(comment(f"c{n}", f"a{n % 2}", parent=parent, body=f"{n} を直しました。"))
    run, source = read_all(write(path, rows), site)
    faults: list[Exception] = []

    def work(do: Callable[[], bool]) -> None:
        try:
            while do():
                pass
        except Exception as fault:  # noqa: BLE001 - whatever a storer dies of
            faults.append(fault)
        connection.close()

    threads = [threading.Thread(target=work, args=(imports.store_next,)) for _ in range(hands)]
    for thread in threads:
        thread.start()
    run = imports.execute(run, source)
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert figures(run) == {"read": 90, "created": 45, "updated": 45}
    parents = dict(Comment.objects.values_list("external_id", "parent__external_id"))
    assert parents == {f"c{n}": f"c{n + 2}" if n % 4 < 2 and n < 88 else None for n in range(90)}
    assert set(Comment.objects.values_list("revision", flat=True)) == {1, 2}
