"""The ledger in the admin: each row that was refused or noticed, to filter, read, download, erase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from comments.admin.articles import prose
from comments.admin.base import LargeAdmin, ReadOnly, person, row_id
from comments.admin.erasing import ERASE
from comments.admin.revealing import reveal_link, reveals
from comments.admin.run_page import KINDS
from comments.disclosing import DisclosedBy, disclose_file
from comments.erasing import erase_rows
from comments.formats.base import KINDS as KIND_NAMES
from comments.imports.downloads import WRITERS
from comments.masking import may_see_personal_data
from comments.models import Disclosure, ImportProblem, ImportRun, ImportSource

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

# Entries among which a word is looked for: some tenths of a second.
SEARCHED = 100_000
# First entries of a run, or newest of all, whose codes the filter offers.
CODES_OF = 5_000
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
LINK = '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>'


class RunFilter(DropdownFilter):
    title = _("import run")
    parameter_name = "run"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        mine = ImportRun.objects.visible_to(request.user).select_related("source")
        rows = list(mine.order_by("-pk")[:20])
        chosen = row_id(request.GET.get(self.parameter_name))
        if chosen and chosen not in {row.pk for row in rows}:
            rows = [*mine.filter(pk=chosen), *rows]
        return [(str(row.pk), f"{row} {row.source}") for row in rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = row_id(self.value())
        return queryset if value is None else queryset.filter(run=value)


class SourceFilter(DropdownFilter):
    title = _("import source")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        sources = ImportSource.objects.visible_to(request.user).select_related("site")
        return [(str(row.pk), f"{row.slug} ({row.site})") for row in sources.order_by("slug", "pk")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = row_id(self.value())
        return queryset if value is None else queryset.filter(run__source=value)


class OutcomeFilter(DropdownFilter):
    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("refused", _("refused")), ("notice", _("notice"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = self.value() in {"refused", "notice"}
        return queryset.filter(refused=self.value() == "refused") if known else queryset


class KindFilter(DropdownFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind, KINDS[kind]) for kind in KIND_NAMES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() in KIND_NAMES else queryset


class CodeFilter(DropdownFilter):
    """By code: those of the chosen run's first entries, else of the newest, and the one in the address."""

    title = _("code")
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = ImportProblem.objects.visible_to(request.user).order_by("-pk")
        if run := row_id(request.GET.get("run")):
            rows = rows.filter(run=run).order_by("position", "pk")
        codes = set(rows.values_list("code", flat=True)[:CODES_OF])
        codes |= {request.GET[self.parameter_name]} if request.GET.get(self.parameter_name) else set()
        return [(code, code) for code in sorted(codes)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(code=self.value()) if self.value() else queryset


@admin.register(ImportProblem)
class ImportProblemAdmin(ReadOnly, LargeAdmin[ImportProblem]):
    list_display = ("place", "outcome", "kind_name", "code", "reason", "run")
    list_filter = (RunFilter, SourceFilter, OutcomeFilter, KindFilter, CodeFilter)
    list_select_related = ("run",)
    list_before_template = "admin/comments/importproblem/downloads.html"
    search_fields = ("place", "reason")
    search_help_text = _("Part of a place or a reason, among the first 100,000 that the filters leave")
    readonly_fields = ("outcome", "kind_name", "run_link", "row", "erase_link")
    change_form_before_template = "admin/comments/reveal.html"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "download/<str:form>/",
                wrap(require_GET(self.download)),
                name="comments_importproblem_download",
            ),
            path("<int:key>/erase/", wrap(self.erase_view), name="comments_importproblem_erase"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("run__source")
        return rows if may_see_personal_data(request.user) else rows.defer("raw")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Of one run by place, as its index has them; of all the newest first."""
        return ("run", "position", "id") if row_id(request.GET.get("run")) else ("-id",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Among the first SEARCHED: no index finds a part of a sentence, however long the table is."""
        word = search_term.strip()
        if not word:
            return queryset, False
        first = queryset.order_by(*self.get_ordering(request)).values("pk")[:SEARCHED]
        found = Q(place__icontains=word) | Q(reason__icontains=word)
        return queryset.filter(found, pk__in=first), False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        shown: tuple[str, ...] = ("run_link", "place", "outcome", "kind_name", "code", "reason")
        # A raw row may hold an e-mail or a network address in any place.
        if reveals(request):
            shown = (*shown, "row")
        return (*shown, "erase_link") if request.user.has_perm(ERASE) and obj and obj.raw else shown

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        problem = kwargs.get("obj")
        if problem is not None and may_see_personal_data(request.user) and problem.raw:
            context["reveal"] = reveal_link(request)
            if reveals(request):
                shown = Disclosure(by_page=DisclosedBy.ENTRY, site=problem.run.source.site, about=problem.pk)
                disclose_file(shown, by=person(request))
        return super().render_change_form(request, context, *args, **kwargs)

    def download(self, request: HttpRequest, form: str) -> StreamingHttpResponse:
        """What the list shows by its filters, as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if form not in WRITERS:
            raise Http404
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            raise Http404 from None
        run = row_id(request.GET.get("run"))
        if personal := may_see_personal_data(request.user):
            of = ImportRun.objects.visible_to(request.user).select_related("source__site").filter(pk=run or 0)
            site = found.source.site if (found := of.first()) else None
            shown = Disclosure(by_page=DisclosedBy.LEDGER, site=site, about=run)
            disclose_file(shown, by=person(request))
        response = StreamingHttpResponse(WRITERS[form](rows, personal=personal), content_type=TYPES[form])
        name = f"ledger-run-{run}.{form}" if run else f"ledger.{form}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response

    def erase_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Say what will happen, then do it. Who did it stands in the entry's history."""
        if not (request.user.has_perm(ERASE) and self.has_view_permission(request)):
            raise PermissionDenied
        problem = get_object_or_404(self.get_queryset(request), pk=key)
        back = reverse("admin:comments_importproblem_change", args=[key])
        if request.method == "POST":
            if erase_rows(ImportProblem.objects.filter(pk=key)):
                self.log_change(request, problem, [{"changed": {"fields": [gettext("raw row erased")]}}])
                messages.success(request, gettext("The raw row is erased. Place and reason stay."))
            return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Erase this raw row for good?"),
            "explanation": _(
                "What stood in the row goes; its place, the code and the reason stay. It can no longer be "
                "mended from here, only in the file that it came from."
            ),
            "details": f"{problem.run} {problem}",
            "button": _("Erase for good"),
            "back": back,
        }
        return TemplateResponse(request, "admin/confirm.html", context)

    @display(description=_("outcome"), label={"refused": "danger", "notice": "info"})
    def outcome(self, problem: ImportProblem) -> tuple[str, Any]:
        return ("refused", _("refused")) if problem.refused else ("notice", _("notice"))

    @display(description=_("kind"))
    def kind_name(self, problem: ImportProblem) -> Any:
        return KINDS.get(problem.kind, problem.kind)

    @display(description=_("import run"))
    def run_link(self, problem: ImportProblem) -> Any:
        address = reverse("admin:comments_importrun_change", args=[problem.run_id])
        return format_html(LINK, address, f"{problem.run} {problem.run.source} {problem.run.path}")

    @display(description=_("row"))
    def row(self, problem: ImportProblem) -> Any:
        return prose(problem.raw)

    @display(description=_("erase"))
    def erase_link(self, problem: ImportProblem) -> Any:
        address = reverse("admin:comments_importproblem_erase", args=[problem.pk])
        return format_html(LINK, address, _("Erase the raw row"))
