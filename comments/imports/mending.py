"""The refused rows of a run as a file that a person mends and imports.

Lines and tables give the rows as they stood, a table under its line of
headers. Of another format each row is a line of our own JSONL: as it was
understood, where it was; else a form to fill in, with its place, the reason
and the row. What is kept only in part can not be mended here.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from django.db.models import F, Func, IntegerField, QuerySet

from comments.drafts import ArticleDraft, CommentDraft
from comments.formats.base import RAW_LIMIT
from comments.formats.columns import resolve
from comments.formats.table import split
from comments.imports.downloads import entries
from comments.imports.ledger import storable
from comments.models import ImportProblem, ImportRun

# A row that was cut ends with a whole character, of four bytes at most.
_WHOLE = RAW_LIMIT - 4
# What our JSONL calls the fields of drafts; it has no others.
_NAMES = {"external_id": "id"}
_UNKNOWN = {"partial", "author_verified"}
# What a draft is kept with, and one of which each has.
_FIELDS = {field.name for draft in (ArticleDraft, CommentDraft) for field in fields(draft)}
_TELLING = {"external_id", "article"}


def rows_of(run: ImportRun) -> QuerySet[ImportProblem]:
    """The refused rows that are kept whole."""
    size = Func(F("raw"), function="octet_length", output_field=IntegerField())
    rows = run.problems.filter(refused=True).exclude(raw="").alias(size=size).filter(size__lte=_WHOLE)
    # A table names the article in each of its rows: one alone could not be imported.
    return rows.exclude(kind="articles") if is_table(run) else rows


def is_table(run: ImportRun) -> bool:
    """Whether the rows to mend are a table: its line of headers is known."""
    return run.format == "csv" and bool(run.options.get("header"))


def suffix(run: ImportRun) -> str:
    """What the file's name ends with."""
    return "csv" if is_table(run) else "jsonl"


def to_mend(run: ImportRun) -> Iterator[bytes]:
    """The file, in UTF-8, to be imported into the run's source."""
    if is_table(run):
        yield from _table(run)
        return
    for entry in entries(rows_of(run)):
        # A row as it stood may spell half a surrogate pair, which no file in UTF-8 can hold.
        yield storable(_own_line(run, entry)).encode() + b"\n"


def _own_line(run: ImportRun, entry: ImportProblem) -> str:
    draft = _draft(entry)
    kind = "article" if entry.kind == "articles" else "comment"
    if draft is not None:
        return json.dumps({"type": kind, **_named(draft, kind)}, ensure_ascii=False)
    # What could not be read as text would be taken in with its marks of replacement.
    if run.format == "jsonl" and entry.code != "encoding":
        return entry.raw.replace("\n", " ")
    blank = {"id": "", "body": ""} if kind == "article" else {"id": "", "article": "", "body": ""}
    told = {"place": entry.place, "reason": entry.reason, "row": entry.raw}
    return json.dumps({"type": kind, **blank, **told}, ensure_ascii=False)


def _draft(entry: ImportProblem) -> dict[str, Any] | None:
    """The draft that only the database refused (`ledger.refusal`), None for a row as it stood."""
    try:
        value = json.loads(entry.raw)
    except (ValueError, RecursionError):
        return None
    # A row of JSONL that lacks its type names an article, too, but its id as no draft does.
    understood = isinstance(value, dict) and value.keys() <= _FIELDS and value.keys() & _TELLING
    return value if understood else None


def _named(draft: dict[str, Any], kind: str) -> dict[str, Any]:
    named = {_NAMES.get(name, name): value for name, value in draft.items() if name not in _UNKNOWN}
    # A draft is kept without what is false: a source that carries no names says so.
    return named if kind == "article" or "identity" in named else {**named, "identity": False}


def _table(run: ImportRun) -> Iterator[bytes]:
    header = str(run.options["header"])
    yield b"\xef\xbb\xbf" + header.encode() + b"\n"
    given = run.options.get("columns", {})
    delimiter, headers = split(header, given)
    columns = resolve(headers, given, with_url=True)
    for entry in entries(rows_of(run)):
        draft = _draft(entry)
        if draft is None:
            yield entry.raw.rstrip("\n").encode() + b"\n"
        else:
            yield _record(_cells(draft, columns, len(headers)), delimiter)


def _cells(draft: dict[str, Any], columns: dict[str, int], width: int) -> list[str]:
    """A draft in the columns of its table."""
    texts = {"id": draft.get("external_id", ""), **draft}
    texts |= {"article" if "article" in columns else "url": draft.get("article", "")}
    cells = [""] * width
    for name, at in columns.items():
        cells[at] = str(texts.get(name, ""))
    return cells


def _record(cells: Sequence[str], delimiter: str) -> bytes:
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow(cells)
    return storable(line.getvalue()).encode()
