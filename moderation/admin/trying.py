"""Trying a rule from its form, before it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from comments.admin.base import person, row_id, visible
from moderation import backtest
from moderation.admin.rule_form import PREFIX
from moderation.admin.scores import in_short
from moderation.admin.tryouts import may_try
from moderation.models import Rule, Tryout
from moderation.precision import live_scores
from moderation.rules import TERMS

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    from moderation.admin.rule_form import RuleForm

    Base = ModelAdmin[Rule]
else:
    Base = object

CHOICES = (7, 30, 90, 365)


class TriesOut(Base):
    """For the admin of rules: a second button tries what the form says, and saves nothing."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST" and "_tryout" in request.POST:
            tryout = self._try_out(request, object_id)
            if tryout is not None:
                return redirect(reverse("admin:moderation_tryout_change", args=[tryout.pk]))
            # What is wrong is shown in the form, which saves nothing as long as it is.
        context = {**(extra_context or {}), "tryout": self._asked(request, object_id)}
        return super().changeform_view(request, object_id, form_url, context)

    def _try_out(self, request: HttpRequest, object_id: str | None) -> Tryout | None:
        """The try-out of what the form says; None where it cannot be a rule."""
        rule = self.get_object(request, unquote(object_id)) if object_id else None
        if object_id and rule is None:
            raise PermissionDenied
        allowed = self.has_change_permission(request, rule) if rule else self.has_add_permission(request)
        if not allowed:
            raise PermissionDenied
        made = self.get_form(request, rule, change=rule is not None)
        form = cast("RuleForm", made(request.POST, request.FILES, instance=rule))
        form.only_tried = True
        if not form.is_valid():
            return None
        if not may_try(person(request), form.instance.site_id):
            raise PermissionDenied
        days = row_id(request.POST.get("tryout_days")) or backtest.DAYS
        period = backtest.Period.days(min(days, max(CHOICES)), timezone.now())
        return backtest.try_rule(form.instance, period, by=person(request))

    def _asked(self, request: HttpRequest, object_id: str | None) -> dict[str, Any] | None:
        """What the block of the form needs; None where he may try nothing."""
        rule = self.get_object(request, unquote(object_id)) if object_id else None
        allowed = self.has_change_permission(request, rule) if rule else self.has_add_permission(request)
        if not allowed or (object_id and rule is None):
            return None
        version = backtest.in_force_of(rule) if rule else None
        return {
            "choices": CHOICES,
            "days": row_id(request.POST.get("tryout_days")) or backtest.DAYS,
            "past": rule and f"{reverse('admin:moderation_tryout_changelist')}?rule={rule.pk}",
            "live": in_short(live_scores([version.pk])[version.pk]) if version else "",
        }

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Rule | None:
        """The rule; on the way back from a try-out with the values that were tried."""
        rule: Rule | None = super().get_object(request, object_id, from_field)
        draft = _draft(request)
        if rule is not None and draft and draft["terms"]["check_slug"] == rule.check_slug:
            for name, value in _values(draft).items():
                setattr(rule, name, value)
            rule.word_list_id = draft["word_list"]
        return rule

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        draft = _draft(request)
        if draft is None:
            return initial
        terms = _values(draft)
        params = terms.pop("params")
        terms |= {name.removesuffix("_id"): terms[name] for name in ("site_id", "reason_id")}
        typed = {f"{PREFIX}{name}": value for name, value in params.items()}
        return {**initial, **terms, **typed, "slug": draft["slug"], "word_list": draft["word_list"]}


def _draft(request: HttpRequest) -> dict[str, Any] | None:
    """The draft of the try-out that the address names, if there is one to take up."""
    key = row_id(request.GET.get("tryout")) if request.method == "GET" else None
    tryout = visible(Tryout, request.user).filter(pk=key).first() if key else None
    if tryout is None or len(tryout.drafts) != 1 or "terms" not in tryout.drafts[0]:
        return None
    draft: dict[str, Any] = tryout.drafts[0]
    return draft


def _values(draft: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in draft["terms"].items() if name in TERMS}
