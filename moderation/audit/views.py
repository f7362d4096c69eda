"""Who was shown personal data."""

from __future__ import annotations

from comments.models import Disclosure
from moderation.audit.base import Asked, Entry, Found, bounded, known_to


def find(asked: Asked, after: int | None, most: int) -> Found:
    """The newest first, by their ids; of what is of no one site he is told colleagues' names alone."""
    rows = bounded(Disclosure.objects.all(), asked.user).select_related("by", "site").order_by("-pk")
    given = {
        "pk__lt": after,
        "by": asked.person,
        "site": asked.site,
        "at__gte": asked.since,
        "at__lt": asked.until,
        "by_page": asked.kind or None,
        "comments__contains": None if asked.comment is None else [asked.comment],
    }
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None})
    found = list(rows[: most + 1])
    if any(row.site_id is None for row in found):
        known = known_to(asked.user)
        for row in found:
            if known is not None and row.site_id is None and row.by_id not in known:
                row.by = None
    return Found([entry(row) for row in found[:most]], found[most - 1].pk if len(found) > most else None)


def entry(shown: Disclosure) -> Entry:
    """A view in the columns of the log."""
    values = {
        "id": shown.pk,
        "time": shown.at,
        "site": shown.site.slug if shown.site else "",
        "by": shown.by.username if shown.by else "",
        "operator": shown.operator,
        "page": shown.by_page,
        "kinds": shown.kinds,
        "comments": shown.comments,
        "about": shown.about,
    }
    return Entry(at=shown.at, by=shown.by, values=values, row=shown)
