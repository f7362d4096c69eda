"""Import sources: where comments come from by themselves, tried, run, and what went wrong."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from comments.admin.base import Bounded, Kept, SiteFilter, person
from comments.admin.source_form import SourceForm
from comments.drafts import ArticleDraft, Kind
from comments.formats.base import Row, Unreadable
from comments.models import ImportRun, ImportSource, Policy
from comments.sources import editing
from comments.sources.faults import Fault
from comments.sources.running import shown_address
from comments.sources.schedules import rhythm_of
from comments.sources.trying import try_address

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.utils.safestring import SafeString

SHOWN_RUNS = 5
_KINDS = {Kind.COMMENT: _("comment")}
SHOWN_TIMES = 3


@admin.register(ImportSource)
class ImportSourceAdmin(Bounded, Kept, ModelAdmin[ImportSource]):
    form = SourceForm
    list_display = ("slug", "site", "where", "state", "due_at", "last_run_at")
    list_filter = (SiteFilter,)
    list_select_related = ("site",)
    list_before_template = "admin/comments/importsource/empty.html"
    change_form_outer_before_template = "admin/comments/importsource/panel.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        newest = ImportRun.objects.filter(source=OuterRef("pk")).order_by("-pk").values("started_at")[:1]
        rows = super().get_queryset(request).annotate(newest_run=Subquery(newest))
        return cast("QuerySet[Any]", rows)

    def get_fieldsets(self, request: HttpRequest, obj: ImportSource | None = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            # What only looks on sees neither the names of credentials nor a query, which may be one.
            return ((None, {"fields": ("slug", "site", "owner", "where", "policy", "zone")}),)
        return (
            (None, {"fields": ("site", "slug", "owner")}),
            (_("Where it is"), {"fields": ("address", "upload", "credentials")}),
            (_("When it is read"), {"fields": ("rhythm", ("every", "period"), "crontab")}),
            (
                _("How it is understood"),
                {"fields": ("format", "policy", "zone", "encoding", "columns", "url")},
            ),
            (_("Limits"), {"fields": (("max_megabytes", "max_seconds"),)}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Comments carry the slug as their source: it may not change under them.
        return ("where", "site", "slug") if obj else ("where",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"owner": person(request).pk, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: ImportSource, form: SourceForm, change: bool) -> None:
        editing.store(obj, form.cleaned_data.get("upload"), form.wanted_rhythm(), timezone.now())

    def response_add(
        self, request: HttpRequest, obj: ImportSource, post_url_continue: str | None = None
    ) -> HttpResponse:
        """On its own page the next steps stand: try it, run it."""
        if "_addanother" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        messages.success(
            request, _("The source %(source)s is stored. Try its address next.") % {"source": obj}
        )
        return redirect("admin:comments_importsource_change", obj.pk)

    # --- what is shown ----------------------------------------------------

    @display(description=_("source address"))
    def where(self, source: ImportSource) -> str:
        return shown_address(source) or "–"

    @display(
        description=_("state"),
        label={"reading": "info", "failing": "danger", "ready": "success", "by-hand": "info"},
    )
    def state(self, source: ImportSource) -> tuple[str, Any]:
        if source.claimed_until and source.claimed_until >= timezone.now():
            return "reading", _("being read")
        if source.failures:
            return "failing", _("cannot be read")
        return ("ready", _("ready")) if source.address else ("by-hand", _("by the command line alone"))

    @display(description=_("last run"), empty_value="–")
    def last_run_at(self, source: Any) -> Any:
        return source.newest_run

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        source = self.get_object(request, object_id)
        panel = self._panel(request, source) if source else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "panel": panel})

    def _panel(self, request: HttpRequest, source: ImportSource) -> dict[str, Any]:
        """What stands above the form: how it goes, and what to do next."""
        rhythm, zone = rhythm_of(source), ZoneInfo(source.site.zone)
        times: list[Any] = []
        if rhythm is not None and source.due_at is not None:
            # Beat's own pages let in what ours does not: the field says what is wrong with it.
            with suppress(Fault):
                times = rhythm.after(timezone.now(), zone.key, SHOWN_TIMES)
        return {
            "source": source,
            "state": self.state(source),
            "zone": zone,
            "times": [_told(moment, zone) for moment in times],
            "due": source.due_at and _told(source.due_at, zone),
            "skipped": source.skipped_at and _told(source.skipped_at, zone),
            "runs": [(run, _told(run.started_at, zone)) for run in source.runs.all()[:SHOWN_RUNS]],
            "may_run": bool(source.address) and self.has_change_permission(request, source),
        }

    # --- pages of its own -------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        pages = (("try", self.try_view), ("run", self.run_view))
        return [
            *(
                path(
                    f"<int:key>/{name}/",
                    self.admin_site.admin_view(view),
                    name=f"comments_importsource_{name}",
                )
                for name, view in pages
            ),
            *super().get_urls(),
        ]

    def _source(self, request: HttpRequest, key: int) -> ImportSource:
        if not request.user.has_perm("comments.change_importsource"):
            raise PermissionDenied
        source: ImportSource = get_object_or_404(self.get_queryset(request).exclude(address=""), pk=key)
        return source

    def try_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Fetch the head of the address and show how it is understood."""
        source = self._source(request, key)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": gettext("The address of %(source)s, tried") % {"source": source},
            "source": source,
            "where": shown_address(source),
            "back": reverse("admin:comments_importsource_change", args=[key]),
        }
        try:
            tried = try_address(source)
        except (Fault, Unreadable) as fault:
            context["fault"] = str(fault)
        else:
            zone = ZoneInfo(tried.zone)
            context["tried"] = tried
            context["policy"] = Policy(tried.policy).label
            context["confidence"] = f"{tried.encoding.confidence:.0%}"
            context["rows"] = [_sample(row, zone) for row in tried.rows]
        return TemplateResponse(request, "admin/comments/importsource/try.html", context)

    def run_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Ask, then have it read."""
        source = self._source(request, key)
        back = reverse("admin:comments_importsource_change", args=[key])
        if request.method == "POST":
            if editing.run_now(source, timezone.now()):
                self.log_change(request, source, gettext("Run now"))
                messages.success(
                    request, _("It is read as soon as a worker is free. This page shows the run.")
                )
            else:
                messages.info(request, _("It is being read already."))
            return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Read %(source)s now?") % {"source": source},
            "explanation": _(
                "What has changed since its last run is fetched from %(where)s and stored. The same file "
                "twice changes nothing."
            )
            % {"where": shown_address(source)},
            "button": _("Run now"),
            "harmless": True,
            "back": back,
        }
        return TemplateResponse(request, "admin/confirm.html", context)


def _told(moment: datetime, zone: ZoneInfo) -> str:
    """A time in a site's zone: templates would tell it in that of the server."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _sample(row: Row, zone: ZoneInfo) -> dict[str, Any]:
    """A row as it was understood."""
    draft = row.draft
    if isinstance(draft, ArticleDraft):
        moment, told = draft.published_at, {"what": _("article"), "who": "", "text": draft.title}
    else:
        moment, told = (
            draft.posted_at,
            {"what": _KINDS.get(draft.kind, draft.kind), "who": draft.author_name, "text": draft.body},
        )
    return {
        **told,
        "place": row.place,
        "id": draft.external_id,
        "when": moment and f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S %z}",
        "notices": [notice.text for notice in row.notices],
    }


def tell_owner_of_failures(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """On the first page of the admin: a word to whoever owns a source that cannot be read."""
    if request.user.has_perm("comments.view_importsource"):
        mine = ImportSource.objects.visible_to(request.user).filter(owner=request.user.pk, failures__gt=0)
        for source in mine.order_by("pk")[:3]:
            messages.warning(request, _notice(source))
    return context


def _notice(source: ImportSource) -> SafeString:
    return format_html(
        '{} <a class="underline" href="{}">{}</a>',
        _("Your import source %(source)s cannot be read.") % {"source": source},
        reverse("admin:comments_importsource_change", args=[source.pk]),
        _("See why"),
    )
