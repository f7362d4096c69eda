"""The three logs: how one is narrowed, and what a page of it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from comments.admin.base import people_visible_to

if TYPE_CHECKING:
    from datetime import datetime

# Entries of a page.
PAGE = 50


class Log(StrEnum):
    """The logs, by the name that stands in an address."""

    DECISIONS = "decisions"
    VIEWS = "views"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of a log is wanted: within the sites of `user`, without one (a command) of all.

    `person` is a user's key. `kind` is a cause of decisions, a page that shows personal data, or a
    model of what was changed, as the log has it. `until` is not within.
    """

    user: User | None
    person: int | None = None
    site: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    kind: str = ""
    comment: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as every log has it: `values` by column (`writing.COLUMNS`), and the `row` it is made of."""

    at: datetime
    by: User | None
    values: dict[str, Any]
    row: Any = field(compare=False)


@dataclass(frozen=True, slots=True)
class Found:
    """Entries, the newest first, and the place to go on from, None at the end.

    `cut` says that so much was looked at that the page ends before it is full.
    """

    entries: Sequence[Entry]
    after: int | None
    cut: bool = False


def bounded(rows: QuerySet[Any], user: User | None) -> QuerySet[Any]:
    """The rows that `user` may see; all without one."""
    found: QuerySet[Any] = rows if user is None else rows.visible_to(user)  # type: ignore[attr-defined]
    return found


def known_to(user: User | None) -> frozenset[int] | None:
    """Whose names he is told with what is of all sites: colleagues and superusers; None for everybody's."""
    if user is None or user.is_superuser:
        return None
    people = people_visible_to(user) | User.objects.filter(is_superuser=True)
    return frozenset(people.values_list("pk", flat=True))
