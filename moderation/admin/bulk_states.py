"""What became of the cases of a bulk decision, then and since, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models.functions import Left

from moderation.models import BulkDecision, BulkRow, Decision
from moderation.services.bulk_deciding import may_undo_together
from moderation.services.deciding import newest_of
from moderation.services.decision_undoing import may_undo
from moderation.services.outcomes import Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

# Characters of a body that a row shows.
BEGINNING = 120


@dataclass(frozen=True, slots=True)
class State:
    """A row, and whose decision counts today if it is not this one: `last`.

    `is_back` is one that was taken back, `is_judged` one whose comment the
    rules have judged again since. `last` of a case that somebody else closed is his.
    """

    row: BulkRow
    beginning: str
    last: Decision | None = None
    is_back: bool = False
    is_judged: bool = False
    undoable: bool = False


def find_bulk(user: User, key: int) -> BulkDecision | None:
    """A bulk decision of his own, or of a colleague at his sites."""
    bulk = BulkDecision.objects.select_related("by", "reason").filter(pk=key).first()
    if bulk is None or bulk.by_id == user.pk:
        return bulk
    return bulk if BulkRow.objects.visible_to(user).filter(bulk=bulk).exists() else None


def states_of(bulk: BulkDecision, user: User, now: datetime) -> list[State]:
    """Its rows at his sites, in the order in which they were pressed."""
    rows = (
        BulkRow.objects.visible_to(user)
        .filter(bulk=bulk)
        .select_related("case__site", "case__comment", "decision")
        .annotate(beginning=Left("case__comment__body", BEGINNING + 1))
        .defer("case__comment__body", "case__comment__folded", "case__comment__user_agent")
        .order_by("pk")
    )
    found = list(rows)
    comments = {row.case.comment_id for row in found if row.case.comment_id}
    people: dict[int, list[Decision]] = {}
    said = Decision.objects.filter(comment__in=comments, by__isnull=False).select_related("by", "reason")
    for each in said.order_by("pk"):
        people.setdefault(each.comment_id, []).append(each)
    newest, mine = newest_of(comments), may_undo_together(bulk, user)
    states = [
        _state(row, people.get(row.case.comment_id or 0, []), newest.get(row.case.comment_id or 0))
        for row in found
    ]
    return [replace(each, undoable=mine and _stands(each) and _may(each, user, now)) for each in states]


def _stands(state: State) -> bool:
    """Whether its decision is the newest, on the text of today."""
    decision, comment = state.row.decision, state.row.case.comment
    unchanged = decision and comment and decision.revision == comment.revision
    return bool(unchanged) and state.last is None and not state.is_judged


def _may(state: State, user: User, now: datetime) -> bool:
    return state.row.decision is not None and may_undo(state.row.decision, user, now)


def _state(row: BulkRow, people: Sequence[Decision], newest: int | None) -> State:
    beginning = str(row.beginning)  # type: ignore[attr-defined]
    if row.decision_id is None:
        others = [each for each in people if each.case_id == row.case_id and each.cause != "undo"]
        return State(row, beginning, others[-1] if others and row.outcome == Outcome.CLOSED else None)
    since = [each for each in people if each.pk > row.decision_id]
    if not since:
        return State(row, beginning, is_judged=newest != row.decision_id)
    last = since[-1]
    return State(row, beginning, last, is_back=last.cause == "undo" and last.supersedes_id == row.decision_id)
