"""The sanctions that a comment's author is or was under, as the card shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from moderation.models import Sanction
from moderation.offers import against
from moderation.services.sanctioning import LIFT, may_sanction
from moderation.targets import masked

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

    from comments.models import Comment

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Against:
    """A sanction, masked as on every card: `state` is `force`, `over` or `lifted`."""

    row: Sanction
    shown: str
    state: str
    may_lift: bool


def sanctions_of(comment: Comment, user: User, now: datetime) -> list[Against]:
    """Those of his sites and of all sites whose target the comment gives: in force first, then the newest."""
    if comment.erased_at is not None:
        return []
    rows = (
        Sanction.objects.visible_to(user)  # type: ignore[no-untyped-call]
        .filter(against(comment))
        .select_related("site", "reason", "created_by", "lifted_by")
    )
    found = sorted(rows.order_by("-pk")[:SHOWN], key=lambda row: not row.in_force(now))
    sites = {row.site_id for row in found if row.lifted_at is None}
    his = {site for site in sites if may_sanction(user, site)}
    return [
        Against(
            row,
            masked(row.kind, row.shown),
            _state(row, now),
            row.in_force(now)
            and row.site_id in his
            and (row.created_by_id == user.pk or user.has_perm(LIFT)),
        )
        for row in found
    ]


def _state(row: Sanction, now: datetime) -> str:
    if row.lifted_at:
        return "lifted"
    return "force" if row.in_force(now) else "over"
