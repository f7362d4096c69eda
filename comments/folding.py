"""The form of a text that is stored beside it, made by the folder in the settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.utils.module_loading import import_string


class StoredForm(NamedTuple):
    """What the folder (setting COMMENTS_FOLDER) makes of a text."""

    folded: str
    fingerprint: int
    version: int


@cache
def folder() -> Callable[[str], StoredForm]:
    """The function that COMMENTS_FOLDER names."""
    fold: Callable[[str], StoredForm] = import_string(settings.COMMENTS_FOLDER)
    return fold
