"""Runs with chunks and ledgers as tests need them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from comments.models import ImportChunk, ImportProblem, ImportRun, ImportSource, RunStatus, Site

_FIRST = {
    "read": 0,
    "created": 0,
    "updated": 0,
    "unchanged": 0,
    "problems": 0,
    "notices": 0,
}


def figures(read: int, created: int, problems: int = 0, notices: int = 0) -> dict[str, int]:
    """The counts of one kind; what was neither created nor refused was unchanged."""
    unchanged = read - created - problems
    return _FIRST | {
        "read": read, "created": created, "unchanged": unchanged, "problems": problems, "notices": notices,
    }  # fmt: skip


def make_run(site: Site, *, source: str = "archive", **fields: Any) -> ImportRun:
    """A run that is going on, unless `finished_at` is given or `ended`."""
    found, _ = ImportSource.objects.get_or_create(site=site, slug=source)
    if fields.pop("ended", False):
        fields = {"status": RunStatus.DONE, "finished_at": timezone.now(), **fields}
    values = {"path": "rows.jsonl", "format": "jsonl", "policy": "enforce", "options": {"zone": "Asia/Tokyo"}}
    return ImportRun.objects.create(source=found, **{**values, **fields})


def make_chunk(
    run: ImportRun, number: int, stored_at: datetime | None = None, **counts: dict[str, int]
) -> ImportChunk:
    """A chunk that is stored."""
    return ImportChunk.objects.create(
        run=run, number=number, counts=counts, stored_at=stored_at or timezone.now()
    )


def make_entry(run: ImportRun, position: int, **fields: Any) -> ImportProblem:
    """A refused row of a line, unless it is said to be otherwise."""
    values = {
        "refused": True, "kind": "comments", "place": f"line {position + 1}", "code": "blank",
        "reason": "body: write something: the body is empty.", "raw": "",
    }  # fmt: skip
    return ImportProblem.objects.create(run=run, position=position, **{**values, **fields})
