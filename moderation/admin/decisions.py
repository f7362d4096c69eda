"""The log: decisions with their findings, and rule sets. Nobody writes here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Prefetch
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from comments.admin.base import Bounded, LargeAdmin, ReadOnly, SiteFilter, people_visible_to, visible
from comments.admin.comments import STATUS_LABELS
from comments.models import Status
from moderation.admin.base import Veiled, veils_on
from moderation.admin.sentences import cause_in_words, sentence, services_in_words
from moderation.admin.veiling import blurred
from moderation.models import Decision, Finding, RuleSet, RuleVersion

if TYPE_CHECKING:
    from django.db.models import QuerySet


class SiteOfCommentFilter(SiteFilter):
    path = "comment__site"


class DeciderFilter(DropdownFilter):
    title = _("decided by")
    parameter_name = "decider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("me", _("me")), ("person", _("a person")), ("rules", _("the rules"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "me":
                return queryset.filter(by=request.user.pk)
            case "person":
                return queryset.filter(by__isnull=False)
            case "rules":
                return queryset.filter(by__isnull=True)
        return queryset


class FindingInline(ReadOnly, Bounded, TabularInline[Finding, Decision]):
    model = Finding
    fields = readonly_fields = ("rule_version", "mode", "action", "said")
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Finding]:
        rows: QuerySet[Finding] = super().get_queryset(request)
        return rows.select_related("rule_version")

    @display(description=_("what it saw"))
    def said(self, finding: Finding) -> str:
        return sentence(finding, (get_language() or "ja")[:2])


@admin.register(Decision)
class DecisionAdmin(Veiled, ReadOnly, LargeAdmin[Decision]):
    list_display = ("created_at", "comment_link", "change", "why", "reason", "decider")
    list_display_links = ("created_at",)
    list_filter = (SiteOfCommentFilter, ("to_status", ChoicesDropdownFilter), DeciderFilter)
    ordering = ("-id",)
    inlines = (FindingInline,)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "created_at",
                    "comment_link",
                    "from_status",
                    "to_status",
                    "why",
                    "reason",
                    "decider",
                )
            },
        ),
        (
            _("What it stood on"),
            {"fields": ("revision", "rule_set", "facts", "case", "supersedes", "import_run")},
        ),
    )
    readonly_fields = ("comment_link", "why", "decider")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        rows: QuerySet[Decision] = super().get_queryset(request)
        return rows.select_related("comment", "reason", "by").defer("comment__folded", "comment__user_agent")

    def comments_of(self, row: Decision) -> tuple[int]:
        return (row.comment_id,)

    @display(description=_("comment"))
    def comment_link(self, decision: Decision) -> str:
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>',
            reverse("admin:comments_comment_change", args=[decision.comment_id]),
            blurred(Truncator(decision.comment.body).chars(50), veils_on(decision), decision.comment_id),
        )

    @display(description=_("status"), label=STATUS_LABELS)
    def change(self, decision: Decision) -> tuple[str, str]:
        return (
            decision.to_status,
            f"{Status(decision.from_status).label} → {Status(decision.to_status).label}",
        )

    @display(description=_("cause"))
    def why(self, decision: Decision) -> str:
        return " ".join([cause_in_words(decision.cause), *services_in_words(decision.facts)])

    @display(description=_("by"))
    def decider(self, decision: Decision) -> str:
        return decision.by.get_username() if decision.by else "–"


@admin.register(RuleSet)
class RuleSetAdmin(ReadOnly, Bounded, ModelAdmin[RuleSet]):
    list_display = ("__str__", "created_at", "who")
    show_full_result_count = False
    ordering = ("-id",)
    fields = readonly_fields = ("created_at", "who", "held")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RuleSet]:
        rows: QuerySet[RuleSet] = super().get_queryset(request)
        # Who changed a rule of another site is not told here: he stays away like the rule.
        return rows.prefetch_related(Prefetch("created_by", people_visible_to(request.user)))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> RuleSet | None:
        rule_set: RuleSet | None = super().get_object(request, object_id, from_field)
        if rule_set is not None:
            # A rule set is of all sites; of its rules one sees those of one's own.
            mine = visible(RuleVersion, request.user).filter(
                pk__in=rule_set.versions.through.objects.filter(ruleset=rule_set).values("ruleversion")
            )
            rule_set.visible_versions = list(mine.order_by("check_slug"))  # type: ignore[attr-defined]
        return rule_set

    @display(description=_("saved by"))
    def who(self, rule_set: RuleSet) -> str:
        return rule_set.created_by.get_username() if rule_set.created_by else "–"

    @display(description=_("rules in force together"))
    def held(self, rule_set: RuleSet) -> str:
        lines = [
            f"{version} v{version.number} · {version.get_mode_display()}"
            for version in getattr(rule_set, "visible_versions", [])
        ]
        return format_html('<div class="sekisho-prose">{}</div>', "\n".join(lines)) if lines else "–"
