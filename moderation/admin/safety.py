"""Breakers and safeguards in the admin: what has fallen back, who puts it back, and a site's bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from comments.admin.base import Bounded, Kept, member_of_every_site, person
from moderation.limits import REJECTIONS_A_DAY
from moderation.models import BreakerTrip, Safeguards
from moderation.safety import NoReason, reset_breaker

if TYPE_CHECKING:
    from moderation.models import Rule


def may_reset(request: HttpRequest, rule: Rule) -> bool:
    """Whoever may change the rule may let it act again."""
    allowed = request.user.has_perm("moderation.change_rule")
    return allowed and (rule.site_id is not None or member_of_every_site(request.user))


def reset_view(request: HttpRequest, trip: int) -> HttpResponse:
    """Say what happened, ask why the rule may act again, and let it."""
    rows = BreakerTrip.objects.visible_to(person(request)).select_related("rule__site", "rule_version")
    row = get_object_or_404(rows, pk=trip)
    if not may_reset(request, row.rule):
        raise PermissionDenied
    error = ""
    if request.method == "POST":
        try:
            done = reset_breaker(
                trip, by=person(request), reason=request.POST.get("reason", "")[:2_000], now=timezone.now()
            )
        except NoReason:
            error = str(_("Say why the rule may act again."))
        else:
            told = _("The rule acts again.") if done else _("Somebody else has already reset it.")
            messages.success(request, told)
            return redirect("admin:moderation_rule_change", row.rule_id)
    context = {
        **admin.site.each_context(request),
        "title": _("Let “%(rule)s” act again?") % {"rule": row.rule},
        "trip": row,
        "error": error,
        "back": reverse("admin:moderation_rule_change", args=[row.rule_id]),
    }
    return TemplateResponse(
        request, "admin/moderation/rule/reset.html", context, status=422 if error else 200
    )


class SafeguardsForm(forms.ModelForm[Safeguards]):
    """Shares are of a thousand."""

    class Meta:
        model = Safeguards
        fields = ("site", "rejections_a_day", "audit_rejected", "audit_published")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("audit_rejected", "audit_published"):
            if name in self.fields:
                self.fields[name] = forms.IntegerField(
                    label=self.fields[name].label,
                    help_text=self.fields[name].help_text,
                    widget=self.fields[name].widget,
                    required=False,
                    min_value=0,
                    max_value=1000,
                )


@admin.register(Safeguards)
class SafeguardsAdmin(Bounded, Kept, ModelAdmin[Safeguards]):
    """Where a site has none, or a figure is empty, the installation's hold."""

    form = SafeguardsForm
    list_display = ("site", "rejections_a_day", "audit_rejected", "audit_published")
    list_select_related = ("site",)
    list_before_template = "admin/moderation/safeguards/before_list.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "quota": REJECTIONS_A_DAY})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        told = _("Empty: %(quota)d rejections a day, and the samples that the installation is set to.")
        names = ("site", "rejections_a_day", "audit_rejected", "audit_published")
        return ((None, {"fields": names, "description": told % {"quota": REJECTIONS_A_DAY}}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("site",) if obj else ()
