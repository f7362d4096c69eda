"""All that the page of an import run shows, in a constant number of queries."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from shlex import quote
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comments.formats import FORMATS
from comments.imports.again import reachable
from comments.imports.asking import at_work
from comments.imports.counting import counts_of, total
from comments.imports.grouping import Grouped, group
from comments.imports.mending import rows_of, suffix
from comments.imports.pace import Pace, pace_of
from comments.models import Asked, ImportRun, RunStatus

if TYPE_CHECKING:
    from comments.imports.ledger import Counts

COUNTS = {
    "read": _("read"),
    "created": _("created"),
    "updated": _("updated"),
    "unchanged": _("unchanged"),
    "problems": _("refused"),
    "notices": _("notices"),
}
KINDS = {"articles": _("articles"), "comments": _("comments"), "pings": _("pings")}
# What has a name of its own keeps it; what is told in words is told in the reader's.
TITLES: dict[str, Any] = {form.slug: form.title for form in FORMATS} | {
    "csv": _("CSV or TSV with a line of headers"),
    "isso": _("Isso database (SQLite)"),
    "isso-json": _("Isso's generic JSON"),
    "movabletype": _("Movable Type text"),
    "pagetext": _("page text"),
    "remark42": _("Remark42 backup"),
    "staticman": _("folder or zip of YAML or JSON files, a comment each (Staticman)"),
}
# The chart's drawing, in units of its view box.
WIDTH, HEIGHT = 600, 120
# Longer than this is told in whole minutes, and in whole hours.
MINUTES, HOURS = timedelta(seconds=90), timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class State:
    """How a run stands: a word for the colour, a sentence, and what can be asked of it."""

    tone: str
    words: str
    detail: str
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A point of the chart as two rectangles, the new rows below those that were there."""

    x: float
    width: float
    created_y: float
    created_height: float
    other_y: float
    other_height: float


@dataclass(frozen=True, slots=True)
class RunPage:
    """A run as its page shows it."""

    run: ImportRun
    state: State
    counts: list[tuple[Any, list[int]]]
    total: list[int]
    settled: int
    pace: Pace
    left: str
    bars: list[Bar]
    assumed: list[tuple[Any, str]]
    groups: Grouped
    mendable: int
    refused: int
    commands: list[tuple[Any, str]]

    @property
    def going(self) -> bool:
        """Whether the page is to ask again."""
        return self.run.finished_at is None

    @property
    def may_rerun(self) -> bool:
        """Whether a worker can read the refused rows again."""
        return bool(self.refused) and reachable(self.run)

    @property
    def chart(self) -> dict[str, int]:
        return {"width": WIDTH, "height": HEIGHT}


def make_page(run: ImportRun) -> RunPage:
    """The page of a run, of which `source` and its site are there already."""
    counts, pace = counts_of(run), pace_of(run)
    refused = total(counts, "problems")
    state = state_of(run)
    return RunPage(
        run=run,
        state=state,
        counts=[(KINDS.get(kind, kind), [row[name] for name in COUNTS]) for kind, row in counts.items()],
        total=[total(counts, name) for name in COUNTS],
        settled=total(counts, "read"),
        pace=pace,
        left=_left(run, counts, pace),
        bars=bars(pace),
        assumed=_assumed(run),
        groups=group(run),
        mendable=rows_of(run).count() if refused else 0,
        refused=refused,
        commands=_commands(run, state, refused),
    )


def etag(run: ImportRun, *told: object) -> str:
    """Of all that a page's moving parts depend on; two queries, however much they show."""
    stands = (run.status, run.asked, run.error, run.finished_at, run.undone_at, run.position, run.fraction)
    told = (run.pk, *stands, at_work(run), sorted(counts_of(run).items()), *told)
    return f'"{hashlib.sha256(repr(told).encode()).hexdigest()[:32]}"'


def state_of(run: ImportRun) -> State:
    """In what state a run is, in words, and what a person can ask of it."""
    if run.finished_at is not None:
        return _ended(run)
    if at_work(run):
        if run.asked == Asked.CANCEL:
            return State("bad", gettext("Being cancelled"), gettext("It ends after the present chunk."), ())
        if run.asked == Asked.PAUSE:
            detail = gettext("It pauses after the present chunk.")
            return State("received", gettext("About to pause"), detail, ("go-on", "cancel"))
        return State("received", gettext("Running"), "", ("pause", "cancel"))
    if run.status == RunStatus.PAUSED:
        told = run.error or gettext("What is stored stays; what is not read yet waits in the file.")
        return State("held", gettext("Paused"), told, ("go-on", "cancel"))
    detail = run.error or gettext("Nobody works at it: its process has died. It can go on where it stopped.")
    return State("rejected", gettext("Stopped"), detail, ("go-on", "cancel"))


