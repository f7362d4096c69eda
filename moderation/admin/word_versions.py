"""The versions of a word list on its page: which words came and went, and the way back."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from comments.admin.base import Bounded, ReadOnly
from moderation.admin.stale import words_changed
from moderation.admin.word_tools import lines_of, save
from moderation.models import WordList, WordListVersion

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from unfold.admin import ModelAdmin

    Page = ModelAdmin[WordList]
else:
    Page = object


class VersionInline(ReadOnly, Bounded, TabularInline[WordListVersion, WordList]):
    model = WordListVersion
    fields = readonly_fields = ("number", "created_at", "who", "size", "changed", "restore")
    ordering = ("-number",)
    per_page = 10
    hide_title = True
    verbose_name_plural = _("versions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WordListVersion]:
        rows: QuerySet[WordListVersion] = super().get_queryset(request)
        return rows.select_related("created_by")

    @display(description=_("saved by"))
    def who(self, version: WordListVersion) -> str:
        return version.created_by.get_username() if version.created_by else "–"

    @display(description=_("words"))
    def size(self, version: WordListVersion) -> int:
        return len(version.words)

    @display(description=_("what changed"))
    def changed(self, version: WordListVersion) -> str:
        return told(getattr(version, "found", [])) or "–"

    @display(description="")
    def restore(self, version: WordListVersion) -> str:
        if getattr(version, "newest", True):
            return str(_("in force"))
        if not version.may_restore:  # type: ignore[attr-defined]
            return ""
        return format_html(
            '<a class="text-primary-600 whitespace-nowrap dark:text-primary-500" href="{}">{}</a>',
            reverse("admin:moderation_wordlist_restore", args=[version.pk]),
            _("Restore"),
        )

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        made = super().get_formset(request, obj, **kwargs)
        allowed = obj is not None and self.has_change_of(request, obj)

        class Compared(made):  # type: ignore[misc,valid-type]
            """Each version knows how it differs from the one before it."""

            def get_queryset(self) -> list[WordListVersion]:
                if not hasattr(self, "compared"):
                    self.compared = compared(list(super().get_queryset()), may_restore=allowed)
                return self.compared

        return Compared

    def has_change_of(self, request: HttpRequest, words: WordList) -> bool:
        """The inline itself is read by all; its list is changed by whom the list's page lets."""
        page = self.admin_site._registry[WordList]
        return bool(page.has_change_permission(request, words))


def compared(newest_first: list[WordListVersion], *, may_restore: bool) -> list[WordListVersion]:
    """Give each version `found`, how it differs from the one before, `newest` and `may_restore`."""
    for at, version in enumerate(newest_first):
        version.newest = at == 0  # type: ignore[attr-defined]
        version.may_restore = may_restore  # type: ignore[attr-defined]
    for after, before in pairwise(newest_first):
        after.found = list(words_changed(before.words, after.words))  # type: ignore[attr-defined]
    return newest_first


def told(changes: list[str]) -> str:
    return format_html_join("", "<div>{}</div>", ((change,) for change in changes))


class RestoresWords(Page):
    """Mixed into the admin of word lists."""

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        view = path("restore/<int:version>/", guard(self.restore_view), name="moderation_wordlist_restore")
        return [view, *super().get_urls()]

    def restore_view(self, request: HttpRequest, version: int) -> HttpResponse:
        """Show which words would come and go, then do it, as a new version."""
        row = get_object_or_404(WordListVersion, pk=version)
        words = get_object_or_404(self.get_queryset(request), pk=row.word_list_id)
        if not self.has_change_permission(request, words):
            raise PermissionDenied
        back = reverse("admin:moderation_wordlist_change", args=[words.pk])
        changes = list(words_changed(lines_of(words), row.words))
        if request.method == "POST":
            words.words = "\n".join(row.words)
            if save(request, words):
                values = {"list": words, "number": row.number}
                messages.success(
                    request, gettext("%(list)s has the words of version %(number)d again.") % values
                )
            return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Restore version %(number)d of %(rule)s?")
            % {"number": row.number, "rule": words},
            "explanation": _("It becomes a new version and is in force at once. This would change:"),
            "details": told(changes) or _("Nothing: the words are the same."),
            "button": _("Restore"),
            "harmless": True,
            "back": back,
        }
        return TemplateResponse(request, "admin/confirm.html", context)
