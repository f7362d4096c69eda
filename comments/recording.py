"""Note in the admin's log who changed what, where no form of the admin does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.admin.models import CHANGE, LogEntry

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import Model


def record_change(row: Model, done: str, *, by: User | None, flag: int = CHANGE) -> None:
    """Append an entry to a row's history. Without `by` there is none to name: commands leave no entry.

    `done` is the English text of a translation (`gettext_noop`): each reader has it in his language.
    """
    if by is not None:
        told = [{"changed": {"fields": [done]}}] if flag == CHANGE else [{"added": {}}]
        LogEntry.objects.log_actions(by.pk, [row], flag, change_message=told, single_object=True)
