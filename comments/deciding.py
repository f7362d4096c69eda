"""What people have decided, asked of whoever keeps decisions: the function in the settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string


@cache
def decided_by_people() -> Callable[[Sequence[int]], set[int]]:
    """The function that COMMENTS_DECIDED names: which of the comments a person has decided."""
    decided: Callable[[Sequence[int]], set[int]] = import_string(settings.COMMENTS_DECIDED)
    return decided
