"""Rules: a typed form, every save a version, any version restored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import linebreaksbr
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from comments.admin.base import SiteFilter, member_of_every_site, person, row_id, visible
from comments.recording import record_change
from moderation import rules
from moderation.admin import again, external, presets, safety, undoing_rules
from moderation.admin.base import SiteOrAllAdmin
from moderation.admin.differences import differences, in_words
from moderation.admin.rule_form import PREFIX, RuleForm, parameters, rule_form, too_little
from moderation.admin.rule_versions import VersionInline, told
from moderation.admin.trying import TriesOut
from moderation.checks import BY_SLUG
from moderation.checks.base import takes_words
from moderation.examples import takes_examples, to_lines
from moderation.models import Action, Mode, Rule, RuleVersion
from moderation.raising import asks_for_reason
from moderation.safety import warnings_for
from moderation.templatetags.desk import short

if TYPE_CHECKING:
    from django.forms import ModelForm
    from django.utils.safestring import SafeString

    from moderation.checks.base import Check

MODE_LABELS: dict[str, str] = {Mode.OFF: "default", Mode.OBSERVE: "info", Mode.ENFORCE: "success"}
ACTION_LABELS: dict[str, str] = {Action.FLAG: "info", Action.HOLD: "warning", Action.REJECT: "danger"}


@admin.register(Rule)
class RuleAdmin(TriesOut, SiteOrAllAdmin, ModelAdmin[Rule]):
    list_display = ("__str__", "check_title", "mode_label", "action_label", "reason", "where", "slug")
    list_filter = (("mode", ChoicesDropdownFilter), ("action", ChoicesDropdownFilter), SiteFilter)
    list_filter_submit = True
    list_select_related = ("reason", "site")
    inlines = (VersionInline,)
    search_fields = ("slug", "name_ja", "name_en")
    list_before_template = "admin/moderation/rule/before_list.html"
    change_form_before_template = "admin/moderation/rule/before_form.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        before = {
            "presets": presets.offered(request),
            "no_rules": not Rule.objects.exists(),
            "warnings": warnings_for(person(request), timezone.now()),
        }
        return super().changelist_view(request, {**(extra_context or {}), **before})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        key = row_id(object_id)
        found = {
            "warnings": warnings_for(person(request), timezone.now()).of_rule(key),
            "service": external.panel(request, visible(Rule, request.user).filter(pk=key).first()),
        }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **found})

    @display(description=_("check"))
    def check_title(self, rule: Rule) -> str:
        check = BY_SLUG.get(rule.check_slug)
        return _title(check) if check else rule.check_slug

    @display(description=_("mode"), label=MODE_LABELS)
    def mode_label(self, rule: Rule) -> tuple[str, str]:
        return rule.mode, short(rule.get_mode_display())

    @display(description=_("action"), label=ACTION_LABELS)
    def action_label(self, rule: Rule) -> tuple[str, str]:
        return rule.action, short(rule.get_action_display())

    def get_form(
        self, request: HttpRequest, obj: Rule | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        check = self._check(request, obj)
        return super().get_form(
            request, obj, change, **{**kwargs, "form": rule_form(check) if check else RuleForm}
        )

    def get_fieldsets(self, request: HttpRequest, obj: Rule | None = None) -> Any:
        check = self._check(request, obj)
        typed = tuple(f"{PREFIX}{field.name}" for field in parameters(check)) if check else ()
        words = ("word_list",) if check and takes_words(check) else ()
        writes = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        looks_for = words + (typed if writes else ("parameters",))
        return (
            (None, {"fields": ("name_ja", "name_en", "slug", "site", "applies_to")}),
            (
                _("What it looks for: %(check)s") % {"check": _title(check)}
                if check
                else _("What it looks for"),
                {"fields": looks_for, "description": check and _describe(check)},
            ),
            (
                _("What it does"),
                {"fields": ("mode", "action", "severity", "reason", *(("note",) if writes else ()))},
            ),
            (
                _("How far it may go by itself"),
                {
                    "fields": ("breaker_pairs", "breaker_minutes", "daily_quota"),
                    "description": _(
                        "However often one person tries, he counts once. A rule that stopped too many "
                        "different people only flags until somebody resets it; imports do not count."
                    ),
                },
            ),
            (
                _("Message to the author"),
                {
                    "fields": ("message_ja", "message_en"),
                    "description": _(
                        "Leave empty for the reason's own text. Say what to do next, and name no rule and "
                        "no word: that would teach how to get past them."
                    ),
                },
            ),
            *(_examples(writes) if check and takes_examples(check()) else ()),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug", "parameters", "must_match", "must_pass") if obj else ()

    @display(description=_("parameters"))
    def parameters(self, rule: Rule) -> str:
        """For those who may not change them: as the form says them, defaults among them."""
        check = BY_SLUG.get(rule.check_slug)
        given = {field.name: field.default for field in parameters(check)} if check else {}
        lines = in_words(rule.check_slug, {**given, **rule.params})
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines)) or "–"

    @display(description=_("Must match"))
    def must_match(self, rule: Rule) -> str:
        return linebreaksbr(to_lines(rule.examples_match)) or "–"

    @display(description=_("Must not match"))
    def must_pass(self, rule: Rule) -> str:
        return linebreaksbr(to_lines(rule.examples_pass)) or "–"

    def get_inlines(self, request: HttpRequest, obj: Rule | None) -> Any:
        # A new rule has no versions to show.
        return super().get_inlines(request, obj) if obj else ()

    def _check(self, request: HttpRequest, rule: Rule | None) -> type[Check] | None:
        """The check of a rule that is there, or the one chosen for a new one."""
        return BY_SLUG.get(rule.check_slug if rule else request.GET.get("check", ""))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self._check(request, None) or not self.has_add_permission(request):
            self_add = {**(extra_context or {}), "chosen": True}
            return super().add_view(request, form_url, self_add)
        context = {
            **self.admin_site.each_context(request),
            "title": _("A new rule: what shall it look for?"),
            "checks": [(slug, _title(check), _sentences(check)) for slug, check in BY_SLUG.items()],
        }
        return TemplateResponse(request, "admin/moderation/rule/choose.html", context)

    def save_model(self, request: HttpRequest, obj: Rule, form: ModelForm[Rule], change: bool) -> None:
        if not change or form.changed_data:
            rules.save_rule(obj, by=person(request), note=form.cleaned_data.get("note", ""))
            again.offer(request, f"?rule={obj.pk}" if change else _of_site(obj))

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("restore/<int:version>/", guard(self.restore_view), name="moderation_rule_restore"),
            path("reset/<int:trip>/", guard(safety.reset_view), name="moderation_rule_reset"),
            path("undo/<int:version>/", guard(undoing_rules.view), name="moderation_rule_undo"),
            path("service/<int:key>/try/", guard(external.try_view), name="moderation_rule_service"),
            path("service/<int:key>/again/", guard(external.again_view), name="moderation_rule_ask_again"),
            path("preset/<slug:name>/", guard(presets.view), name="moderation_rule_preset"),
            *super().get_urls(),
        ]

    def restore_view(self, request: HttpRequest, version: int) -> HttpResponse:
        """Show what restoring would change, then do it."""
        versions = visible(RuleVersion, request.user).select_related(
            "rule__word_list", "reason", "site", "word_list_version__word_list"
        )
        row = get_object_or_404(versions, pk=version)
        # Restoring gives the rule the site that the version had: both must be his to change.
        if not self.has_change_permission(request, row.rule) or not self._may_set(request, row.site_id):
            raise PermissionDenied
        as_it_was = rules.as_it_was(row)
        details = told(differences(row.rule, as_it_was)) or _("Nothing: the rule is the same.")
        known = asks_for_reason(as_it_was)
        note, error = request.POST.get("note", "").strip()[:2_000], ""
        if request.method == "POST" and (note or known is None):
            try:
                return self._restore(request, row, note)
            except rules.WrongParameters as wrong:
                error = str(wrong)
        elif request.method == "POST":
            error = str(_("Say why it may reject by itself."))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Restore version %(number)d of %(rule)s?") % {"number": row.number, "rule": row.rule},
            "explanation": _("It becomes a new version and is in force at once. This would change:"),
            "details": details,
            "asks": too_little(known) if known else "",
            "error": error,
            "button": _("Restore"),
            "back": reverse("admin:moderation_rule_change", args=[row.rule_id]),
        }
        return TemplateResponse(request, "admin/confirm.html", context, status=422 if error else 200)

    def _restore(self, request: HttpRequest, row: RuleVersion, note: str) -> HttpResponse:
        restored = rules.restore(row, by=person(request), note=note)
        record_change(restored.rule, gettext_noop("an earlier version restored"), by=person(request))
        told_him = _("%(rule)s is as it was in version %(old)d, as version %(new)d.")
        values = {"rule": restored.rule, "old": row.number, "new": restored.number}
        messages.success(request, told_him % values)
        again.offer(request, f"?rule={row.rule_id}")
        return redirect("admin:moderation_rule_change", row.rule_id)

    def _may_set(self, request: HttpRequest, site_id: int | None) -> bool:
        return site_id is not None or member_of_every_site(request.user)


def _of_site(rule: Rule) -> str:
    """What a rule that stopped nothing yet may concern."""
    return f"?site={rule.site_id}" if rule.site_id else ""


def _examples(writes: bool) -> tuple[Any, ...]:
    """The part of the form for comments that the rule must hit and such that it must not."""
    fields = ("examples_match", "examples_pass") if writes else ("must_match", "must_pass")
    told = _(
        "One comment a line, tried whenever the rule is saved: one that comes out otherwise refuses the "
        "save. ⏎ is a new line. Other fields go before the body, in brackets: [author_name: Editors] Hello."
    )
    return ((_("Examples"), {"fields": fields, "description": told}),)


def _title(check: type[Check]) -> str:
    return check.title[(get_language() or "ja")[:2]]


def _describe(check: type[Check]) -> SafeString:
    """What the check tells when it hits, a line each."""
    return format_html_join("", "<div>{}</div>", ((told,) for told in _sentences(check)))


def _sentences(check: type[Check]) -> list[str]:
    """What the check tells when it hits, its places for numbers left open."""
    language = (get_language() or "ja")[:2]
    told = (re.sub(r"\{\w+\}", "…", texts[language]).replace("….", "…") for texts in check.sentences.values())
    return list(dict.fromkeys(told))
