"""When a source is read by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from comments.models import Site
from comments.sources.faults import Fault
from comments.sources.schedules import Rhythm, next_time, put_rhythm, rhythm_of
from tests import world
from tests.comments.sources.conftest import make_source

NOON = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)  # 21:00 in Tokyo, a Saturday


def told(moments: list[datetime]) -> list[str]:
    return [f"{moment:%m-%d %H:%M %z}" for moment in moments]


@pytest.mark.parametrize(
    ("crontab", "zone", "times"),
    [
        ("30 4 * * *", "Asia/Tokyo", ["01-11 04:30 +0900", "01-12 04:30 +0900", "01-13 04:30 +0900"]),
        ("0 */6 * * *", "Asia/Tokyo", ["01-11 00:00 +0900", "01-11 06:00 +0900", "01-11 12:00 +0900"]),
        ("0 5 * * 1", "UTC", ["01-12 05:00 +0000", "01-19 05:00 +0000", "01-26 05:00 +0000"]),
        ("*/15 * * * *", "UTC", ["01-10 12:15 +0000", "01-10 12:30 +0000", "01-10 12:45 +0000"]),
        ("0 9 29 2 *", "UTC", ["02-29 09:00 +0000"] * 3),
    ],
)
def test_the_next_times_by_the_clock(crontab: str, zone: str, times: list[str]) -> None:
    assert told(Rhythm(crontab=crontab).after(NOON, zone, 3)) == times


def test_the_clock_is_that_of_the_site_when_summer_ends() -> None:
    before = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    times = Rhythm(crontab="0 6 * * *").after(before, "Europe/Berlin", 2)
    assert told(times) == ["10-25 06:00 +0100", "10-26 06:00 +0100"]


def test_an_interval() -> None:
    assert Rhythm(every=90, period="minutes").after(NOON, "UTC", 2) == [
        NOON + timedelta(minutes=90),
        NOON + timedelta(minutes=180),
    ]


@pytest.mark.parametrize(
    "rhythm",
    [
        Rhythm(every=4, period="minutes"),
        Rhythm(every=0, period="days"),
        Rhythm(every=400, period="days"),
        Rhythm(crontab="* * * * *"),
        Rhythm(crontab="0,3 * * * *"),
        Rhythm(crontab="58,1 * * * *"),
        Rhythm(crontab="30 4 * *"),
        Rhythm(crontab="61 4 * * *"),
        Rhythm(crontab="0 0 31 2 *"),
        Rhythm(crontab="half past four every day"),
    ],
)
def test_what_is_no_rhythm(rhythm: Rhythm) -> None:
    with pytest.raises(Fault):
        rhythm.after(NOON, "UTC")


@pytest.mark.django_db
class TestStored:
    def test_it_is_a_task_of_beat_in_the_zone_of_the_site(self, home: Site) -> None:
        source = make_source(home, "https://example.com/")
        put_rhythm(source, Rhythm(crontab="30 4 * * *"), NOON)
        task = PeriodicTask.objects.get(name=f"import-source-{source.pk}")
        assert (task.task, task.args, task.enabled) == (
            "comments.tasks.import_source", f"[{source.pk}]", True,
        )  # fmt: skip
        assert str(task.crontab.timezone) == home.zone == "Asia/Tokyo"
        assert rhythm_of(source) == Rhythm(crontab="30 4 * * *")
        assert source.due_at == datetime(2026, 1, 10, 19, 30, tzinfo=UTC)

    def test_it_is_changed_in_place_and_taken_away(self, home: Site) -> None:
        source = make_source(home, "https://example.com/")
        for rhythm in (Rhythm(crontab="30 4 * * *"), Rhythm(every=2, period="days")):
            put_rhythm(source, rhythm, NOON)
            assert rhythm_of(source) == rhythm
        assert source.due_at == NOON + timedelta(days=2)
        put_rhythm(source, None, NOON)
        assert not PeriodicTask.objects.filter(name__startswith="import-source").exists()
        source.refresh_from_db()
        assert rhythm_of(source) is None
        assert source.due_at is None

    def test_sources_of_one_rhythm_share_its_row(self, home: Site) -> None:
        for slug in ("one", "two"):
            put_rhythm(make_source(home, "/a", slug=slug), Rhythm(crontab="7 4 * * *"), NOON)
            put_rhythm(make_source(home, "/a", slug=f"{slug}-i"), Rhythm(every=7, period="hours"), NOON)
        assert CrontabSchedule.objects.filter(minute="7").count() == 1
        assert IntervalSchedule.objects.filter(every=7).count() == 1

    def test_another_site_has_another_clock(self, home: Site) -> None:
        abroad = world.make_site("berlin", zone="Europe/Berlin")
        for site in (home, abroad):
            put_rhythm(make_source(site, "/a"), Rhythm(crontab="7 4 * * *"), NOON)
        assert CrontabSchedule.objects.filter(minute="7").count() == 2

    def test_a_site_that_moves_takes_its_clock_along(self, home: Site) -> None:
        source = make_source(home, "https://example.com/")
        put_rhythm(source, Rhythm(crontab="30 4 * * *"), NOON)
        home.zone = "UTC"
        home.save()
        source.refresh_from_db()
        assert next_time(source, NOON) == datetime(2026, 1, 11, 4, 30, tzinfo=UTC)

    def test_a_task_switched_off_in_beats_own_pages_is_heeded(self, home: Site) -> None:
        source = make_source(home, "https://example.com/")
        put_rhythm(source, Rhythm(every=1, period="hours"), NOON)
        PeriodicTask.objects.update(enabled=False)
        assert next_time(source, NOON) is None
