"""Sources read: what becomes a run, what is unchanged, what fails and is tried again."""

from __future__ import annotations

import itertools
import json
import logging
import os
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from comments import imports, tasks
from comments.imports import chunks, reading
from comments.imports.runs import QUIET
from comments.models import Comment, ImportRun, ImportSource, RunStatus, Site, Unchanged
from comments.sources import claims, local
from comments.sources.running import Nobody, Reading, read_source
from comments.sources.schedules import Rhythm, put_rhythm
from tests import world
from tests.comments.sources.conftest import Web, make_source
from tests.comments.test_imports import article, comment

pytestmark = pytest.mark.django_db


def jsonl(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


ROWS = jsonl(article("a1"), comment("c1", "a1"))
GROWN = ROWS + jsonl(comment("c2", "a1"))


class Clock:
    """A time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def read(source: ImportSource, **given: Any) -> Reading:
    reading = read_source(source.pk, by_hand=True, **given)
    assert reading is not None
    source.refresh_from_db()
    return reading


def tick(source: ImportSource, clock: Clock) -> Reading | None:
    """As a ring at that time."""
    try:
        return read_source(source.pk, clock=clock)
    finally:
        source.refresh_from_db()


def the_run(reading: Reading) -> ImportRun:
    ((run, _),) = reading.runs
    return run


class TestUnchanged:
    def test_an_address_by_its_etag(self, home: Site, web: Web) -> None:
        source = make_source(home, web.put_tagged("/a.jsonl", ROWS, '"1"'))
        first = the_run(read(source))
        assert (first.status, first.counts["comments"]["created"]) == (RunStatus.DONE, 1)
        second = the_run(read(source))
        assert (second.status, second.unchanged, second.counts, second.position) == (
            RunStatus.DONE, Unchanged.NOT_MODIFIED, {}, 0,
        )  # fmt: skip
        assert second.finished_at is not None
        web.put_tagged("/a.jsonl", GROWN, '"2"')
        assert the_run(read(source)).counts["comments"] == {
            "read": 2, "created": 1, "updated": 0, "unchanged": 1, "problems": 0, "notices": 0,
        }  # fmt: skip

    def test_an_address_without_validators_by_its_bytes(self, home: Site, web: Web) -> None:
        source = make_source(home, web.put("/a.jsonl", ROWS))
        read(source)
        assert the_run(read(source)).unchanged == Unchanged.SAME_BYTES

    def test_a_file_by_its_size_and_time_then_by_its_bytes(self, home: Site, folder: Path) -> None:
        path = folder / "a.jsonl"
        path.write_bytes(ROWS)
        source = make_source(home, str(path))
        read(source)
        assert the_run(read(source)).unchanged == Unchanged.SAME_STAMP
        os.utime(path, (1, 1))
        assert the_run(read(source)).unchanged == Unchanged.SAME_BYTES
        assert the_run(read(source)).unchanged == Unchanged.SAME_STAMP

    def test_again_reads_it_all_the_same(self, home: Site, folder: Path) -> None:
        (folder / "a.jsonl").write_bytes(ROWS)
        source = make_source(home, str(folder / "a.jsonl"))
        read(source)
        run = the_run(read(source, again=True))
        assert (run.unchanged, run.counts["comments"]["unchanged"]) == ("", 1)

    @pytest.mark.parametrize("change", [{"zone": "UTC"}, {"policy": "flag"}, {"encoding": "utf-8"}])
    def test_other_terms_make_it_another_reading(
        self, home: Site, folder: Path, change: dict[str, str]
    ) -> None:
        (folder / "a.jsonl").write_bytes(ROWS)
        source = make_source(home, str(folder / "a.jsonl"))
        read(source)
        ImportSource.objects.filter(pk=source.pk).update(**change)
        assert the_run(read(source)).unchanged == ""

    @pytest.mark.parametrize("how", [RunStatus.CANCELLED, RunStatus.FAILED])
    def test_behind_a_run_that_did_not_end_well_nothing_is_unchanged(
        self, home: Site, web: Web, how: str
    ) -> None:
        source = make_source(home, web.put_tagged("/a.jsonl", ROWS, '"1"'))
        read(source)
        changed = ROWS.replace("c1 の感想です。".encode(), "取り消します。".encode())
        web.put_tagged("/a.jsonl", changed, '"2"')
        ImportRun.objects.filter(pk=the_run(read(source)).pk).update(status=how)
        web.put_tagged("/a.jsonl", ROWS, '"1"')
        assert the_run(read(source)).counts["comments"]["updated"] == 1
        assert Comment.objects.get().body == "c1 の感想です。"

    def test_a_fetch_that_failed_does_not_make_it_another_reading(self, home: Site, web: Web) -> None:
        source = make_source(home, web.put_tagged("/a.jsonl", ROWS, '"1"'))
        read(source)
        web.put("/a.jsonl", b"", 503)
        read(source)
        web.put_tagged("/a.jsonl", ROWS, '"1"')
        assert the_run(read(source)).unchanged == Unchanged.NOT_MODIFIED


class TestFiles:
    def test_behind_a_paused_one_the_others_wait(
        self, home: Site, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("1.jsonl", "2.jsonl"):
            (folder / name).write_bytes(ROWS)
        read_chunk = reading.read

        def asked(run: ImportRun, *args: Any) -> ImportRun:
            ImportRun.objects.filter(pk=run.pk).update(asked="pause")
            return read_chunk(run, *args)

        monkeypatch.setattr(imports, "read", asked)
        ((run, _),) = read(make_source(home, str(folder / "*.jsonl"))).runs
        assert (Path(run.path).name, run.status) == ("1.jsonl", RunStatus.PAUSED)

    def test_each_is_a_run_in_order_of_name_and_a_broken_one_stops_no_other(
        self, home: Site, folder: Path
    ) -> None:
        (folder / "2.jsonl").write_bytes(GROWN)
        (folder / "1.jsonl").write_bytes(b"\x00\x01 no format at all")
        (folder / "3.jsonl").write_bytes(jsonl(comment("c9", "a1")))
        source = make_source(home, str(folder / "*.jsonl"))
        runs = [run for run, _ in read(source).runs]
        assert [(Path(run.path).name, run.status) for run in runs] == [
            ("1.jsonl", "failed"), ("2.jsonl", "done"), ("3.jsonl", "done"),
        ]  # fmt: skip
        assert Comment.objects.count() == 3
        assert source.error.startswith(str(folder / "1.jsonl"))
        assert source.failures == 1

        (folder / "1.jsonl").write_bytes(ROWS)
        (run,) = [run for run, _ in read(source).runs]
        assert (Path(run.path).name, run.status) == ("1.jsonl", "done")
        assert (source.error, source.failures) == ("", 0)

        (run,) = [run for run, _ in read(source).runs]
        assert (run.path, run.unchanged) == (str(folder / "*.jsonl"), Unchanged.SAME_STAMP)

    def test_a_name_that_no_run_can_keep_stops_no_other(self, home: Site, folder: Path) -> None:
        for name in (b"1\xff.jsonl", b"2\x1b[31m.jsonl", b"3\n.jsonl", b"4.jsonl"):
            Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(ROWS)
        source = make_source(home, str(folder / "*.jsonl"))
        runs = [run for run, _ in read(source).runs]
        assert [(Path(run.path).name, run.status) for run in runs] == [
            ("1\ufffd.jsonl", "failed"), ("2\ufffd[31m.jsonl", "failed"), ("3\ufffd.jsonl", "failed"),
            ("4.jsonl", "done"),
        ]  # fmt: skip
        assert "Rename it" in source.error

    def test_outside_the_folders_nothing_is_read(self, home: Site, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "secret.jsonl").write_bytes(ROWS)
        (folder / "link.jsonl").symlink_to(tmp_path / "secret.jsonl")
        (folder / "way").symlink_to(tmp_path)
        for address in ("/etc/passwd", str(folder / "link.jsonl"), str(folder / "w*" / "secret.jsonl")):
            source = make_source(home, address, slug=f"s{len(address)}")
            (run,) = [run for run, _ in read(source).runs]
            assert run.status == RunStatus.FAILED
            assert "IMPORT_FOLDERS" in source.error
        assert Comment.objects.count() == 0

    def test_a_folder_is_one_source(self, home: Site, folder: Path) -> None:
        (folder / "comments").mkdir()
        (folder / "comments" / "a.yml").write_text(
            "_id: '1'\nname: Ren\nmessage: 港が見えた。\ndate: 2026-01-10T09:00:00Z\nslug: a1\n"
        )
        source = make_source(home, str(folder / "comments"))
        reading = read(source)
        assert reading.faults == []
        assert the_run(read(source)).unchanged == Unchanged.SAME_BYTES

    def test_a_pipe_is_no_file(self, home: Site, folder: Path) -> None:
        os.mkfifo(folder / "pipe")
        source = make_source(home, str(folder / "pipe"))
        read(source)
        assert "no ordinary file" in source.error

    def test_too_large(self, home: Site, folder: Path) -> None:
        with (folder / "big").open("wb") as file:
            file.truncate(1_000_001)
        source = make_source(home, str(folder / "big"), max_megabytes=1)
        read(source)
        assert "larger than 1 megabytes" in source.error

    def test_nothing_is_left_in_the_spool(self, home: Site, folder: Path, settings: Settings) -> None:
        (folder / "a.jsonl").write_bytes(ROWS)
        read(make_source(home, str(folder / "a.jsonl")))
        assert list((Path(settings.IMPORT_DATA_DIR) / "spool").iterdir()) == []


class TestCredentials:
    def test_they_are_sent_and_nowhere_kept(
        self, home: Site, web: Web, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        named = {"query key": "SEKISHO_IMPORT_PARTNER", "header X-Key": "SEKISHO_IMPORT_PARTNER"}
        source = make_source(home, web.put("/a.jsonl", b"broken"), credentials=named)
        read(source)
        assert web.asked[0][0] == "/a.jsonl?key=s3cr3t-of-the-partner"
        assert web.asked[0][1]["X-Key"] == "s3cr3t-of-the-partner"
        web.put("/a.jsonl", b"", 403)
        read(source)
        assert "does not let us in" in source.error
        rows = [*ImportRun.objects.values(), *ImportSource.objects.values()]
        assert "s3cr3t" not in str(rows) + caplog.text

    @pytest.mark.parametrize(
        ("variable", "told"),
        [
            ("DATABASE_URL", "begin with SEKISHO_IMPORT_"),
            ("SEKISHO_IMPORT_PARTNER_HOSTS", "begin with SEKISHO_IMPORT_"),
            ("SEKISHO_IMPORT_OTHER", "no variable SEKISHO_IMPORT_OTHER"),
        ],
    )
    def test_no_other_variable_can_be_named(self, home: Site, web: Web, variable: str, told: str) -> None:
        source = make_source(home, web.put("/", ROWS), credentials={"token": variable})
        read(source)
        assert told in source.error
        assert web.asked == []

    def test_they_go_to_no_host_that_the_operator_did_not_name(
        self, home: Site, web: Web, settings: Settings
    ) -> None:
        settings.IMPORT_SECRETS = {"SEKISHO_IMPORT_P": "s3cr3t", "SEKISHO_IMPORT_P_HOSTS": "partner.example"}
        source = make_source(home, web.put("/", ROWS), credentials={"token": "SEKISHO_IMPORT_P"})
        read(source)
        assert "may not be sent to 127.0.0.5" in source.error
        assert web.asked == []


class TestDue:
    def test_a_ring_when_nothing_is_due_does_nothing(self, home: Site, clock: Clock) -> None:
        source = make_source(home, "https://example.com/")
        assert tick(source, clock) is None
        assert ImportRun.objects.count() == 0

    def test_it_is_read_once_however_often_it_rings(self, home: Site, web: Web, clock: Clock) -> None:
        source = make_source(home, web.put("/", ROWS), due_at=clock.now)
        put_rhythm(source, Rhythm(every=1, period="hours"), clock.now)
        clock.pass_by(hours=1)
        assert claims.due(clock.now) == [source.pk]
        assert tick(source, clock) is not None
        assert tick(source, clock) is None
        assert source.due_at == clock.now + timedelta(hours=1)
        assert claims.due(clock.now) == []

    def test_a_second_reader_leaves_it_alone_and_that_is_noted(
        self, home: Site, web: Web, clock: Clock
    ) -> None:
        source = make_source(home, web.put("/", ROWS), due_at=clock.now)
        assert claims.claim(source.pk, clock) is not None
        ImportSource.objects.update(due_at=clock.now)
        assert tick(source, clock) is None
        assert source.skipped_at == clock.now
        assert (ImportRun.objects.count(), source.failures) == (0, 0)

    def test_a_run_of_the_command_is_left_alone(self, home: Site, web: Web, clock: Clock) -> None:
        source = make_source(home, web.put("/", ROWS), due_at=clock.now)
        wanted = {"path": "x", "digest": "d", "format": "jsonl", "policy": "enforce", "options": {}}
        imports.begin(home, "partner", wanted)
        reading = tick(source, clock)
        assert reading is not None
        assert "is going on" in reading.left_alone
        assert (source.skipped_at, source.failures, source.error) == (clock.now, 0, "")

    def test_a_paused_run_stays_paused(self, home: Site, web: Web, clock: Clock) -> None:
        source = make_source(home, web.put("/", ROWS), due_at=clock.now)
        run = ImportRun.objects.create(source=source, path="x", status=RunStatus.PAUSED)
        reading = tick(source, clock)
        assert reading is not None
        assert "paused" in reading.left_alone
        run.refresh_from_db()
        assert run.status == RunStatus.PAUSED

    def test_who_has_died_is_followed_by_the_next(self, home: Site, web: Web, clock: Clock) -> None:
        source = make_source(home, web.put("/", ROWS), due_at=clock.now)
        assert claims.claim(source.pk, clock) is not None
        clock.pass_by(seconds=QUIET.total_seconds() + 1)
        assert claims.due(clock.now) == [source.pk]
        assert tick(source, clock) is not None
        assert (source.claimed_until, source.failures, source.error) == (None, 0, "")

    def test_who_dies_again_and_again_is_followed_later_and_later(self, home: Site, clock: Clock) -> None:
        source = make_source(home, "https://example.com/", due_at=clock.now)
        taken = []
        for _ in range(120):
            if claims.claim(source.pk, clock) is not None:
                taken.append(clock.now)
            clock.pass_by(minutes=1)
        pauses = [(later - earlier) / timedelta(minutes=1) for earlier, later in itertools.pairwise(taken)]
        assert pauses == [3, 3, 4, 6, 10, 18, 34]  # and then every hour

    def test_one_who_was_only_slow_does_not_settle_for_another(self, home: Site, clock: Clock) -> None:
        source = make_source(home, "https://example.com/", due_at=clock.now)
        slow = claims.claim(source.pk, clock)
        clock.pass_by(minutes=3)
        other = claims.claim(source.pk, clock)
        assert slow is not None
        assert other is not None
        slow.done()
        source.refresh_from_db()
        assert source.claimed_until == other.until
        with pytest.raises(claims.Lost):
            slow.renew()

    def test_a_step_that_takes_longer_than_a_claim_does_not_end_the_run(
        self, home: Site, web: Web, clock: Clock
    ) -> None:
        source = make_source(home, web.put("/", ROWS), due_at=clock.now)
        seen: list[Reading | None] = []

        class Watcher(Nobody):
            def reading(self, source: imports.Source) -> AbstractContextManager[imports.Progress]:
                def tell(stage: str, run: ImportRun) -> None:
                    if stage == "linking":
                        clock.pass_by(minutes=3)
                        seen.append(read_source(run.source_id, clock=clock))

                return nullcontext(tell)

        reading = read_source(source.pk, clock=clock, watcher=Watcher())
        assert reading is not None
        assert the_run(reading).status == RunStatus.DONE
        (other,) = seen
        assert other is not None
        assert "is going on" in other.left_alone
        source.refresh_from_db()
        assert (source.claimed_until, source.failures, source.error) == (None, 0, "")

    def test_by_hand_nobody_waits_for_the_pause_after_a_death(
        self, home: Site, web: Web, clock: Clock
    ) -> None:
        source = make_source(home, web.put("/", ROWS), claimed_until=clock.now, failures=5)
        clock.pass_by(minutes=1)
        assert tick(source, clock) is None
        assert read(source, clock=clock).faults == []

    def test_a_killed_run_goes_on_where_it_was(
        self, home: Site, web: Web, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(chunks, "CHUNK_ROWS", 1)
        source = make_source(home, web.put("/", GROWN), due_at=clock.now)

        class Killed(BaseException):
            pass

        class Watcher(Nobody):
            def reading(self, source: imports.Source) -> AbstractContextManager[imports.Progress]:
                def tell(stage: str, run: ImportRun) -> None:
                    if run.position == 2:
                        raise Killed

                return nullcontext(tell)

        with pytest.raises(Killed):
            read_source(source.pk, clock=clock, watcher=Watcher())
        clock.pass_by(minutes=3)
        reading = tick(source, clock)
        assert reading is not None
        run = the_run(reading)
        assert ImportRun.objects.get() == run
        assert (run.status, run.attempt > 1, run.counts["comments"]["created"]) == (RunStatus.DONE, True, 2)


class TestFailing:
    def test_it_is_tried_again_with_longer_pauses_up_to_a_limit(
        self, home: Site, web: Web, clock: Clock, settings: Settings
    ) -> None:
        settings.EMAIL_HOST = "mail.example.com"
        owner = world.make_member(home, email="mori@example.com")
        source = make_source(home, web.put("/", b"", 500), due_at=clock.now, owner=owner)
        pauses = []
        while source.due_at is not None:
            clock.now = source.due_at
            tick(source, clock)
            if source.due_at:
                pauses.append((source.due_at - clock.now) / timedelta(minutes=1))
        assert len(pauses) == claims.TRIES - 1
        for pause, doubled in zip(pauses, (1, 2, 4, 8, 16), strict=True):
            assert 0.75 * doubled <= pause <= 1.25 * doubled
        assert ImportRun.objects.filter(status=RunStatus.FAILED).count() == claims.TRIES
        (letter,) = mail.outbox
        assert letter.to == ["mori@example.com"]
        assert "partner cannot be read" in letter.subject
        assert "answers with the error 500" in letter.body

    def test_what_nobody_but_a_person_can_mend_is_not_tried_again(
        self, home: Site, clock: Clock, settings: Settings
    ) -> None:
        source = make_source(home, "/etc/passwd", due_at=clock.now)
        tick(source, clock)
        assert (source.due_at, source.failures) == (None, 1)

    def test_success_forgets_it(self, home: Site, web: Web, clock: Clock) -> None:
        source = make_source(home, web.put("/", b"", 500), due_at=clock.now)
        tick(source, clock)
        assert source.failures == 1
        web.put("/", ROWS)
        clock.pass_by(minutes=2)
        tick(source, clock)
        assert (source.failures, source.error, source.due_at) == (0, "", None)

    def test_without_a_mail_server_nobody_is_written_to(self, home: Site, clock: Clock) -> None:
        owner = world.make_member(home, email="mori@example.com")
        tick(make_source(home, "/etc/passwd", due_at=clock.now, owner=owner), clock)
        assert mail.outbox == []

    def test_a_fault_of_ours_is_noted_and_raised(
        self, home: Site, web: Web, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise TypeError("secret detail")

        monkeypatch.setattr(imports, "execute", broken)
        source = make_source(home, web.put("/", ROWS), due_at=clock.now)
        with pytest.raises(TypeError):
            tick(source, clock)
        assert source.error.startswith("TypeError: a fault of Sekisho itself")
        assert source.claimed_until is None

    def test_the_words_are_those_of_the_site(self, web: Web) -> None:
        source = make_source(world.make_site(language="ja"), "/etc/passwd")
        read(source)
        assert "フォルダー" in source.error


def test_the_sweep_rings_for_what_is_due(home: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[int] = []
    monkeypatch.setattr(tasks, "ring", rung.append)
    due = make_source(home, "https://example.com/", due_at=timezone.now())
    make_source(home, "https://example.com/", slug="later", due_at=timezone.now() + timedelta(hours=1))
    make_source(home, "", slug="without", due_at=timezone.now())
    tasks.recover_runs()
    assert rung == [due.pk]


def test_old_uploads_and_runs_of_nothing_are_deleted(home: Site, settings: Settings) -> None:
    uploads = Path(settings.IMPORT_DATA_DIR) / "uploads"
    uploads.mkdir(parents=True)
    names = ("0123456789ab-named.xml", "0123456789ab-forgotten.xml", "0123456789ab-new.xml")
    for name in names:
        (uploads / name).write_bytes(b"x")
    source = make_source(home, f"upload:{names[0]}")
    old = timezone.now() - timedelta(days=31)
    for unchanged in ("", Unchanged.SAME_BYTES):
        ImportRun.objects.create(
            source=source, path="x", status=RunStatus.DONE, unchanged=unchanged, finished_at=old
        )
    for name in names[:2]:
        os.utime(uploads / name, (1, 1))
    tasks.purge_imports()
    assert sorted(path.name for path in uploads.iterdir()) == sorted([names[0], names[2]])
    assert [run.unchanged for run in ImportRun.objects.all()] == [""]
    assert local.purge(set()) == 1
