"""Of a mended file only the rows that an earlier run had refused.

A row is known by its place: it names where a person mends, and stays the same
however many drafts the mended record becomes. All rows are read, for those in
between tell which ids are taken: of two rows with one id the first stands,
here as in a run over the whole file. Replies that stood without a parent are
read again too, since it may be among what was mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q

from comments.articles import names
from comments.drafts import ArticleDraft
from comments.formats.base import Problem, Row
from comments.imports.chunks import TWICE
from comments.imports.downloads import entries
from comments.imports.ledger import refusal
from comments.imports.seen import Seen
from comments.imports.source import Numbered
from comments.models import ImportProblem, ImportRun

# An id or a line beside a place is what the mending may change: `comment 2 (id 44)`.
_ASIDE = re.compile(r" \((?:id|line) [^()]*\)$")
_PLACE_LIMIT = 200


class NotMendable(Exception):
    """A run whose refused rows can not be run again alone, and why."""


@dataclass(frozen=True, slots=True)
class OnlyProblemsOf:
    """Chooses what run `run` had refused (`source.Chooser`)."""

    run: int

    def choose(self, rows: Iterator[Numbered]) -> Iterator[Numbered]:
        """The rows at its places; one whose id an earlier row has becomes a problem.

        Memory grows by some eighty bytes for each row that was refused.
        """
        places, taken = _places(self.run), Seen()
        for position, row in rows:
            keys = _keys(row)
            if hash(place_of(row.place)) in places:
                if isinstance(row, Row) and taken.among(keys):
                    yield Numbered(position, refusal(row, "duplicate-id", TWICE))
                else:
                    yield Numbered(position, row)
            for key in keys:
                taken.add(key)


def run_to_mend(run_id: int) -> ImportRun:
    """A run whose refused rows can be run again. Raises `NotMendable`."""
    run = ImportRun.objects.select_related("source__site").filter(pk=run_id).first()
    if run is None:
        raise NotMendable(f"there is no run {run_id}.")
    if run.finished_at is None:
        raise NotMendable(f"run {run_id} has not ended: go on with it by --resume {run_id}.")
    if not run.problems.filter(refused=True).exists():
        raise NotMendable(f"run {run_id} refused no row: there is nothing to run again.")
    return run


def place_of(place: str) -> str:
    """A place as the ledger keeps it, without what stands beside it."""
    kept = place.replace("\0", "␀").encode("utf-8", "replace").decode()[:_PLACE_LIMIT]
    return _ASIDE.sub("", kept)


def _places(run: int) -> set[int]:
    wanted = ImportProblem.objects.filter(Q(refused=True) | Q(code="orphan"), run=run)
    return {hash(place_of(entry.place)) for entry in entries(wanted.only("place", "position", "run"))}


def _keys(row: Row | Problem) -> list[str]:
    """By what a second row of the same article or comment would be known."""
    if isinstance(row, Problem):
        return []
    if isinstance(row.draft, ArticleDraft):
        return [" ".join(("article", *name)) for name in names(row.draft)]
    return [row.draft.external_id]
