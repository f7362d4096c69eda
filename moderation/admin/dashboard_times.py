"""The panels of the dashboard that go along time: what waits, what comes and goes, how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from comments.admin.run_page import span
from comments.models import Status
from moderation import durations
from moderation.admin import charts
from moderation.admin.charts import NOTHING, Cell, Panel, Series, Table, number
from moderation.backlog import AGES, ESCALATED, Backlog
from moderation.models import Severity
from moderation.quote_words import QUOTES, quote_in_words
from moderation.tallies import Figures, Period, Unit

FORMATS = {
    ("ja", Unit.HOUR): "n月j日 H:i",
    ("ja", Unit.DAY): "n月j日（D）",
    ("ja", Unit.WEEK): "n月j日の週",
    ("en", Unit.HOUR): "j M H:i",
    ("en", Unit.DAY): "D j M",
    ("en", Unit.WEEK): r"\w\e\e\k \o\f j M",
}
UNITS = {Unit.HOUR: _("hour"), Unit.DAY: _("day"), Unit.WEEK: _("week")}
# The ages of `moderation.backlog.AGES` and what is older, each with the filters of the queue that show them.
AGE_NAMES = (
    _("under an hour"),
    _("1 to 8 hours"),
    _("8 to 24 hours"),
    _("1 to 3 days"),
    _("3 to 7 days"),
    _("over a week"),
)
VERDICTS = (Status.PUBLISHED, Status.HELD, Status.REJECTED)


@dataclass(frozen=True)
class Shown:
    """What the panels are made from: figures, of which site (None for all), of which period."""

    figures: Figures
    waiting: Backlog
    period: Period
    site: int | None

    # Said once, for several panels: a date in words takes as long as a row of a table.
    @cached_property
    def flow_labels(self) -> list[str]:
        return labels(self.period.flow, self.figures.flow_starts)

    @cached_property
    def whole_labels(self) -> list[str]:
        return labels(self.period.whole, self.figures.whole_starts)


class Said(NamedTuple):
    """What a panel is called, what it means, and what it says without any figures."""

    slug: str
    title: str
    meaning: str
    empty: str


def labels(unit: Unit, starts: Sequence[datetime]) -> list[str]:
    """Hours, days or weeks as the reader writes them."""
    form = FORMATS["ja" if (get_language() or "ja").startswith("ja") else "en", unit]
    return [date_format(start, form) for start in starts]


def waiting(shown: Shown) -> Panel:
    """What nobody has decided, by severity and age."""
    backlog = shown.waiting
    keys = [*(str(severity.value) for severity in reversed(Severity)), ESCALATED]
    names = [str(Severity(int(key)).label) if key != ESCALATED else gettext("escalated") for key in keys]
    ages = [[backlog.ages[key, age] for age in range(len(AGES) + 1)] for key in keys]
    titles = [str(name) for name in AGE_NAMES]
    rows = [
        (
            Cell(name, name),
            *(number(each) for each in row),
            number(sum(row), _queue(shown, key)),
            number(backlog.overdue[key], _queue(shown, key, overdue="1")),
        )
        for key, name, row in zip(keys, names, ages, strict=True)
    ]
    columns = (gettext("Severity"), *titles, gettext("all"), gettext("overdue"))
    overdue = backlog.overdue.total()
    return Panel(
        "waiting",
        gettext("Waiting now"),
        gettext(
            "Cases that nobody has decided, by how long they have been open. A case is overdue when the "
            "term of its severity has passed."
        ),
        Table(columns, rows),
        figures=[
            (f"{backlog.total:,}", gettext("waiting")),
            (f"{overdue:,}", gettext("overdue")),
            (_share(overdue, backlog.total), gettext("share overdue")),
        ],
        strips=charts.strips(
            [Series(name, row, f"{sum(row):,}") for name, row in zip(names, ages, strict=True) if sum(row)],
            titles,
        ),
        axis=titles,
        scale=charts.scale_of(ages),
        empty="" if backlog.total else gettext("Nothing waits. New cases show up here by themselves."),
    )


def _queue(shown: Shown, key: str, **more: str) -> str:
    """The queue, narrowed to the same."""
    query = {"escalated": "1"} if key == ESCALATED else {"severity": key}
    if shown.site:
        query["site"] = str(shown.site)
    return f"{reverse('desk:queue')}?{urlencode(query | more)}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


def flow(shown: Shown) -> Panel:
    """What came to the desk, and what left it."""
    found = shown.figures
    zeros = [0] * len(found.flow_starts)
    settled = list(zeros)
    for (kind, key), numbers in found.flow.items():
        if kind == "out" and key != "person":
            settled = [a + b for a, b in zip(settled, numbers, strict=True)]
    columns = [
        (gettext("came"), found.flow.get(("in", ""), zeros)),
        (gettext("decided by people"), found.flow.get(("out", "person"), zeros)),
        (gettext("settled without a person"), settled),
    ]
    said = Said(
        "flow",
        gettext("To the desk and from it"),
        gettext(
            "Cases that were opened, and those that were closed, in each %(unit)s. A decision that was taken "
            "back has closed nothing. Settled without a person are those whose cause went away: a quote was "
            "found after all, the text was erased, an import or a rule was undone."
        ),
        gettext("No case came or went in this time."),
    )
    taken_back = (f"{found.totals['undone', '']:,}", gettext("decisions taken back"))
    return _over_time(shown, said, columns, [taken_back])


def judged(shown: Shown, *, imported: bool = False) -> Panel:
    """What rules made of comments that were new."""
    found, kind = shown.figures, "import" if imported else "rules"
    zeros = [0] * len(found.flow_starts)
    columns = [(str(status.label), found.flow.get((kind, status), zeros)) for status in VERDICTS]
    return _over_time(shown, _imported() if imported else _live(), columns)


def _live() -> Said:
    return Said(
        "rules",
        gettext("New comments"),
        gettext(
            "What rules decided on comments of readers when they came in, by %(unit)s. What was held, or "
            "published and flagged, is a case for a person."
        ),
        gettext("No comment came in during this time. Is the site sending? Its keys are under Site keys."),
    )


def _imported() -> Said:
    return Said(
        "imports",
        gettext("Comments from imports"),
        gettext(
            "The same for comments that imports brought, in the %(unit)s in which they were judged. They "
            "are counted here alone, so that an archive does not hide what readers write."
        ),
        gettext("No import brought comments in this time. Imports are begun at their sources."),
    )


def _over_time(
    shown: Shown,
    said: Said,
    columns: Sequence[tuple[str, Sequence[int]]],
    figures: Sequence[tuple[str, str]] = (),
) -> Panel:
    """Numbers by the period's shorter unit, on one scale."""
    unit, starts, at = shown.period.flow, shown.figures.flow_starts, shown.flow_labels
    sums = [(name, sum(numbers)) for name, numbers in columns]
    table = charts.by_time(
        str(UNITS[unit]), starts, at, [(name, [number(n) for n in numbers]) for name, numbers in columns]
    )
    return Panel(
        said.slug,
        said.title,
        said.meaning % {"unit": UNITS[unit]},
        table,
        figures=[*((f"{total:,}", name) for name, total in sums), *figures],
        strips=charts.strips(
            [
                Series(name, numbers, f"{total:,}")
                for (name, numbers), (_, total) in zip(columns, sums, strict=True)
            ],
            at,
        ),
        axis=(at[0], at[-1]),
        scale=charts.scale_of(numbers for _name, numbers in columns),
        empty="" if any(total for _name, total in sums) else said.empty,
    )


