"""The panels of the dashboard that go by name: reasons, rules, moderators, import runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

from comments.imports.counting import counts_of_runs, total
from comments.models import ImportRun, Status
from moderation.admin import charts
from moderation.admin.charts import Bar, Cell, Panel, Table, number, words
from moderation.admin.scores import percents
from moderation.models import Reason, Rule
from moderation.scoring import Score
from moderation.templatetags.desk import full_name

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from comments.imports.ledger import Counts
    from moderation.admin.dashboard_times import Shown

SEE_MODERATORS = "moderation.view_moderators"
# Import runs that the page shows; the whole list is a link away.
RUNS = 10


def reasons(shown: Shown) -> Panel:
    """Rejections of people, by reason."""
    found = {int(key): n for key, n in shown.figures.of("reason").items()}
    named = {reason.pk: reason for reason in Reason.objects.all()}
    rows = sorted(
        ((str(named[key]), n) for key, n in found.items() if key in named), key=lambda r: (-r[1], r)
    )
    return Panel(
        "reasons",
        gettext("Decisions by reason"),
        gettext("What people rejected, by the reason that they gave. What was taken back does not count."),
        Table((gettext("Reason"), gettext("rejected")), [(words(name), number(n)) for name, n in rows]),
        bars=charts.bars(rows),
        empty="" if rows else gettext("Nobody rejected anything in this time."),
    )


def rules(shown: Shown, user: User) -> Panel:
    """What people decided on the texts that rules hit."""
    scores: dict[int, Score] = defaultdict(Score)
    for key, n in shown.figures.of("rule").items():
        rule, _, verdict = key.partition(":")
        scores[int(rule)] += Score(right=n) if verdict == "right" else Score(false_alarms=n)
    visible: QuerySet[Rule] = Rule.objects.visible_to(user)  # type: ignore[no-untyped-call]
    named = {rule.pk: rule for rule in visible.only("name_ja", "name_en")}
    found = sorted(
        ((named[key], score) for key, score in scores.items() if key in named),
        key=lambda row: (-row[1].judged, str(row[0])),
    )
    link = user.has_perm("moderation.view_rule")
    return Panel(
        "by-rule",
        gettext("Decisions by rule"),
        gettext(
            "Decisions of people on texts that a rule had hit, and how many of them were rejections: the "
            "rule's precision. The bar is the range in which the true share lies with a certainty of 95 in "
            "100, the mark is the share itself; with few decisions the range is wide."
        ),
        Table(
            (
                gettext("Rule"),
                gettext("decisions"),
                gettext("rejected"),
                gettext("precision, %"),
                gettext("at least, %"),
                gettext("at most, %"),
            ),
            [_rule_row(rule, score, link=link) for rule, score in found],
        ),
        bars=[_range(str(rule), score) for rule, score in found],
        empty="" if found else gettext("Nobody decided on anything that a rule had hit in this time."),
    )


def _rule_row(rule: Rule, score: Score, *, link: bool) -> tuple[Cell, ...]:
    address = reverse("admin:moderation_rule_change", args=[rule.pk]) if link else ""
    share = round((score.precision or 0.0) * 100)
    return (
        Cell(str(rule), str(rule), address),
        *(number(n) for n in (score.judged, score.right, share, *percents(score))),
    )


def _range(name: str, score: Score) -> Bar:
    low, high = score.interval.low * 100, score.interval.high * 100
    share = (score.precision or 0.0) * 100
    text = gettext("%(right)d of %(judged)d") % {"right": score.right, "judged": score.judged}
    return Bar(name, text, round(high - low, 2), round(low, 2), round(share, 2))


def moderators(shown: Shown, user: User) -> Panel:
    """What each moderator decided, in the order of names: of oneself alone without the permission."""
    everybody = user.has_perm(SEE_MODERATORS)
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for key, n in shown.figures.of("by").items():
        person, _, status = key.partition(":")
        if everybody or int(person) == user.pk:
            found[int(person)][status] = n
    people = User.objects.in_bulk([user.pk, *found])
    rows = sorted((str(full_name(people[key])), counts) for key, counts in found.items() if key in people)
    told = gettext("Decisions of people that stand, in the order of their names. ")
    told += (
        gettext("It says who had the desk, not who worked well: cases differ.")
        if everybody
        else gettext("You see your own; what colleagues decided is for Leads.")
    )
    return Panel(
        "moderators",
        gettext("Decisions by moderator"),
        told,
        Table(
            (gettext("Moderator"), gettext("decisions"), gettext("published"), gettext("rejected")),
            [_person_row(name, counts) for name, counts in rows],
        ),
        table_alone=True,
        empty="" if rows else gettext("Nobody decided anything in this time. What waits is in the queue."),
    )


def _person_row(name: str, counts: Mapping[str, int]) -> tuple[Cell, ...]:
    published, rejected = counts.get(Status.PUBLISHED, 0), counts.get(Status.REJECTED, 0)
    return (words(name), number(sum(counts.values())), number(published), number(rejected))


def runs(sites: Sequence[int], user: User) -> Panel:
    """The last import runs, whatever the period."""
    rows = ImportRun.objects.filter(source__site__in=sites).select_related("source__site").order_by("-pk")
    latest = list(rows[:RUNS])
    counts = counts_of_runs([run.pk for run in latest])
    link = user.has_perm("comments.view_importrun")
    found = [_run_row(run, counts[run.pk], link=link) for run in latest]
    return Panel(
        "runs",
        gettext("Latest import runs"),
        gettext("The last runs of these sites' sources, whatever the period, and what became of their rows."),
        Table(
            (
                gettext("Run"),
                gettext("Site"),
                gettext("started"),
                gettext("State"),
                gettext("created"),
                gettext("updated"),
                gettext("refused"),
            ),
            found,
        ),
        table_alone=True,
        empty="" if found else gettext("Nothing was imported yet. Imports are begun at their sources."),
    )


def _run_row(run: ImportRun, counts: Counts, *, link: bool) -> tuple[Cell, ...]:
    name = f"{run} {run.source}"
    address = reverse("admin:comments_importrun_change", args=[run.pk]) if link else ""
    started = localtime(run.started_at)
    return (
        Cell(name, name, address),
        words(str(run.source.site)),
        Cell(started.isoformat(), date_format(started, "Y-m-d H:i")),
        words(str(run.get_status_display())),
        *(number(total(counts, column)) for column in ("created", "updated", "problems")),
    )
