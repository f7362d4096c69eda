"""The figures of the dashboard are those that a recount finds, whatever has happened."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import median_low
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from comments import bulk
from comments.models import Comment, Site
from moderation import backlog as backlogs
from moderation import durations, tasks
from moderation.admin.filters import Age
from moderation.backlog import AGES, ESCALATED, Backlog, backlog
from moderation.models import Case, Decision, Finding, Quote, Tally, TallyChange
from moderation.services import screen, tallying
from moderation.tallies import PERIODS, Figures, Period, Place, Unit, beginning, figures, starts
from tests import newsroom, world
from tests.moderation.desk_life import Life
from tests.world import NOON

pytestmark = pytest.mark.django_db

ZONES = ("Asia/Tokyo", "Asia/Kathmandu", "Europe/London")
# London's clock is put forward on 29 March.
BEGAN = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)


def make_sites() -> list[Site]:
    return [world.make_site(f"site{number}", zone=zone) for number, zone in enumerate(ZONES)]


def places(sites: list[Site]) -> list[Place]:
    return [Place(site.pk, site.zone) for site in sites]


# What the figures have to be, told from the rows alone, in Python.


def standing() -> list[Decision]:
    """What people decided and nobody took back."""
    undone = set(Decision.objects.filter(cause="undo").values_list("supersedes", flat=True))
    rows = Decision.objects.filter(by__isnull=False).exclude(cause="undo").select_related("comment", "case")
    return [row for row in rows if row.pk not in undone]


def rules_that_hit(decision: Decision) -> set[int]:
    found = Finding.objects.filter(
        decision__comment=decision.comment, decision__revision=decision.revision,
        decision__by=None, decision__lt=decision.pk,
    )  # fmt: skip
    return set(found.values_list("rule_version__rule", flat=True))


def happened() -> list[tuple[int, datetime, str, str]]:
    """`(site, time, kind, key)` of all that is counted in a period."""
    found: list[tuple[int, datetime, str, str]] = []
    for case in Case.objects.all():
        found.append((case.site_id, case.opened_at, "in", ""))
        if case.closed_at:
            found.append(
                (case.site_id, case.closed_at, "out", "person" if case.closed_by_id else case.closed_why)
            )
    for row in Decision.objects.filter(by=None, from_status="received").select_related("comment"):
        if row.cause not in {"erased", "import-undo"}:
            kind = "import" if row.import_run_id else "rules"
            found.append((row.comment.site_id, row.created_at, kind, row.to_status))
    for row in standing():
        keys = [("decided", row.to_status), ("by", f"{row.by_id}:{row.to_status}")]
        keys += [("reason", str(row.reason_id))] if row.reason_id else []
        verdict = "right" if row.to_status == "rejected" else "wrong"
        keys += [("rule", f"{rule}:{verdict}") for rule in rules_that_hit(row)]
        if row.case and row.cause != "anew":
            keys += [("late", "")] if row.created_at > row.case.due_at else []
            waited = (row.created_at - row.case.opened_at).total_seconds()
            keys.append(("wait", str(durations.bucket_of(waited))))
        found += [(row.comment.site_id, row.created_at, *key) for key in keys]
    for row in Decision.objects.filter(cause="undo", supersedes__by__isnull=False).select_related("comment"):
        found.append((row.comment.site_id, row.created_at, "undone", ""))
    for quote in Quote.objects.select_related("comment"):
        kind = "quote" if quote.comment.live else "oldquote"
        found.append((quote.comment.site_id, quote.comment.received_at, kind, quote.verdict))
    return found


def recounted(sites: list[Site], period: Period, now: datetime) -> Counter[tuple[str, str]]:
    """`{(kind, key): number}` of a period, by each site's own calendar."""
    counts: Counter[tuple[str, str]] = Counter()
    zones = {site.pk: ZoneInfo(site.zone) for site in sites}
    for site, at, kind, key in happened():
        if site in zones and _within(at.astimezone(zones[site]), period, now.astimezone(zones[site])):
            counts[kind, key] += 1
    return counts


def _within(at: datetime, period: Period, now: datetime) -> bool:
    if period.whole is Unit.HOUR:
        # The clock says the same hour twice where it is put back: count on the world's.
        first = now.replace(minute=0, second=0, microsecond=0).astimezone(UTC) - timedelta(
            hours=period.number - 1
        )
        return at.astimezone(UTC) >= first
    first_day = now.date() - timedelta(days=period.number - 1)
    if period.whole is Unit.WEEK:
        first_day = now.date() - timedelta(days=now.date().weekday(), weeks=period.number - 1)
    return at.date() >= first_day


def told(found: Figures) -> Counter[tuple[str, str]]:
    """The same as the dashboard has it, without the quotes, whose period is another."""
    counts = Counter({key: sum(numbers) for key, numbers in found.flow.items()})
    counts.update(found.totals)
    return +counts


