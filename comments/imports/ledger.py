"""The ledger of a run: what became of every row, by kind."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields

from comments import bulk
from comments.drafts import ArticleDraft, CommentDraft
from comments.formats.base import GUESSED_LIMIT, KINDS, Notice, Problem, Row

# What is counted of each kind. Every row read is one of created, updated,
# unchanged and problems; notices hang on rows of any outcome.
COUNTED = ("read", "created", "updated", "unchanged", "problems", "notices")

Counts = dict[str, dict[str, int]]
# Refused or not, position, kind, place, code, reason, raw row.
Entry = tuple[bool, int, str, str, str, str, str]

_COLUMNS = {
    "run_id": "bigint",
    "refused": "bool",
    "position": "bigint",
    "kind": "text",
    "place": "text",
    "code": "text",
    "reason": "text",
    "raw": "text",
}


def refusal(row: Row, code: str, reason: str) -> Problem:
    """The problem that a row becomes which only the database could refuse."""
    raw = json.dumps(_given(row.draft), ensure_ascii=False, default=str)
    return Problem(place=row.place, kind=row.kind, code=code, reason=reason, raw=raw)


def _given(draft: ArticleDraft | CommentDraft) -> dict[str, object]:
    values = {field.name: getattr(draft, field.name) for field in fields(draft)}
    return {name: value for name, value in values.items() if value not in ("", None, (), False)}


class Ledger:
    """Counts that go on from `before`, and new entries. A `position` is the row's place among all, from 0."""

    def __init__(self, before: Mapping[str, Mapping[str, int]] | None = None) -> None:
        given = before or {}
        self.counts: Counts = {kind: {**dict.fromkeys(COUNTED, 0), **given.get(kind, {})} for kind in KINDS}
        self.entries: list[Entry] = []

    def settle(self, position: int, row: Row, outcome: str) -> None:
        """Count a row that was taken in, and its notices."""
        self.count(row.kind, outcome)
        self.remark(position, row)

    def refuse(self, position: int, problem: Problem, notices: Iterable[Notice] = ()) -> None:
        """Count a row that was not taken in."""
        kind = problem.kind if problem.kind in KINDS else "comments"
        self.count(kind, "problems")
        self.entries.append((True, position, kind, problem.place, problem.code, problem.reason, problem.raw))
        for notice in notices:
            self.notice(position, kind, problem.place, notice)

    def remark(self, position: int, row: Row) -> None:
        """Count the notices that a row came with. A guess is kept with the text that was
        guessed about, for a person is to say whether it is right."""
        for notice in row.notices:
            guessed = notice.code.startswith("guessed-")
            raw = row.draft.body[:GUESSED_LIMIT] if guessed else ""
            self.notice(position, row.kind, row.place, notice, raw=raw)

    def notice(self, position: int, kind: str, place: str, notice: Notice, raw: str = "") -> None:
        """Count a remark on a row that is counted elsewhere."""
        self.counts[kind]["notices"] += 1
        self.entries.append((False, position, kind, place, notice.code, notice.text, raw))

    def count(self, kind: str, outcome: str, number: int = 1) -> None:
        """Count rows of one outcome as read."""
        self.counts[kind]["read"] += number
        self.counts[kind][outcome] += number

    def take_in(self, part: Ledger) -> None:
        """Add the counts and entries of another ledger."""
        for kind, numbers in part.counts.items():
            for name, number in numbers.items():
                self.counts[kind][name] += number
        self.entries += part.entries

    def write(self, run_id: int) -> None:
        """Store the entries."""
        rows = [
            (run_id, refused, position, kind, storable(place)[:200], code[:40], storable(reason), raw)
            for refused, position, kind, place, code, reason, raw in self.entries
        ]
        bulk.insert("comments_importproblem", _COLUMNS, rows)


def storable(text: str) -> str:
    """A text as PostgreSQL can hold it: NUL is shown, half a surrogate pair is `?`."""
    return text.replace("\0", "␀").encode("utf-8", "replace").decode()
