"""The dashboard: what waits, what comes and goes, how long it takes, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from comments.admin.base import person, row_id
from comments.admin.sources import tell_owner_of_failures
from comments.models import Site
from moderation.admin import dashboard_keys as by_key
from moderation.admin import dashboard_times as by_time
from moderation.admin.dashboard_times import Shown
from moderation.admin.pages import SEE, needs, page_context, whole
from moderation.backlog import Backlog, backlog
from moderation.models import Severity
from moderation.tallies import PERIODS, Period, Place, figures

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from moderation.admin.charts import Panel

PERIOD_NAMES = {
    "24h": _("24 hours"),
    "7d": _("7 days"),
    "28d": _("28 days"),
    "12w": _("12 weeks"),
}
DEFAULT = "7d"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which of his sites a person asks for, one or all, and which period."""

    sites: Sequence[Site]
    site: Site | None
    period: Period

    @classmethod
    def read(cls, request: HttpRequest) -> Asked:
        """What an address asks for; what cannot be read, or is not his to see, asks for nothing."""
        sites = list(Site.objects.visible_to(person(request)))
        key = row_id(request.GET.get("site"))
        site = next((site for site in sites if site.pk == key), None)
        return cls(sites, site, PERIODS.get(request.GET.get("period", ""), PERIODS[DEFAULT]))

    @property
    def shown(self) -> Sequence[Site]:
        return [self.site] if self.site else self.sites

    @property
    def zone(self) -> str:
        """The clock of the page: that of its sites, the installation's where theirs differ."""
        zones = {site.zone for site in self.shown}
        return zones.pop() if len(zones) == 1 else settings.TIME_ZONE

    @property
    def clocks_differ(self) -> bool:
        return len({site.zone for site in self.shown}) > 1

    def query(self, period: str | None = None) -> str:
        """The address's end that asks for the same, or for another period."""
        site = {"site": str(self.site.pk)} if self.site else {}
        return f"?{urlencode({**site, 'period': period or self.period.slug})}"


@needs(SEE)
@require_GET
def view(request: HttpRequest) -> HttpResponse:
    """All panels of the chosen site and period."""
    now, asked = timezone.now(), Asked.read(request)
    waits = backlog(_places(asked.sites), now)
    panels = _panels(asked, waits, person(request), now) if asked.sites else []
    context = {
        **page_context(request, gettext("Dashboard")),
        "asked": asked,
        "panels": panels,
        "periods": [(slug, name, asked.query(slug)) for slug, name in PERIOD_NAMES.items()],
        "query": asked.query(),
        "now": now,
    }
    return whole(request, "dashboard", context)


@needs(SEE)
@require_GET
def download(request: HttpRequest, panel: str) -> HttpResponse:
    """The table of one panel, as it stands on the page."""
    now, asked = timezone.now(), Asked.read(request)
    waits = backlog(_places(asked.sites), now)
    panels = _panels(asked, waits, person(request), now) if asked.sites else []
    found = next((each for each in panels if each.slug == panel), None)
    if found is None:
        raise Http404
    response = HttpResponse(found.table.as_csv(), content_type="text/csv; charset=utf-8")
    name = f"{asked.site.slug + '-' if asked.site else ''}{panel}-{asked.period.slug}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _panels(asked: Asked, waits: dict[int, Backlog], user: User, now: datetime) -> list[Panel]:
    """What the page shows, in its order, by the clock of its sites."""
    with timezone.override(asked.zone):
        keys = [site.pk for site in asked.shown]
        shown = Shown(
            figures(_places(asked.shown), asked.period, now, asked.zone),
            Backlog.of(waits[key] for key in keys),
            asked.period,
            asked.site.pk if asked.site else None,
        )
        return [
            by_time.waiting(shown),
            by_time.flow(shown),
            by_time.decision_time(shown),
            by_time.judged(shown),
            by_key.reasons(shown),
            by_key.rules(shown, user),
            by_time.quotes(shown),
            by_key.moderators(shown, user),
            by_time.judged(shown, imported=True),
            by_key.runs(keys, user),
        ]


def _places(sites: Sequence[Site]) -> list[Place]:
    return [Place(site.pk, site.zone) for site in sites]


def front_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the admin's first page says before the list of everything: what waits, and for how long."""
    context = tell_owner_of_failures(request, context)
    if not request.user.has_perm(SEE):
        return context
    sites = list(Site.objects.visible_to(person(request)))
    waits = Backlog.of(backlog(_places(sites), timezone.now()).values())
    queue = reverse("desk:queue")
    context["front"] = {
        "waiting": [
            (
                severity.value,
                severity.label,
                waits.number(str(severity.value)),
                f"{queue}?severity={severity.value}",
            )
            for severity in reversed(Severity)
        ],
        "escalated": waits.number("escalated"),
        "overdue": waits.overdue.total() - waits.overdue["escalated"],
        "total": waits.common,
        "sites": len(sites),
    }
    return context
