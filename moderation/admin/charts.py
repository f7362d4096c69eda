"""Charts and the tables behind them, as values that one template draws. No script and no colour is needed.

Series stand above each other, each with its name, so that none is told by a
colour; numbers that belong together share a scale. A chart says in words what
it shows, and its table has every figure of it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from comments.imports.downloads import MARK, safe

# The drawing, in units of its view box.
WIDTH, HEIGHT = 600, 44
Value = int | float | str | None


class Cell(NamedTuple):
    """What a cell of a table says: to a program, to a person, and where it leads."""

    value: Value
    text: str
    link: str = ""


def number(value: int, link: str = "") -> Cell:
    """A count, which leads somewhere only where there is something."""
    return Cell(value, f"{value:,}", link if value else "")


def words(text: str) -> Cell:
    return Cell(text, text)


NOTHING = Cell(None, "–")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and rows whose first cell is their name."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    @property
    def body(self) -> SafeString:
        """Its rows as HTML. A template takes ten times as long, and a week has 168 hours."""
        return SafeString("".join(map(_row, self.rows)))

    def as_csv(self) -> bytes:
        """The table for a spreadsheet, which takes no cell for a formula."""
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow([safe(column) for column in self.columns])
        writer.writerows([[_plain(cell.value) for cell in row] for row in self.rows])
        return MARK + file.getvalue().encode()


def _row(cells: Sequence[Cell]) -> str:
    name, *others = map(_shown, cells)
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td>{each}</td>" for each in others)}</tr>'


def _shown(cell: Cell) -> str:
    text = cell.text if isinstance(cell.value, int) else escape(cell.text)
    return f'<a href="{escape(cell.link)}">{text}</a>' if cell.link else text


def _plain(value: Value) -> Value:
    return safe(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers along an axis; None where there is none. `text` is their sum, or what stands for it."""

    name: str
    numbers: Sequence[float | None]
    text: str


@dataclass(frozen=True, slots=True)
class Strip:
    """A series as drawn: one path of bars, and what it shows in words."""

    name: str
    text: str
    path: str
    told: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A named length from `x` on, in hundredths; a mark at `tick`, if any."""

    name: str
    text: str
    width: float
    x: float = 0.0
    tick: float | None = None

    @property
    def row(self) -> SafeString:
        """Its name, its drawing and its number, as HTML."""
        mark = "" if self.tick is None else f'<path class="tick" d="M{self.tick} 0v8"/>'
        return SafeString(
            f'<li><span class="clip">{escape(self.name)}</span>'
            '<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
            f'<rect x="{self.x}" width="{self.width}" height="8"/>{mark}</svg><b>{escape(self.text)}</b></li>'
        )


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the dashboard: figures, a chart, the table behind it. `empty` says what to do without any."""

    slug: str
    title: str
    meaning: str
    table: Table
    figures: Sequence[tuple[str, str]] = ()
    strips: Sequence[Strip] = ()
    bars: Sequence[Bar] = ()
    # What stands below the strips: of each bar, or of the first and the last; and how high the highest is.
    axis: Sequence[str] = ()
    scale: str = ""
    empty: str = ""
    # Whether the table is all there is, and stands open.
    table_alone: bool = False


def scale_of(series: Iterable[Sequence[int]]) -> str:
    """How high the highest bar of a common scale is, in words."""
    return gettext("highest bar: %(number)s") % {"number": f"{max(map(max, series)):,}"}


def strips(series: Sequence[Series], labels: Sequence[str], *, shared: bool = True) -> list[Strip]:
    """Each series as bars; with `shared`, the highest of all is as high as the drawing."""
    tops = [max((n for n in each.numbers if n is not None), default=0.0) for each in series]
    highest = max(tops, default=0.0)
    return [
        Strip(
            each.name,
            each.text,
            _path(each.numbers, highest if shared else top),
            _told(each, labels, top),
        )
        for each, top in zip(series, tops, strict=True)
    ]


def _path(numbers: Sequence[float | None], top: float) -> str:
    """Bars side by side as one path: a rectangle each would be most of the page."""
    if not top:
        return ""
    step = WIDTH / len(numbers)
    # What is there is seen, however little.
    return "".join(
        f"M{at * step:.1f} {HEIGHT}v-{max(value / top * HEIGHT, 1):.1f}h{step * 0.8:.1f}V{HEIGHT}z"
        for at, value in enumerate(numbers)
        if value
    )


def _told(series: Series, labels: Sequence[str], top: float) -> str:
    if not top:
        return gettext("Nothing in this time.")
    at = next(place for place, value in enumerate(series.numbers) if value == top)
    return gettext("Bars from %(first)s to %(last)s, the highest at %(at)s. The table has the figures.") % {
        "first": labels[0],
        "last": labels[-1],
        "at": labels[at],
    }


def bars(rows: Iterable[tuple[str, int]]) -> list[Bar]:
    """Named numbers, the largest as long as the drawing."""
    found = list(rows)
    top = max((value for _, value in found), default=0) or 1
    return [Bar(name, f"{value:,}", round(value / top * 100, 2)) for name, value in found]


def by_time(
    name: str, at: Sequence[datetime], labels: Sequence[str], columns: Sequence[tuple[str, Sequence[Cell]]]
) -> Table:
    """A row for each time, the newest first."""
    rows = [
        (Cell(start.isoformat(), label), *cells)
        for start, label, *cells in zip(at, labels, *(cells for _, cells in columns), strict=True)
    ]
    return Table((name, *(title for title, _ in columns)), rows[::-1])
