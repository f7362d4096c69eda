"""Import runs: the list, and the page of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from comments.admin.base import Bounded, ReadOnly, SiteOfSourceFilter, person
from comments.admin.run_page import COUNTS, etag, make_page, state_of
from comments.disclosing import DisclosedBy, disclose_file
from comments.imports.asking import CannotAsk, ask, ask_for_problems, ask_to_go_on
from comments.imports.counting import counts_of_runs, total
from comments.imports.mending import suffix, to_mend
from comments.masking import may_see_personal_data
from comments.models import Asked, Disclosure, ImportProblem, ImportRun

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.admin.views.main import ChangeList
    from django.contrib.auth.models import AnonymousUser, User
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from django.urls import URLPattern

STEER = "comments.steer_importrun"
# What the buttons of the page ask, by their value.
ASKS: dict[str, Callable[[int, User], ImportRun]] = {
    "pause": lambda run, by: ask(run, Asked.PAUSE, by),
    "cancel": lambda run, by: ask(run, Asked.CANCEL, by),
    "go-on": ask_to_go_on,
    "problems": ask_for_problems,
}
TONES = {
    "published": "success",
    "received": "info",
    "held": "warning",
    "bad": "warning",
    "rejected": "danger",
}


@admin.register(ImportRun)
class ImportRunAdmin(Bounded, ReadOnly, ModelAdmin[ImportRun]):
    list_display = ("run", "source", "path", "state", "policy", "summary", "started_at")
    list_filter = (("status", ChoicesDropdownFilter), SiteOfSourceFilter)
    list_filter_submit = True
    list_select_related = ("source",)
    show_full_result_count = False
    change_form_template = "admin/comments/importrun/page.html"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:key>/state/", wrap(require_GET(self.parts)), name="comments_importrun_state"),
            path("<int:key>/ask/", wrap(require_POST(self.ask)), name="comments_importrun_ask"),
            path("<int:key>/mend/", wrap(require_GET(self.mend)), name="comments_importrun_mend"),
            *super().get_urls(),
        ]

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list, whose runs get their counts together."""
        found = super().get_changelist_instance(request)
        runs = list(found.result_list)
        counts = counts_of_runs([run.pk for run in runs])
        for run in runs:
            run.counts = counts[run.pk]
        found.result_list = runs
        return found

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        run = kwargs.get("obj")
        if run is not None:
            context |= self.page_context(request, run)
        return super().render_change_form(request, context, *args, **kwargs)

    def parts(self, request: HttpRequest, key: int) -> HttpResponse:
        """The parts of the page that change, as HTML; 304 where they have not."""
        run = self._run(request, key)
        tag = etag(run, get_language(), request.user.has_perm(STEER))
        if request.headers.get("If-None-Match") == tag:
            response: HttpResponse = HttpResponseNotModified()
        else:
            response = TemplateResponse(
                request, "admin/comments/importrun/parts.html", self.page_context(request, run)
            )
        response["ETag"] = tag
        response["Cache-Control"] = "private, no-cache"
        return response

    def ask(self, request: HttpRequest, key: int) -> HttpResponse:
        """What a button asks of the run; back to its page, which tells what became of it."""
        if not request.user.has_perm(STEER):
            raise PermissionDenied
        run = self._run(request, key)
        do = ASKS.get(request.POST.get("do", ""))
        if do is None:
            raise Http404
        try:
            messages.success(request, state_of(do(run.pk, person(request))).words)
        except CannotAsk as refused:
            messages.error(request, str(refused))
        return redirect(reverse("admin:comments_importrun_change", args=[key]))

    def mend(self, request: HttpRequest, key: int) -> HttpResponseBase:
        """The refused rows as a file to mend."""
        if not may_see_personal_data(request.user):
            raise PermissionDenied
        run = self._run(request, key)
        shown = Disclosure(by_page=DisclosedBy.TO_MEND, site=run.source.site, about=run.pk)
        disclose_file(shown, by=person(request))
        response = StreamingHttpResponse(to_mend(run), content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="run-{run.pk}-to-mend.{suffix(run)}"'
        response["Cache-Control"] = "private, no-store"
        return response

    def _run(self, request: HttpRequest, key: int) -> ImportRun:
        if not self.has_view_permission(request):
            raise PermissionDenied
        run: ImportRun = get_object_or_404(self.get_queryset(request).select_related("source__site"), pk=key)
        return run

    def page_context(self, request: HttpRequest, run: ImportRun) -> dict[str, Any]:
        """What the templates of the page and of its parts are given."""
        user = request.user
        return {
            "page": make_page(run),
            "run": run,
            "columns": COUNTS.values(),
            "etag": etag(run, get_language(), user.has_perm(STEER)),
            "may_steer": user.has_perm(STEER),
            "may_see_rows": may_see_personal_data(user),
            "may_see_ledger": _may_see_ledger(user),
        }

    @display(description=_("import run"))
    def run(self, run: ImportRun) -> str:
        return str(run)

    @display(description=_("status"), label=TONES)
    def state(self, run: ImportRun) -> tuple[str, str]:
        state = state_of(run)
        return state.tone, state.words

    @display(description=_("counts"))
    def summary(self, run: ImportRun) -> str:
        if run.unchanged:
            return run.get_unchanged_display()
        return gettext("%(read)s read: %(created)s created, %(problems)s refused; %(notices)s notices") % {
            name: f"{total(run.counts, name):,}" for name in ("read", "created", "problems", "notices")
        }


def _may_see_ledger(user: User | AnonymousUser) -> bool:
    return user.has_perm(f"comments.view_{ImportProblem._meta.model_name}")