def decision_time(shown: Shown) -> Panel:
    """How long cases waited for their decision."""
    found, unit = shown.figures, shown.period.whole
    at, waits = shown.whole_labels, found.all_waits
    medians, p95s = ([durations.quantile(counts, share) for counts in found.waits] for share in (0.5, 0.95))
    decided, late = waits.total(), found.totals["late", ""]
    columns = [
        (gettext("decisions"), [number(counts.total()) for counts in found.waits]),
        (gettext("median"), [_time(seconds) for seconds in medians]),
        (gettext("95 of 100 within"), [_time(seconds) for seconds in p95s]),
    ]
    return Panel(
        "time",
        gettext("Time to decision"),
        gettext(
            "From the opening of a case to a person's decision, in the %(unit)s of the decision: half of the "
            "cases took no longer than the median. Times are kept in classes, and right to within "
            "%(within)d %%."
        )
        % {"unit": UNITS[unit], "within": durations.WITHIN},
        charts.by_time(str(UNITS[unit]), found.whole_starts, at, columns),
        figures=[
            (_time(durations.quantile(waits, 0.5)).text, gettext("median")),
            (_time(durations.quantile(waits, 0.95)).text, gettext("95 of 100 within")),
            (_share(late, decided), gettext("decided after they were due")),
        ],
        strips=charts.strips(
            [
                Series(gettext("median"), medians, _highest(medians)),
                Series(gettext("95 of 100 within"), p95s, _highest(p95s)),
            ],
            at,
            shared=False,
        ),
        axis=(at[0], at[-1]),
        empty="" if decided else gettext("Nobody decided anything in this time. What waits is in the queue."),
    )


def _time(seconds: float | None) -> Cell:
    """A waiting time: whole seconds for a program, words for a person."""
    return NOTHING if seconds is None else Cell(round(seconds), span(timedelta(seconds=seconds)))


def _highest(seconds: Sequence[float | None]) -> str:
    top = max((each for each in seconds if each is not None), default=None)
    return "–" if top is None else gettext("at most %(time)s") % {"time": _time(top).text}


def quotes(shown: Shown) -> Panel:
    """What became of quotes, by the week of their comment."""
    found = shown.figures
    at, zeros = labels(Unit.WEEK, found.quote_starts), [0] * len(found.quote_starts)
    columns = [(quote_in_words(verdict), found.quotes.get(("quote", verdict), zeros)) for verdict in QUOTES]
    seen = [(name, numbers) for name, numbers in columns if any(numbers)]
    old = list(zeros)
    for (kind, _verdict), numbers in found.quotes.items():
        if kind == "oldquote":
            old = [a + b for a, b in zip(old, numbers, strict=True)]
    cells = [(name, [number(n) for n in numbers]) for name, numbers in columns]
    cells.append((gettext("in imports, all"), [number(n) for n in old]))
    return Panel(
        "quotes",
        gettext("Quotes by week"),
        gettext(
            "How the quotes of the last twelve weeks' comments stand to their sources, as far as is known "
            "today: a quote is traced again when its source changes."
        ),
        charts.by_time(gettext("week"), found.quote_starts, at, cells),
        strips=charts.strips([Series(name, numbers, f"{sum(numbers):,}") for name, numbers in seen], at),
        axis=(at[0], at[-1]),
        scale=charts.scale_of(numbers for _name, numbers in columns),
        empty="" if seen or any(old) else gettext("Nobody quoted anything in the last twelve weeks."),
    )
