"""Try-outs: what there were, what one found, and its end before its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from comments.admin.base import LargeAdmin, ReadOnly, SiteFilter, member_of_every_site, row_id, visible
from comments.admin.revealing import reveal_link, reveals
from comments.disclosing import DisclosedBy, DisclosedKind, disclose
from comments.masking import may_see_personal_data
from moderation import backtest
from moderation.admin.scores import in_short
from moderation.admin.tryout_page import make_page
from moderation.admin.veiling import veil_context
from moderation.backtest import Counts
from moderation.backtest.drafts import version_of
from moderation.models import Rule, Tryout, TryoutStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from comments.models import Comment

STATUS_LABELS: dict[str, str] = {
    TryoutStatus.WAITING: "info",
    TryoutStatus.RUNNING: "info",
    TryoutStatus.PAUSED: "warning",
    TryoutStatus.DONE: "success",
    TryoutStatus.CANCELLED: "default",
    TryoutStatus.FAILED: "danger",
}


def may_try(user: User, site_id: int | None) -> bool:
    """Whether he may try rules on the comments of a site, or of all: whoever may change such rules."""
    allowed = user.has_perm("moderation.change_rule") or user.has_perm("moderation.add_rule")
    return allowed and (site_id is not None or member_of_every_site(user))


class RuleFilter(DropdownFilter):
    """By the rule that was tried, of those that one may see."""

    title = _("rule")
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(rule.pk), str(rule)) for rule in visible(Rule, request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tryout]) -> QuerySet[Tryout]:
        value = row_id(self.value())
        return queryset if value is None else queryset.filter(rule=value)


@admin.register(Tryout)
class TryoutAdmin(ReadOnly, LargeAdmin[Tryout]):
    list_display = ("what", "status_label", "period", "found", "site", "created_by", "created_at")
    list_filter = (SiteFilter, RuleFilter)
    list_select_related = ("site", "rule", "rule_set", "created_by")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("moderation.view_rule"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @display(description=_("what was tried"))
    def what(self, tryout: Tryout) -> str:
        return what_of(tryout)

    @display(description=_("status"), label=STATUS_LABELS)
    def status_label(self, tryout: Tryout) -> tuple[str, str]:
        return tryout.status, tryout.get_status_display()

    @display(description=_("comments received"))
    def period(self, tryout: Tryout) -> str:
        zone = ZoneInfo(tryout.site.zone) if tryout.site else None
        since, until = timezone.localtime(tryout.since, zone), timezone.localtime(tryout.until, zone)
        return f"{since:%Y-%m-%d} – {until:%Y-%m-%d}"

    @display(description=_("found"))
    def found(self, tryout: Tryout) -> str:
        return in_short(Counts.from_json(tryout.counts).compared.draft) if tryout.counts else "–"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.ask_view)
        return [path("<int:key>/ask/", view, name="moderation_tryout_ask"), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("site", "rule", "rule_set", "created_by")
        tryout = get_object_or_404(rows, pk=row_id(object_id) or 0)
        user: Any = request.user
        # While it is going on its page loads itself again and again.
        full = reveals(request) and tryout.status not in {TryoutStatus.WAITING, TryoutStatus.RUNNING}
        # What is blurred is told by the samples' own findings: no query is needed for it.
        veiling = veil_context(request, [])
        page = make_page(tryout, user, full=full, veils=veiling["veils"])
        samples = [each.comment for group in page.groups for each in group.samples]
        if full:
            kinds = [DisclosedKind.EMAIL]
            disclose(samples, DisclosedBy.TRYOUT, by=user, kinds=kinds, about=tryout.pk)
        context = {
            **self.admin_site.each_context(request),
            "reveal": reveal_link(request) if _may_show(user, samples) and not page.going else "",
            "title": _("Try-out of %(what)s") % {"what": what_of(tryout)},
            **veiling,
            "page": page,
            "zone": tryout.site.zone if tryout.site else timezone.get_current_timezone(),
            "may_ask": may_try(user, tryout.site_id),
            "back": _back(tryout),
            "opts": self.opts,
        }
        return TemplateResponse(request, "moderation/tryout.html", context)

    def ask_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Pause a try-out, go on with it, or end it."""
        tryout = get_object_or_404(visible(Tryout, request.user), pk=key)
        user: Any = request.user
        if not may_try(user, tryout.site_id):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        match request.POST.get("action"):
            case "pause":
                backtest.pause(key)
            case "go-on":
                backtest.go_on(key)
            case "cancel" if backtest.cancel(key, timezone.now()):
                messages.success(request, _("The try-out has ended. What it had found is kept."))
        return redirect(reverse("admin:moderation_tryout_change", args=[key]))


def _may_show(user: User, samples: Sequence[Comment]) -> bool:
    return may_see_personal_data(user) and any(each.author_email for each in samples)


def what_of(tryout: Tryout) -> str:
    """What was tried, by name. Needs no query where rule and rule set are there."""
    if tryout.rule_set_id:
        return str(_("rule set %(number)s") % {"number": tryout.rule_set})
    if len(tryout.drafts) != 1:
        return str(_("a file of %(count)d rules") % {"count": len(tryout.drafts)})
    (tried,) = tryout.drafts
    if "version" in tried:
        return str(tryout.rule)
    return str(_("%(rule)s (draft)") % {"rule": version_of(tried)})


def _back(tryout: Tryout) -> str:
    """The form with the values that were tried; "" where there is none."""
    if tryout.rule_id:
        return f"{reverse('admin:moderation_rule_change', args=[tryout.rule_id])}?tryout={tryout.pk}"
    if len(tryout.drafts) != 1 or "terms" not in tryout.drafts[0]:
        return ""
    check = quote(tryout.drafts[0]["terms"]["check_slug"])
    return f"{reverse('admin:moderation_rule_add')}?check={check}&tryout={tryout.pk}"
