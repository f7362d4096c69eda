"""The way back from what was just done: a button beside the words that tell it, on the key `u`.

Where a page is loaded to tell them, the words and the button wait in the
session for that page, as messages do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

_KEPT = "desk_done"


@dataclass(frozen=True, slots=True)
class Back:
    """A form that takes it back: where it is sent, and its hidden fields."""

    url: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """Where one may want to go after it."""

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Ways:
    """The way back, and where one may want to go."""

    back: Back
    links: Sequence[Link] = ()


def tell_next(request: HttpRequest, text: str, ways: Ways) -> None:
    """Have the next page of the desk tell `text` and offer the ways."""
    request.session[_KEPT] = {"text": text, **asdict(ways)}


def told_before(request: HttpRequest) -> dict[str, object] | None:
    """What is to be told, once: `text`, `back` and `links` for the part `told`."""
    kept: dict[str, object] | None = request.session.pop(_KEPT, None)
    return {**kept, "good": True} if kept else None
