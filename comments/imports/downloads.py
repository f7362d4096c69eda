"""The ledger as a file: CSV for people, JSON lines for programs.

Entries are read in slices by their key, each in a statement of its own, so
that memory stays the same and nothing is held open however many there are.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from comments.models import ImportProblem

# Entries read at once: 8 MiB, if each holds the longest raw row.
AT_ONCE = 1_000

COLUMNS = ("run", "place", "kind", "outcome", "code", "reason", "row")
# A cell that begins so is a formula to a spreadsheet, whoever typed it; the
# full-width forms are, too, where Japanese is written.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Without it Excel takes the text for the code page of the machine.
MARK = b"\xef\xbb\xbf"


def entries(rows: QuerySet[ImportProblem]) -> Iterator[ImportProblem]:
    """The rows by run and place in its file."""
    for found in slices(rows):
        yield from found


def slices(rows: QuerySet[ImportProblem]) -> Iterator[list[ImportProblem]]:
    """The same, as many as are read at once."""
    # The run's own page is not needed here, and joins cost more than the rows.
    rows = rows.select_related(None).order_by("run_id", "position", "pk")
    run = 0
    while (first := rows.filter(run__gt=run).first()) is not None:
        run = first.run_id
        yield from _of_run(rows.filter(run=run))


def _of_run(rows: QuerySet[ImportProblem]) -> Iterator[list[ImportProblem]]:
    left = rows
    while found := list(left[:AT_ONCE]):
        yield found
        if len(found) < AT_ONCE:
            return
        last = found[-1]
        left = rows.filter(position__gte=last.position).exclude(position=last.position, pk__lte=last.pk)


def as_csv(rows: QuerySet[ImportProblem], *, personal: bool) -> Iterator[bytes]:
    """A table in UTF-8; the raw rows only with `personal`."""
    yield MARK + _table([COLUMNS if personal else COLUMNS[:-1]])
    for found in _read(rows, personal=personal):
        yield _table([safe(str(value)) for value in _values(entry, personal=personal)] for entry in found)


def as_jsonl(rows: QuerySet[ImportProblem], *, personal: bool) -> Iterator[bytes]:
    """An object a line; the raw rows only with `personal`."""
    for found in _read(rows, personal=personal):
        objects = (dict(zip(COLUMNS, _values(entry, personal=personal), strict=False)) for entry in found)
        yield "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects).encode()


WRITERS: dict[str, Callable[..., Iterator[bytes]]] = {"csv": as_csv, "jsonl": as_jsonl}


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULAS) else cell


def _read(rows: QuerySet[ImportProblem], *, personal: bool) -> Iterator[list[ImportProblem]]:
    return slices(rows if personal else rows.defer("raw"))


def _values(entry: ImportProblem, *, personal: bool) -> tuple[Any, ...]:
    outcome = "refused" if entry.refused else "notice"
    told = (entry.run_id, entry.place, entry.kind, outcome, entry.code, entry.reason)
    return (*told, entry.raw) if personal else told


def _table(rows: Iterable[Iterable[Any]]) -> bytes:
    table = io.StringIO()
    csv.writer(table).writerows(rows)
    return table.getvalue().encode()
