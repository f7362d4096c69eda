"""What an auditor reads: who decided what, who saw personal data, who changed what. Reading only."""

from collections.abc import Callable

from moderation.audit import changes, decisions, views
from moderation.audit.base import PAGE, Asked, Entry, Found, Log

__all__ = ["PAGE", "Asked", "Entry", "Found", "Log", "find"]

_FIND: dict[Log, Callable[[Asked, int | None, int], Found]] = {
    Log.DECISIONS: decisions.find,
    Log.VIEWS: views.find,
    Log.CHANGES: changes.find,
}


def find(log: Log, asked: Asked, after: int | None = None, most: int = PAGE) -> Found:
    """The next entries of a log after a place, from the newest without one."""
    return _FIND[log](asked, after, most)
