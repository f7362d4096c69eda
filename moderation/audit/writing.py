"""A log as a file: CSV for people, JSON lines for programs, in constant memory."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from comments.imports.downloads import safe
from moderation.audit import Asked, Log, find

# Entries read at once.
AT_ONCE = 1_000
COLUMNS: Mapping[Log, tuple[str, ...]] = {
    Log.DECISIONS: (
        *("id", "time", "site", "by", "comment", "revision", "from", "to", "cause", "reason", "rule_set"),
        *("rules", "case", "supersedes", "import_run"),
    ),
    Log.VIEWS: ("id", "time", "site", "by", "operator", "page", "kinds", "comments", "about"),
    Log.CHANGES: ("time", "site", "by", "what", "key", "name", "action", "told"),
}
# Without it Excel takes the text for the code page of the machine.
_MARK = b"\xef\xbb\xbf"


def records(log: Log, asked: Asked) -> Iterator[list[dict[str, Any]]]:
    """All that is asked for, the newest first, so many at once; each slice is a statement of its own."""
    after: int | None = None
    while True:
        found = find(log, asked, after, AT_ONCE)
        yield [entry.values for entry in found.entries]
        if found.after is None:
            return
        after = found.after


def as_csv(log: Log, asked: Asked) -> Iterator[bytes]:
    """A table in UTF-8; no cell is a formula to a spreadsheet."""
    yield _MARK + _table([COLUMNS[log]])
    for found in records(log, asked):
        yield _table([[_cell(values[name]) for name in COLUMNS[log]] for values in found])


def as_jsonl(log: Log, asked: Asked) -> Iterator[bytes]:
    """An object a line; times by ISO 8601 in UTC."""
    for found in records(log, asked):
        yield "".join(json.dumps(each, ensure_ascii=False, default=_json) + "\n" for each in found).encode()


WRITERS: dict[str, Callable[[Log, Asked], Iterator[bytes]]] = {"csv": as_csv, "jsonl": as_jsonl}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return safe(", ".join(str(each) for each in value))
    return value.isoformat() if isinstance(value, datetime) else safe(str(value))


def _json(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a log.")


def _table(rows: list[Any]) -> bytes:
    table = io.StringIO()
    csv.writer(table).writerows(rows)
    return table.getvalue().encode()
