"""Whose clock a time is told by: one way for every page.

A row of a site is told by the site's clock: its page and its line say
`|timezone:site.zone`. What belongs to no single site (a list of several, a
try-out of all, the audit) is told by the reader's clock: the zone of the sites
that he sees if they share one, else the server's (`TIME_ZONE`).
`moderation.middleware.ZoneMiddleware` sets it for the whole request, so a bare
`|date`, the admin's own columns and its filters by day are right by themselves.
A day that somebody types is a day of the site that the page is narrowed to,
else of the reader; `midnight` is where it begins.
"""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

from comments.models import Site


def day(text: str) -> date | None:
    """A day in an address, as `2026-01-10`."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 <= found.year < 9999 else None


def midnight(at: date, site: int | None = None) -> datetime:
    """The beginning of a day at a site, or where the reader's clock is; one query for a site's zone.

    Where a clock skips midnight in spring, it is the moment of the skip.
    """
    zone = Site.objects.filter(pk=site).values_list("zone", flat=True).first() if site else None
    return datetime.combine(at, time.min, ZoneInfo(zone) if zone else timezone.get_current_timezone())