def waiting(sites: list[Site], now: datetime) -> Backlog:
    found = Backlog()
    for case in Case.objects.filter(closed_at=None, site__in=sites):
        key = ESCALATED if case.escalated_at else str(case.severity)
        # As the filters of the queue have it: older is before the edge.
        found.ages[key, sum(case.opened_at < now - age for age in AGES)] += 1
        found.overdue[key] += case.due_at < now
    return Backlog(+found.ages, +found.overdue)


def check(sites: list[Site], now: datetime) -> None:
    assert tallying.differences() == []
    for chosen in ([site] for site in sites), [sites]:
        for some in chosen:
            for period in PERIODS.values():
                found = figures(places(some), period, now, some[0].zone)
                wanted = recounted(some, period, now)
                assert told(found) == +Counter(
                    {key: n for key, n in wanted.items() if key[0] not in {"quote", "oldquote"}}
                )
                weeks = recounted(some, Period("", Unit.WEEK, Unit.WEEK, 12), now)
                assert {key: sum(numbers) for key, numbers in found.quotes.items()} == {
                    key: n for key, n in weeks.items() if key[0] in {"quote", "oldquote"}
                }
            assert Backlog.of(backlog(places(some), now).values()) == waiting(some, now)
            check_waiting(some, now)


def check_waiting(sites: list[Site], now: datetime) -> None:
    """The numbers of the queue, by site and severity, of all and of those before a moment."""
    keys = [site.pk for site in sites]
    cases = list(Case.objects.filter(closed_at=None, site__in=sites))

    def of(some: list[Case]) -> Counter[tuple[int, str]]:
        return Counter(
            (case.site_id, ESCALATED if case.escalated_at else str(case.severity)) for case in some
        )

    assert +backlogs.waiting(keys).numbers == of(cases)
    for at in (now, *(now - age for age in AGES), *(case.due_at for case in cases[:1])):
        opened = backlogs.waiting_before(keys, backlogs.OPENED, at)
        assert +opened.numbers == of([case for case in cases if case.opened_at < at])
        due = backlogs.waiting_before(keys, backlogs.DUE, at)
        assert +due.numbers == of([case for case in cases if case.due_at < at])
        everywhere = [case for case in cases if case.opened_at < at and not case.escalated_at]
        assert opened.common() == len(everywhere)
        assert opened.common(keys[0], 2) == len(
            [case for case in everywhere if (case.site_id, case.severity) == (keys[0], 2)]
        )


@pytest.mark.parametrize("seed", [1, 2])
def test_every_figure_is_that_of_a_recount(seed: int) -> None:
    sites = make_sites()
    life = Life(seed, sites, BEGAN)
    for number in range(70):
        life.step()
        if number % 9 == 0:
            tallying.fold(at_once=20)
        if number == 40:
            newsroom.make_run_case(sites[1])
            life.undo_rule()
            life.send()
            life.erase()
        if number in {30, 69}:
            check(sites, life.now)
    assert Decision.objects.filter(cause="undo").count() > 3
    assert Decision.objects.filter(cause="anew").exists()
    assert {"person", "rule-undo", "erased"} <= set(
        Tally.objects.filter(kind="out").values_list("key", flat=True)
    )
    # What is kept, and what is made anew, say the same.
    tallying.fold()
    assert not TallyChange.objects.exists()
    kept = set(Tally.objects.values_list())
    tallying.recount()
    assert set(Tally.objects.values_list()) == kept
    assert all(kept)
    check(sites, life.now)


def test_a_lost_figure_is_found_and_mended(site: Site) -> None:
    newsroom.make_rules()
    newsroom.open_cases(newsroom.make_article(site))
    tallying.fold()
    Tally.objects.filter(span="day", kind="in").update(number=7)
    Tally.objects.filter(kind="due").delete()
    found = tallying.differences()
    assert {(each.span, each.kind) for each in found} == {("day", "in"), ("hour", "due")}
    assert [(each.kept, each.counted) for each in found if each.kind == "in"] == [(7, 3)]
    tallying.recount()
    assert tallying.differences() == []


def test_what_came_less_what_went_is_what_waits(site: Site) -> None:
    life = Life(5, [site], BEGAN)
    for _ in range(30):
        life.step()
    sums: Counter[str] = Counter()
    for kind, number in TallyChange.objects.values_list("kind", "number"):
        sums[kind] += number
    assert (
        sums["in"] - sums["out"] == Case.objects.filter(closed_at=None).count() == sums["open"] == sums["due"]
    )


def test_the_task_folds(site: Site) -> None:
    newsroom.make_rules()
    newsroom.open_cases(newsroom.make_article(site))
    tasks.fold_tallies()
    assert not TallyChange.objects.exists()
    assert Tally.objects.filter(kind="in", span="hour").get().number == 3


def test_nothing_is_kept_of_what_came_to_nothing(site: Site) -> None:
    newsroom.make_rules()
    sent = newsroom.open_cases(newsroom.make_article(site))
    tallying.fold()
    Case.objects.filter(comment=sent[1].comment_id).update(severity=1)
    tallying.fold()
    assert not Tally.objects.filter(number=0).exists()
    assert tallying.differences() == []


