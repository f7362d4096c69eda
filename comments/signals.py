"""The single wire out of `comments`: what changed, told inside the transaction."""

from collections.abc import Sequence
from enum import StrEnum

from django.dispatch import Signal


class Change(StrEnum):
    """What happened to the comments of the given ids; for some kinds to something else, as said there."""

    RECEIVED = "received"
    EDITED = "edited"
    # What was typed is gone; they are to be withdrawn, and nothing kept of their words.
    ERASED = "erased"
    # Articles, whose ids these are, have another title or body.
    SOURCES = "sources"
    # All rows of a run are stored, linked and announced, or it ended at a
    # source that could not be read on. `ids` holds the run's id alone, `live`
    # is false. A run sends it once, in the transaction that ends it.
    RUN_FINISHED = "run-finished"


# Receivers get `change: Change`, `ids: Sequence[int]` (ascending) and
# `live: bool` (false for an import).
_changed = Signal()


def changed(change: Change, ids: Sequence[int], *, live: bool) -> None:
    """Tell the receivers; whatever they raise undoes the transaction."""
    if ids:
        _changed.send(sender=Change, change=change, ids=sorted(ids), live=live)


connect = _changed.connect
