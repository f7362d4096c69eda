"""Many cases decided by one press, and taken back by one: in short transactions, each case once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from moderation.models import BulkDecision, BulkRow
from moderation.services.deciding import STATUS_OF, Wanted, decide, newest_of
from moderation.services.decision_undoing import undo_each
from moderation.services.escalating import UNDO_ANY
from moderation.services.outcomes import Outcome
from moderation.services.undoing import patiently

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# More than this nobody looks at before he decides; and a page of it is still quick to read.
MOST = 500
# Cases a transaction, of some twenty statements however many they are: colleagues and workers wait for its
# rows for a twentieth of a second (measured).
CHUNK = 100


def decide_together(wanted: Sequence[Wanted], *, token: UUID, by: User, now: datetime) -> BulkDecision:
    """Decide cases alike, each once; the rows of what is returned say what became of each.

    The same `token` again does what was not done before and nothing twice, and
    nothing at all where it asks for something else. What somebody else decides
    at the same time stays his. Raises `ValueError` for no case or more than
    `MOST`, for different wishes, and as `decide`.
    """
    wishes = {(each.action, each.reason_id) for each in wanted}
    if len(wishes) != 1 or len(wanted) > MOST:
        raise ValueError(f"1 to {MOST} cases, all decided alike.")
    ((action, reason),) = wishes
    if action not in STATUS_OF:
        raise ValueError(f"unknown action {action!r}: publish or reject.")
    wanted = list({each.case_id: each for each in wanted}.values())
    asked = {"to_status": STATUS_OF[action], "reason_id": reason}
    bulk, _ = BulkDecision.objects.get_or_create(
        by=by, token=token, defaults={**asked, "asked": len(wanted), "created_at": now}
    )
    if (bulk.to_status, bulk.reason_id) == tuple(asked.values()):
        for first in range(0, len(wanted), CHUNK):
            patiently(partial(_decide_some, bulk, wanted[first : first + CHUNK], by, now))
    return bulk


@transaction.atomic
def _decide_some(bulk: BulkDecision, wanted: Sequence[Wanted], by: User, now: datetime) -> None:
    _alone_at(bulk)
    known = _known(bulk, [each.case_id for each in wanted])
    results = decide([each for each in wanted if each.case_id not in known], by=by, now=now)
    BulkRow.objects.bulk_create(
        BulkRow(bulk=bulk, case_id=each.case_id, outcome=each.outcome, decision_id=each.decision_id)
        for each in results
        if each.case_id is not None and each.outcome is not Outcome.DENIED
    )


def may_undo_together(bulk: BulkDecision, user: User) -> bool:
    """Whether it is his to take back; how long, is told of each decision."""
    return bulk.undoes_id is None and (bulk.by_id == user.pk or user.has_perm(UNDO_ANY))


def undo_together(bulk: BulkDecision, *, token: UUID, by: User, now: datetime) -> BulkDecision | None:
    """Take back what still stands of it: the undo, whose rows say what became of each; None if it is not his.

    What was decided anew or taken back since is left, and so is what is late. The same `token`
    again goes on where it was left.
    """
    if not may_undo_together(bulk, by):
        return None
    rows = BulkRow.objects.visible_to(by).filter(bulk=bulk, decision__isnull=False)
    found = list(rows.select_related("decision").order_by("decision__comment"))
    newest = newest_of(each.decision.comment_id for each in found if each.decision)
    standing = [
        each for each in found if each.decision and newest[each.decision.comment_id] == each.decision_id
    ]
    undone, _ = BulkDecision.objects.get_or_create(
        by=by, token=token, defaults={"undoes": bulk, "asked": len(standing), "created_at": now}
    )
    if undone.undoes_id == bulk.pk:
        for first in range(0, len(standing), CHUNK):
            patiently(partial(_undo_some, undone, standing[first : first + CHUNK], by, now))
    return undone


@transaction.atomic
def _undo_some(undone: BulkDecision, rows: Sequence[BulkRow], by: User, now: datetime) -> None:
    _alone_at(undone)
    known = _known(undone, [row.case_id for row in rows])
    wanted = {row.decision_id: row.case_id for row in rows if row.decision_id and row.case_id not in known}
    results = undo_each(list(wanted), by=by, now=now)
    BulkRow.objects.bulk_create(
        BulkRow(bulk=undone, case_id=case, outcome=each.outcome, decision_id=each.decision_id)
        for case, each in zip(wanted.values(), results, strict=True)
    )


def _known(bulk: BulkDecision, cases: Sequence[int]) -> set[int]:
    """Those of the cases of which it is known what became of them."""
    return set(BulkRow.objects.filter(bulk=bulk, case__in=cases).values_list("case_id", flat=True))


def _alone_at(bulk: BulkDecision) -> None:
    """Let the same press that came twice wait for itself."""
    BulkDecision.objects.select_for_update(no_key=True).get(pk=bulk.pk)
