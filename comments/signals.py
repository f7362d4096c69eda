"""The single wire out of `comments`: what changed, told inside the transaction."""

from collections.abc import Sequence
from enum import StrEnum

from django.dispatch import Signal


class Change(StrEnum):
    """What happened to the comments of the given ids."""

    RECEIVED = "received"
    EDITED = "edited"


# Receivers get `change: Change`, `ids: Sequence[int]` (ascending comment ids)
# and `live: bool` (false for an import).
_changed = Signal()


def changed(change: Change, ids: Sequence[int], *, live: bool) -> None:
    """Tell the receivers; whatever they raise undoes the transaction."""
    if ids:
        _changed.send(sender=Change, change=change, ids=sorted(ids), live=live)


connect = _changed.connect