def _ended(run: ImportRun) -> State:
    asks = ("problems",)
    if run.status == RunStatus.DONE:
        told = run.get_unchanged_display() if run.unchanged else ""
        return State("published", gettext("Done"), told, asks)
    if run.status == RunStatus.CANCELLED:
        detail = gettext("What had been stored by then stays.")
        return State("held", gettext("Cancelled"), detail, asks)
    detail = gettext("Not read to its end: %(reason)s What came before stands.") % {"reason": run.error}
    return State("rejected", gettext("Failed"), detail, asks)


def bars(pace: Pace) -> list[Bar]:
    """The points as drawn, the highest rate as high as the chart."""
    if not pace.top:
        return []
    step = WIDTH / len(pace.points)
    found = []
    for at, point in enumerate(pace.points):
        high = point.rate / pace.top * HEIGHT
        new = high * point.created / point.rows if point.rows else 0.0
        x, width = round(at * step, 2), round(max(step - 1, 0.5), 2)
        found.append(
            Bar(x, width, *(round(number, 2) for number in (HEIGHT - new, new, HEIGHT - high, high - new)))
        )
    return found


def _left(run: ImportRun, counts: Counts, pace: Pace) -> str:
    """How long a run at work still takes; `""` where that cannot be known."""
    if not at_work(run) or not run.fraction or not pace.now:
        return ""
    rows = run.position / run.fraction - total(counts, "read")
    return span(timedelta(seconds=max(rows, 0) / pace.now))


def span(time: timedelta) -> str:
    """A length of time in words, no finer than one can use."""
    seconds = max(time.total_seconds(), 1)
    if time < MINUTES:
        return gettext("%(number)d s") % {"number": round(seconds)}
    if time < HOURS:
        return gettext("%(number)d min") % {"number": round(seconds / 60)}
    return gettext("%(number)d h") % {"number": round(seconds / 3600)}


def _assumed(run: ImportRun) -> list[tuple[Any, str]]:
    """What the file was taken to be."""
    options = run.options
    assumed: list[tuple[Any, str]] = [
        (_("format"), TITLES.get(run.format, run.format)),
        (_("encoding"), _encoding(options)),
        (_("zone of dates without one"), options.get("zone", "")),
        (_("policy"), run.get_policy_display()),
    ]
    if options.get("columns"):
        told = ", ".join(f"{field} = {column}" for field, column in options["columns"].items())
        assumed.append((_("columns"), told))
    if options.get("url"):
        assumed.append((_("address"), options["url"]))
    if options.get("only_problems_of"):
        only = gettext("only what run #%(number)d had refused") % {"number": options["only_problems_of"]}
        assumed.append((_("rows"), only))
    return [(name, value or "–") for name, value in assumed]


def _encoding(options: dict[str, Any]) -> str:
    name, sure = options.get("encoding", ""), options.get("confidence")
    if not name:
        return gettext("as the format says")
    if sure is None:
        return str(name)
    return gettext("%(name)s (%(sure)d %% sure)") % {"name": name, "sure": sure * 100}


def _commands(run: ImportRun, state: State, refused: int) -> list[tuple[Any, str]]:
    """What can be done on the server's command line, and how."""
    found: list[tuple[Any, str]] = []
    path = run.path if reachable(run) else "FILE"
    if run.finished_at is None and "go-on" in state.asks:
        found.append((_("Go on, where its file is"), f"manage.py import_comments --resume {run.pk}"))
    elif run.finished_at is not None and refused:
        command = f"manage.py import_comments {quote(path)} --only-problems-of {run.pk}"
        found.append((_("Run the refused rows again, when they are mended in the file"), command))
        source = run.source
        options = [f"--site {source.site.slug} --source {source.slug} --policy {run.policy}"]
        options += [f"--zone {run.options['zone']}"] if run.options.get("zone") else []
        if suffix(run) == "csv":
            options += ["--format csv", *(_column(*pair) for pair in run.options.get("columns", {}).items())]
            options += [f"--url {quote(run.options['url'])}"] if run.options.get("url") else []
        file = f"run-{run.pk}-to-mend.{suffix(run)}"
        command = f"manage.py import_comments {file} {' '.join(options)}"
        found.append((_("Or import the file of rows to mend"), command))
    return found


def _column(field: str, column: str) -> str:
    return f"--columns {quote(f'{field}={column}')}"
