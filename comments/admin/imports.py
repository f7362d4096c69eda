"""Imports: each run with its counts, each row that was refused or noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from comments.admin.articles import prose
from comments.admin.base import Bounded, LargeAdmin, ReadOnly, SiteOfSourceFilter, row_id
from comments.masking import may_see_personal_data
from comments.models import ImportProblem, ImportRun, RunStatus

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

COUNTS = {
    "read": _("read"),
    "created": _("created"),
    "updated": _("updated"),
    "unchanged": _("unchanged"),
    "problems": _("refused"),
    "notices": _("notices"),
}
KINDS = {"articles": _("articles"), "comments": _("comments"), "pings": _("pings")}


def counts_table(counts: dict[str, dict[str, int]]) -> SafeString:
    """The counts of a run, a kind a line."""
    head = format_html_join("", '<th scope="col">{}</th>', ((label,) for label in COUNTS.values()))
    lines = (
        (
            KINDS.get(kind, kind),
            format_html_join("", "<td>{}</td>", ((numbers.get(name, 0),) for name in COUNTS)),
        )
        for kind, numbers in counts.items()
    )
    body = format_html_join("", '<tr><th scope="row">{}</th>{}</tr>', lines)
    return format_html(
        '<table class="sekisho-counts"><thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table>',
        head,
        body,
    )


@admin.register(ImportRun)
class ImportRunAdmin(Bounded, ReadOnly, ModelAdmin[ImportRun]):
    list_display = ("run", "source", "path", "state", "policy", "summary", "started_at")
    list_filter = (("status", ChoicesDropdownFilter), SiteOfSourceFilter)
    list_filter_submit = True
    list_select_related = ("source",)
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("status", "error", "table", "problems_link")}),
        (
            _("What was read"),
            {
                "fields": (
                    "source",
                    "path",
                    "format",
                    "policy",
                    "position",
                    "started_at",
                    "finished_at",
                )
            },
        ),
    )
    readonly_fields = ("table", "problems_link")

    @display(description=_("import run"))
    def run(self, run: ImportRun) -> str:
        return str(run)

    @display(
        description=_("status"),
        label={RunStatus.RUNNING: "info", RunStatus.DONE: "success", RunStatus.FAILED: "danger"},
    )
    def state(self, run: ImportRun) -> tuple[str, str]:
        return run.status, run.get_status_display()

    @display(description=_("counts"))
    def summary(self, run: ImportRun) -> str:
        if run.unchanged:
            return run.get_unchanged_display()
        return gettext("%(created)d created, %(problems)d refused, %(notices)d notices") % {
            name: sum(numbers.get(name, 0) for numbers in run.counts.values())
            for name in ("created", "problems", "notices")
        }

    @display(description=_("counts"))
    def table(self, run: ImportRun) -> SafeString | str:
        return counts_table(run.counts) if run.counts else "–"

    @display(description=_("problems and notices"))
    def problems_link(self, run: ImportRun) -> SafeString:
        address = f"{reverse('admin:comments_importproblem_changelist')}?run={run.pk}"
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', address, _("Show them")
        )


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


class CodeFilter(DropdownFilter):
    """By code: those of the chosen run, else of the newest problems."""

    title = _("code")
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = ImportProblem.objects.visible_to(request.user)
        if run := row_id(request.GET.get("run")):
            rows = rows.filter(run=run)
        newest = rows.order_by("-pk").values_list("code", flat=True)[:5000]
        return [(code, code) for code in sorted(set(newest))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(code=self.value()) if self.value() else queryset


@admin.register(ImportProblem)
class ImportProblemAdmin(ReadOnly, LargeAdmin[ImportProblem]):
    list_display = ("place", "outcome", "kind", "code", "reason", "run")
    list_filter = (RunFilter, ("refused", BooleanRadioFilter), CodeFilter)
    list_select_related = ("run",)
    ordering = ("-id",)
    readonly_fields = ("row",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        shown = ("run", "place", "refused", "kind", "code", "reason")
        # A raw row may hold an e-mail or a network address in any place.
        return (*shown, "row") if may_see_personal_data(request.user) else shown

    @display(description=_("outcome"), label={"refused": "danger", "notice": "info"})
    def outcome(self, problem: ImportProblem) -> tuple[str, Any]:
        return ("refused", _("refused")) if problem.refused else ("notice", _("notice"))

    @display(description=_("row"))
    def row(self, problem: ImportProblem) -> SafeString:
        return prose(problem.raw)
