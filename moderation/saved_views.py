"""Which views of the queue a person may choose from, and take away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from moderation.models import SavedView

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True, slots=True)
class Listed:
    """A view in the list beside the queue."""

    view: SavedView
    current: bool
    removable: bool


def may_remove(view: SavedView, user: User) -> bool:
    """His own, and what others share if he may undo what they decide."""
    return view.owner_id == user.pk or user.has_perm("moderation.undo_any")


def views_for(user: User, query: str) -> Sequence[Listed]:
    """Those that he sees, his own first; `query` is that of the page, `?` and all."""
    rows = SavedView.objects.visible_to(user).select_related("site")
    kept = sorted(rows, key=lambda view: (view.owner_id != user.pk, view.name))
    return [Listed(view, f"?{view.query}" == query, may_remove(view, user)) for view in kept]