def test_a_look_at_a_case_changes_no_figure(site: Site) -> None:
    newsroom.make_rules()
    newsroom.open_cases(newsroom.make_article(site))
    TallyChange.objects.all().delete()
    Case.objects.update(claimed_until=NOON)
    assert not TallyChange.objects.exists()


def test_a_batch_appends_few_rows_however_many_comments(site: Site) -> None:
    article = world.make_article(site)
    world.send_many(article, [f"{at}番目の感想です。" for at in range(40)])
    screen(now=lambda: NOON + timedelta(hours=1))
    assert {(row.kind, row.key): row.number for row in TallyChange.objects.all()} == {
        ("rules", "held"): 40, ("in", ""): 40, ("open", "2"): 40, ("due", "2"): 40,
    }  # fmt: skip
    assert TallyChange.objects.count() == 4


@pytest.mark.parametrize("period", PERIODS)
def test_the_statements_are_as_many_whatever_there_is(site: Site, period: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            figures(places([site]), PERIODS[period], NOON, site.zone)
            backlog(places([site]), NOON)
        return len(captured)

    before = queries()
    newsroom.make_rules()
    newsroom.open_cases(newsroom.make_article(site))
    assert queries() == before == 4


def test_edges_are_those_of_the_queues_filters() -> None:
    assert {age.length for age in Age} == set(AGES)


@pytest.mark.parametrize("zone", [*ZONES, "America/New_York"])
@pytest.mark.parametrize("days", [0, 13, 230])
def test_hours_and_days_begin_where_the_database_has_them(zone: str, days: int) -> None:
    now = BEGAN + timedelta(days=days, minutes=17)
    ((hour, day, week),) = bulk.fetch(
        """SELECT date_bin('1 hour', %s, timestamp '2000-01-03' AT TIME ZONE %s),
                  date_trunc('day', %s, %s), date_trunc('week', %s, %s)""",
        [now, zone] * 3,
    )
    assert beginning(Unit.HOUR, 1, now, zone) == hour
    assert beginning(Unit.DAY, 1, now, zone) == day
    assert beginning(Unit.WEEK, 1, now, zone) == week
    assert starts(Unit.HOUR, day, now, zone)[-1] == hour
    assert starts(Unit.WEEK, beginning(Unit.WEEK, 12, now, zone), now, zone)[-1] == week


def test_a_median_is_right_to_within_what_is_said_of_it() -> None:
    rng = random.Random(7)
    for _ in range(50):
        times = [rng.lognormvariate(7, 2) + 1 for _ in range(rng.randint(1, 400))]
        counts = Counter(map(durations.bucket_of, times))
        found = durations.quantile(counts, 0.5)
        assert found is not None
        assert found == pytest.approx(median_low(times), rel=0.0906)
        assert durations.quantile(counts, 1.0) == pytest.approx(max(times), rel=0.0906)
    assert durations.quantile({}, 0.5) is None


@pytest.mark.django_db(transaction=True)
def test_two_that_fold_at_once_count_everything_once() -> None:
    site = world.make_site()
    TallyChange.objects.bulk_create(
        TallyChange(site_id=site.pk, kind="rules", key=f"k{at % 7}", at=NOON, number=1) for at in range(3_000)
    )
    barrier, failures = Barrier(2), []

    def work() -> None:
        try:
            barrier.wait()
            tallying.fold(at_once=100)
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    tallying.fold()
    numbers = Tally.objects.filter(span="day").values_list("number", flat=True)
    assert sum(numbers) == 3_000
    assert Comment.objects.count() == 0


def test_the_command_finds_and_mends(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    newsroom.make_rules()
    newsroom.open_cases(newsroom.make_article(site))
    call_command("figures")
    assert "All figures are those of a recount." in capsys.readouterr().out
    tallying.fold()
    Tally.objects.filter(kind="rules").update(number=9)
    with pytest.raises(SystemExit) as ended:
        call_command("figures")
    assert ended.value.code == 1
    out = capsys.readouterr().out
    assert "kept 9, counted 2" in out
    assert "6 figures differ. --recount counts everything anew." in out
    with pytest.raises(SystemExit):
        call_command("figures", "--json")
    assert {each["kind"] for each in json.loads(capsys.readouterr().out)} == {"rules"}
    call_command("figures", "--recount")
    assert "Counted anew: 6 figures were others." in capsys.readouterr().out
    assert tallying.differences() == []


def test_days_are_of_the_new_clock_after_a_recount(site: Site) -> None:
    newsroom.make_rules()
    newsroom.open_cases(newsroom.make_article(site))
    tallying.fold()
    Site.objects.update(zone="Asia/Kathmandu")
    assert {each.span for each in tallying.differences()} == {"hour", "day", "week"}
    call_command("figures", "--recount", "--json")
    assert tallying.differences() == []
