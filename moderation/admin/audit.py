"""The audit: who decided what, who saw personal data, who changed what; to read and to download."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from comments.admin.base import people_visible_to, person
from comments.admin.ledger import TYPES
from comments.models import DisclosedBy, Site
from moderation.admin.audit_cells import CELLS, COLUMNS, Link
from moderation.admin.machine_log import number
from moderation.admin.pages import needs, page_context
from moderation.admin.sentences import CAUSES
from moderation.admin.times import day, midnight
from moderation.audit import Asked, Entry, Log, find
from moderation.audit.writing import WRITERS

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SEE, SEE_DECISIONS = "comments.view_disclosure", "moderation.view_decision"
TITLES = {Log.DECISIONS: _("Decisions"), Log.VIEWS: _("Views of personal data"), Log.CHANGES: _("Changes")}
# Beside the models of the admin: what is decided by commands, too, has no page to be changed on.
APPS = ("comments", "moderation", "auth", "django_celery_beat")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a log is narrowed to, as it stands in the address."""

    log: Log = Log.DECISIONS
    person: int | None = None
    site: int | None = None
    kind: str = ""
    comment: int | None = None
    since: date | None = None
    until: date | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filters:
        """The filters in an address; what cannot be read is no filter."""
        log = Log(query["log"]) if query.get("log") in set(Log) else Log.DECISIONS
        kind = query.get("kind", "")
        return cls(
            log,
            number(query.get("person", "")),
            number(query.get("site", "")),
            kind if kind in dict(kinds_of(log)) else "",
            number(query.get("comment", "")) if log is not Log.CHANGES else None,
            day(query.get("since", "")),
            day(query.get("until", "")),
        )

    @property
    def query(self) -> str:
        """The filters that are set, as an address has them."""
        return urlencode({name: getattr(self, name) for name in self.__slots__ if getattr(self, name)})

    @property
    def any(self) -> bool:
        return Filters(self.log) != self

    def asked(self, user: User) -> Asked:
        """The same, within the sites that he sees."""
        return Asked(
            user=user,
            person=self.person,
            site=self.site,
            since=midnight(self.since, self.site) if self.since else None,
            until=midnight(self.until + timedelta(days=1), self.site) if self.until else None,
            kind=self.kind,
            comment=self.comment,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the table shows it: a list of links a column."""

    entry: Entry
    cells: list[list[Link]]


@needs(SEE)
@require_GET
def view(request: HttpRequest) -> HttpResponse:
    """One of the logs, a page of it."""
    user, filters = _may_read(request)
    found = find(filters.log, filters.asked(user), number(request.GET.get("after", "")))
    context = {
        **page_context(request, gettext("Audit")),
        "filters": filters,
        "tabs": [
            (log, TITLES[log]) for log in Log if log is not Log.DECISIONS or user.has_perm(SEE_DECISIONS)
        ],
        "columns": COLUMNS[filters.log],
        "lines": [Line(each, CELLS[filters.log](each.row, user)) for each in found.entries],
        "found": found,
        "people": people_visible_to(user).order_by("username"),
        "sites": list(Site.objects.visible_to(user)),
        "kinds": kinds_of(filters.log),
    }
    return TemplateResponse(request, "moderation/desk/audit.html", context)


@needs(SEE)
@require_GET
def download(request: HttpRequest, form: str) -> HttpResponse:
    """What the page shows by its filters, all of it, as a file."""
    user, filters = _may_read(request)
    if form not in WRITERS:
        raise Http404
    # `needs` speaks of HttpResponse, which Django calls what is not streamed.
    response: Any = StreamingHttpResponse(
        WRITERS[form](filters.log, filters.asked(user)), content_type=TYPES[form]
    )
    response["Content-Disposition"] = f'attachment; filename="audit-{filters.log}.{form}"'
    response["Cache-Control"] = "private, no-store"
    answer: HttpResponse = response
    return answer


def _may_read(request: HttpRequest) -> tuple[User, Filters]:
    user, filters = person(request), Filters.read(request.GET)
    if filters.log is Log.DECISIONS and not user.has_perm(SEE_DECISIONS):
        raise PermissionDenied
    return user, filters


def kinds_of(log: Log) -> list[tuple[str, Any]]:
    """What the entries of a log are told apart by, with its words."""
    match log:
        case Log.DECISIONS:
            return list(CAUSES.items())
        case Log.VIEWS:
            return list(DisclosedBy.choices)
    models = [each for each in admin.site._registry if each._meta.app_label in APPS]
    named = [(each._meta.label_lower, each._meta.verbose_name) for each in models]
    return sorted(named, key=lambda each: str(each[1]))
