"""When a source is read by itself: a `PeriodicTask` of django-celery-beat, kept in step with its page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from django_celery_beat.tzcrontab import TzAwareCrontab

from comments.models import ImportSource
from comments.sources.faults import Fault

TASK = "comments.tasks.import_source"
PERIODS = {"minutes": _("minutes"), "hours": _("hours"), "days": _("days")}
# A partner's server is not asked more often.
SHORTEST = timedelta(minutes=5)
# A tick that no worker took for so long is thrown away: the sweep knows what is due.
EXPIRE_SECONDS = 3_600
_CRON = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often: every so many of a period, or a crontab line of five fields in the site's zone."""

    every: int = 0
    period: str = "hours"
    crontab: str = ""

    def after(self, moment: datetime, zone: str, number: int = 1) -> list[datetime]:
        """The next times. Raises `Fault` for a line that says nothing or too often."""
        if self.crontab:
            return self._by_clock(moment, zone, number)
        step = timedelta(**{self.period: self.every})
        if not SHORTEST <= step <= timedelta(days=366):
            raise Fault(_("Choose five minutes at least, and a year at most."))
        return [moment + step * (times + 1) for times in range(number)]

    def _by_clock(self, moment: datetime, zone: str, number: int) -> list[datetime]:
        fields = self.crontab.split()
        if len(fields) != len(_CRON):
            raise Fault(
                _("Write five fields: minute, hour, day of the month, month, weekday. 30 4 * * * is 4:30.")
            )
        at = moment.astimezone(ZoneInfo(zone))
        found: list[datetime] = []
        try:
            clock = TzAwareCrontab(**dict(zip(_CRON, fields, strict=True)), tz=ZoneInfo(zone))
            while len(found) < max(number, 2):
                # What `remaining_delta` takes for the present.
                clock.nowfun = lambda now=at: now
                last, delta, _now = clock.remaining_delta(at, tz=ZoneInfo(zone))
                at = last + delta
                found.append(at)
        except (ValueError, KeyError, OverflowError):
            raise Fault(
                _("No time fits this line. 0 */6 * * * is every six hours, 0 5 * * 1 Mondays at five.")
            ) from None
        if len(clock.minute) > timedelta(hours=1) / SHORTEST or _closest(clock.minute) < SHORTEST:
            raise Fault(_("Choose five minutes at least, and a year at most."))
        return found[:number]


def _closest(minutes: Iterable[int]) -> timedelta:
    """The shortest pause between minutes of an hour."""
    told = sorted(minutes)
    pauses = [later - earlier for earlier, later in zip(told, [*told[1:], told[0] + 60], strict=True)]
    return timedelta(minutes=min(pauses))


def rhythm_of(source: ImportSource) -> Rhythm | None:
    """The rhythm that is in force, None for a source that is read when somebody asks for it."""
    task = (
        PeriodicTask.objects.filter(name=_name(source), enabled=True)
        .select_related("crontab", "interval")
        .first()
    )
    if task is None:
        return None
    if task.crontab:
        return Rhythm(crontab=" ".join(str(getattr(task.crontab, name)) for name in _CRON))
    return Rhythm(every=task.interval.every, period=task.interval.period) if task.interval else None


def put_rhythm(source: ImportSource, rhythm: Rhythm | None, now: datetime) -> None:
    """Store a rhythm and when the source is next due. Raises `Fault`."""
    if rhythm is None:
        PeriodicTask.objects.filter(name=_name(source)).delete()
    else:
        rhythm.after(now, source.site.zone)
        task, _made = PeriodicTask.objects.get_or_create(
            name=_name(source), defaults={"task": TASK, **_columns(source, rhythm)}
        )
        for name, value in _columns(source, rhythm).items():
            setattr(task, name, value)
        # It tells beat itself that something changed.
        task.save()
    source.due_at = next_time(source, now)
    source.save(update_fields=["due_at"])


def next_time(source: ImportSource, now: datetime) -> datetime | None:
    """When the schedule wants it next."""
    rhythm = rhythm_of(source)
    try:
        return rhythm.after(now, source.site.zone)[0] if rhythm else None
    except Fault:
        # Beat's own pages let in what ours does not; it rings for it all the same.
        return None


def _name(source: ImportSource) -> str:
    return f"import-source-{source.pk}"


def _columns(source: ImportSource, rhythm: Rhythm) -> dict[str, object]:
    crontab = interval = None
    if rhythm.crontab:
        told = dict(zip(_CRON, rhythm.crontab.split(), strict=True))
        wanted = {**told, "timezone": source.site.zone}
        crontab = CrontabSchedule.objects.filter(**wanted).first() or CrontabSchedule.objects.create(**wanted)
    else:
        same = {"every": rhythm.every, "period": rhythm.period}
        interval = IntervalSchedule.objects.filter(**same).first() or IntervalSchedule.objects.create(**same)
    return {
        "crontab": crontab,
        "interval": interval,
        "args": json.dumps([source.pk]),
        "enabled": True,
        "expire_seconds": EXPIRE_SECONDS,
        "description": f"{source.site.slug}/{source.slug}: edited on the page of the import source.",
    }
