"""Whose eyes a case wants: it goes to another where his own were the first.

What he passed on, another decides. What he rejected and its author then
edited, too, for nobody judges well of an answer to himself, and with what he decided and
somebody else took back; but only while there is another at the site who may
decide, and until the case is overdue: nothing is to wait for a colleague who
does not come. Of what he published and
an edit brought back he is told alone. A Lead decides all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.contrib.auth.models import User

from comments import bulk
from comments.models import Membership, Status
from moderation.services.escalating import DECIDE_ESCALATED

if TYPE_CHECKING:
    from moderation.models import Case

_BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True, slots=True)
class Eyes:
    """Why another's eyes are wanted, `escalated`, `undone`, `rejected`, `published` or not, and if needed."""

    why: str = ""
    needed: bool = False


class First(NamedTuple):
    """What a person decided last of a comment and did not take back himself; `undone` if another did."""

    by: int
    status: str
    revision: int
    undone: bool


_FIRST = """
SELECT DISTINCT ON (d.comment_id) d.comment_id, d.by_id, d.to_status, d.revision, u.id IS NOT NULL
FROM moderation_decision d LEFT JOIN moderation_decision u
    ON u.comment_id = d.comment_id AND u.supersedes_id = d.id AND u.cause = 'undo'
WHERE d.comment_id = ANY(%s) AND d.by_id IS NOT NULL AND d.cause IN ('person', 'anew')
    AND u.by_id IS DISTINCT FROM d.by_id
ORDER BY d.comment_id, d.id DESC
"""


def eyes_on(cases: Sequence[Case], user: User, now: datetime, *, closed: bool = False) -> dict[int, Eyes]:
    """`{case: whether it wants others than his}` of those that do; two queries at most, and one a site.

    The cases come with their comments. Nobody's eyes are wanted on a closed one, unless it
    is to be decided anew: with `closed`.
    """
    if user.has_perm(DECIDE_ESCALATED):
        return {}
    waiting = [case for case in cases if (closed or case.closed_at is None) and case.comment_id is not None]
    firsts = _firsts([case.comment_id for case in waiting if case.comment_id])
    found = {}
    others: dict[int, bool] = {}
    for case in waiting:
        eyes = _eyes(case, firsts, user.pk)
        if eyes.why in {"rejected", "undone"} and case.due_at > now:
            if case.site_id not in others:
                others[case.site_id] = _others_decide(case.site_id, user)
            eyes = Eyes(eyes.why, needed=others[case.site_id])
        if eyes.why:
            found[case.pk] = eyes
    return found


def _eyes(case: Case, firsts: Mapping[int, First], user: int) -> Eyes:
    if case.escalated_by_id == user:
        return Eyes("escalated", needed=True)
    first = firsts.get(case.comment_id or 0)
    comment = case.comment
    if first is None or comment is None or first.by != user:
        return Eyes()
    if first.undone:
        return Eyes("undone")
    if first.revision >= comment.revision:
        return Eyes()
    return Eyes("rejected" if first.status == Status.REJECTED else "published")


def _firsts(comments: Sequence[int]) -> dict[int, First]:
    rows = bulk.fetch(_FIRST, [list(comments)]) if comments else []
    return {comment: First(*rest) for comment, *rest in rows}


def _others_decide(site: int, user: User) -> bool:
    """Whether anybody else of the site may decide."""
    able = User.objects.with_perm("moderation.change_case", include_superusers=False, backend=_BACKEND)
    members = Membership.objects.filter(site=site).values("user")
    return able.filter(pk__in=members, is_staff=True).exclude(pk=user.pk).exists()
