"""How the desk writes times and people."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import get_language

from comments.codes import code_in_words
from comments.masking import mask_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.contrib.auth.models import User
    from django.utils.safestring import SafeString

    from moderation.admin.veiling import Veils
    from moderation.models import Quote

register = template.Library()
register.filter("code_in_words", code_in_words)
register.filter("mask_within", mask_within)


@register.inclusion_tag("moderation/desk/veiled.html")
def veiled(
    text: str, veils: Veils | str | None, comment: int, name: str = "body", *, focus: bool = False
) -> dict[str, object]:
    """A text of a comment, or its beginning, with what the reader wants blurred; plain without `veils`.

    With `focus` a key reaches what is blurred; within a link it is the link that is reached.
    """
    if not veils or isinstance(veils, str):
        return {"text": text}
    return {"segments": veils.segments(text, comment, name), "focus": focus}


@register.inclusion_tag("moderation/desk/veiled.html")
def veiled_part(
    text: str, veils: Veils | str | None, comment: int, start: int, end: int
) -> dict[str, object]:
    """What stands at `start` to `end` of a body, in other words: blurred whole if anything of it is."""
    if not veils or isinstance(veils, str):
        return {"text": text}
    return {"segments": veils.part(text, comment, start, end), "focus": True}


@register.simple_tag
def hides(veils: Veils | str | None, quote: Quote) -> bool:
    """Whether a quote is blurred as a whole, with its source and what differs."""
    return bool(veils and not isinstance(veils, str) and veils.hides(quote))


@register.filter
def visibly(text: str) -> SafeString:
    """What somebody typed, escaped, with what is invisible in it named: `ば<span …>U+200B</span>か`."""
    # The admin loads Unfold, Unfold the engine of templates, and that this library.
    from moderation.admin.highlight import BLANK, reveal  # noqa: PLC0415 - as said

    # Most texts hold nothing of the kind, and a list shows many of them.
    if text.isprintable() and BLANK.isdisjoint(text):
        return escape(text)
    return mark_safe(  # noqa: S308 - each piece is escaped
        "".join(
            format_html('<span class="unseen" title="{}">{}</span>', piece.name, piece.name[:6])
            if piece.name
            else escape(piece.text)
            for piece in reveal(text)
        )
    )


@register.filter
def once(texts: Iterable[str]) -> list[str]:
    """Each text once, in their order: four links to one domain are one thing to read."""
    return list(dict.fromkeys(texts))


@register.filter
def since(value: datetime, now: datetime) -> str:
    """The time gone since `value` in its largest unit: `3 days`. At a glance is enough."""
    return timesince(value, now, depth=1)


@register.filter
def until(value: datetime, now: datetime) -> str:
    """The time left to `value` in its largest unit."""
    return timeuntil(value, now, depth=1)


@register.filter
def short(label: str) -> str:
    """The word before the colon of a choice: `hold` of `hold: not published until…`."""
    return re.split("[:：]", label, maxsplit=1)[0]


@register.filter
def grouped(number: int) -> str:
    """A number as both languages write it: `12,345`."""
    return f"{number:,}"


@register.filter
def at(values: Mapping[Any, Any], key: object) -> Any:
    """What is at a key, 0 where there is nothing."""
    return values.get(key, 0)


@register.filter
def full_name(user: User) -> str:
    """A colleague's name: in Japanese the family's first."""
    if (get_language() or "ja").startswith("ja"):
        name = f"{user.last_name} {user.first_name}".strip()
    else:
        name = user.get_full_name()
    return name or user.get_username()
