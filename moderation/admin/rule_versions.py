"""The versions of a rule on its page: what changed, what people decided, and the ways back."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from comments.admin.base import Bounded, ReadOnly
from moderation.admin import presets, safety
from moderation.admin.differences import Difference, differences
from moderation.admin.scores import in_short
from moderation.models import Rule, RuleVersion
from moderation.precision import live_scores

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString


def told(found: list[Difference]) -> SafeString:
    """Differences, one a line: what, from, to."""
    return format_html_join(
        "", "<div>{}: <del>{}</del> → <ins>{}</ins></div>", ((d.label, d.before, d.after) for d in found)
    )


class VersionInline(ReadOnly, Bounded, TabularInline[RuleVersion, Rule]):
    model = RuleVersion
    fields = readonly_fields = (
        "number",
        "created_at",
        "who",
        "noted",
        "changed",
        "live",
        "restore",
        "take_back",
    )
    ordering = ("-number",)
    hide_title = True
    verbose_name_plural = _("versions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RuleVersion]:
        rows: QuerySet[RuleVersion] = super().get_queryset(request)
        return rows.select_related("created_by", "reason", "site", "word_list_version__word_list")

    @display(description=_("saved by"))
    def who(self, version: RuleVersion) -> str:
        return version.created_by.get_username() if version.created_by else "–"

    @display(description=_("note"))
    def noted(self, version: RuleVersion) -> str:
        return presets.noted(version.note) or "–"

    @display(description=_("what changed"))
    def changed(self, version: RuleVersion) -> str:
        return told(version.found) or "–"  # type: ignore[attr-defined]

    @display(description=_("what people decided"))
    def live(self, version: RuleVersion) -> str:
        return in_short(version.score)  # type: ignore[attr-defined]

    @display(description="")
    def restore(self, version: RuleVersion) -> str:
        if getattr(version, "newest", True):
            return format_html('<span class="whitespace-nowrap">{}</span>', _("in force"))
        if not version.may_restore:  # type: ignore[attr-defined]
            return ""
        return format_html(
            '<a class="text-primary-600 whitespace-nowrap dark:text-primary-500" href="{}">{}</a>',
            reverse("admin:moderation_rule_restore", args=[version.pk]),
            _("Restore"),
        )

    @display(description="")
    def take_back(self, version: RuleVersion) -> str:
        if not version.may_undo:  # type: ignore[attr-defined]
            return ""
        return format_html(
            '<a class="text-primary-600 whitespace-nowrap dark:text-primary-500" href="{}">{}</a>',
            reverse("admin:moderation_rule_undo", args=[version.pk]),
            _("Take back what it did"),
        )

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        made = super().get_formset(request, obj, **kwargs)
        # A link that leads to a refusal is none.
        changes = obj is not None and safety.may_reset(request, obj)
        undoes = changes and request.user.has_perm("moderation.undo_any")

        class Compared(made):  # type: ignore[misc,valid-type]
            """Each version knows how it differs from the one before it."""

            def get_queryset(self) -> list[RuleVersion]:
                if not hasattr(self, "compared"):
                    self.compared = compared(list(super().get_queryset()))
                    for version in self.compared:
                        version.may_restore = changes  # type: ignore[attr-defined]
                        version.may_undo = undoes  # type: ignore[attr-defined]
                return self.compared

        return Compared


def compared(newest_first: list[RuleVersion]) -> list[RuleVersion]:
    """Give each version `found`, its differences from the one before, its live `score`, and `newest`."""
    scores = live_scores([version.pk for version in newest_first])
    for at, version in enumerate(newest_first):
        version.score = scores[version.pk]  # type: ignore[attr-defined]
        version.newest = at == 0  # type: ignore[attr-defined]
        version.found = []  # type: ignore[attr-defined]
    for after, before in pairwise(newest_first):
        after.found = differences(before, after)  # type: ignore[attr-defined]
    return newest_first
