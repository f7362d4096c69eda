"""What people decided, taken back: a further decision each, and the cases as they were."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, F, Max, Q

from comments.models import Comment, Status
from moderation.models import Case, Decision
from moderation.services.case_texts import write_texts
from moderation.services.deciding import ANEW, Result, done, lock, shadow
from moderation.services.escalating import UNDO_ANY, is_his_to_undo
from moderation.services.judgements import judge_again
from moderation.services.outcomes import Outcome

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def undo(decision_id: int, *, by: User, now: datetime) -> Result:
    """Supersede a person's decision and open its case again, as it was: see `undo_each`."""
    (result,) = undo_each([decision_id], by=by, now=now)
    return result


@transaction.atomic
def undo_each(decision_ids: Sequence[int], *, by: User, now: datetime) -> list[Result]:
    """Supersede decisions of people and open their cases again, as they were.

    However many they are, each kind of row is one statement. Stale if
    something has been decided on the comment since, or its text is another:
    to go back would show a text that nobody has judged. Denied to everyone
    but the one who took it, late after `OWN_UNDO`, and those with
    `moderation.undo_any`.
    """
    found = Decision.objects.visible_to(by).filter(pk__in=decision_ids, by__isnull=False)
    decisions = {each.pk: each for each in found if each.by_id == by.pk or by.has_perm(UNDO_ANY)}
    comments = lock([each.comment_id for each in decisions.values() if may_undo(each, by, now)])
    stands = _standing(comments)
    taken = [_undo(decisions.get(key), comments, stands, by, now) for key in decision_ids]
    undone = [each for each in taken if isinstance(each, Decision)]
    Decision.objects.bulk_create(undone)
    _open_again([decisions[each.supersedes_id] for each in undone if each.supersedes_id])
    shadow(undone)
    judge_again(each.comment_id for each in undone)
    return [done(each) if isinstance(each, Decision) else each for each in taken]


def _standing(comments: Collection[int]) -> dict[int, tuple[int, int]]:
    """`{comment: (its newest decision, how many judged its present text)}`: one query."""
    rows = Decision.objects.filter(comment__in=comments).order_by().values("comment")
    of_text = Count("pk", filter=Q(revision=F("comment__revision")))
    found = rows.annotate(newest=Max("pk"), number=of_text).values_list("comment", "newest", "number")
    return {comment: (newest, number) for comment, newest, number in found}


def _undo(
    decision: Decision | None,
    comments: Mapping[int, Comment],
    stands: dict[int, tuple[int, int]],
    by: User,
    now: datetime,
) -> Decision | Result:
    """A decision that is still to be written, or why there is none; what is undone no longer `stands`."""
    if decision is None:
        return Result(None, Outcome.DENIED)
    if decision.cause == "undo":
        # What was taken back is decided anew, by whoever looks at it again.
        return Result(decision.case_id, Outcome.STALE)
    comment = comments.get(decision.comment_id)
    if comment is None or not may_undo(decision, by, now):
        return Result(decision.case_id, Outcome.LATE)
    newest, number = stands.get(comment.pk, (0, 0))
    if newest != decision.pk or decision.revision != comment.revision:
        return Result(decision.case_id, Outcome.STALE, comment.status, comment.version)
    del stands[comment.pk]
    # What stood there before was of an earlier text, if nobody else has judged this one.
    is_first = number == 1 and decision.from_status == Status.PUBLISHED
    comment.version += 1
    return Decision(
        comment=comment,
        revision=comment.revision,
        from_status=comment.status,
        to_status=Status.HELD if is_first else decision.from_status,
        cause="undo",
        by=by,
        case_id=decision.case_id,
        supersedes=decision,
        created_at=now,
    )


def _open_again(undone: Sequence[Decision]) -> None:
    """Open the cases of decisions that were undone.

    One that was opened since stays the comment's one open case; one that was closed before a
    decision stays so.
    """
    closing = {each.comment_id: each.case_id for each in undone if each.cause != ANEW}
    busy = Case.objects.filter(comment__in=closing, closed_at=None).values_list("comment", flat=True)
    for comment in list(busy):
        closing.pop(comment or 0, None)
    if not closing:
        return
    Case.objects.filter(pk__in=[case for case in closing.values() if case]).update(
        closed_at=None, closed_by=None, closed_why=""
    )
    write_texts(list(closing))


def may_undo(decision: Decision, user: User, now: datetime) -> bool:
    """Whether a person's decision is his to take back, if nothing was decided since."""
    if decision.by_id is None or decision.cause == "undo":
        return False
    return is_his_to_undo(decision.by_id, decision.created_at, user, now)
