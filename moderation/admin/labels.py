"""What people read of a check's parameters: their names, their help, the names of their choices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import Field
from typing import Any

from django.utils.translation import get_language


def named(choices: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    """The choices of a parameter, each with its name in the reader's language."""
    language = (get_language() or "ja")[:2]
    return [(value, names.get(language, value)) for value, names in choices.items()]


def label_and_help(field: Field[Any]) -> tuple[str, str]:
    """A parameter's help, taken apart: its first clause names it, the rest explains.

    Parameters have names for code alone; what a person reads is their help.
    """
    told = str(field.metadata.get((get_language() or "ja")[:2], field.name))
    first, *rest = re.split(r"(?<=。)|(?<=[.;:])\s", told, maxsplit=1)
    return first.rstrip("。.;:"), "".join(rest)
