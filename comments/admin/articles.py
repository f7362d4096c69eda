"""Articles with every text they had. Texts come in by the API and imports alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline, TabularInline
from unfold.decorators import display

from comments.admin.base import Bounded, Kept, LargeAdmin, ReadOnly, SiteFilter
from comments.models import Article, ArticleRevision, ArticleURL

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString


def prose(text: str) -> SafeString:
    """A typed text as it was typed: escaped, its lines kept."""
    return format_html('<div class="sekisho-prose" dir="auto">{}</div>', text)


class RevisionInline(ReadOnly, Bounded, StackedInline[ArticleRevision, Article]):
    model = ArticleRevision
    fields = readonly_fields = ("number", "created_at", "title", "text")
    ordering = ("-number",)
    per_page = 5
    verbose_name_plural = _("revisions")

    @display(description=_("body"))
    def text(self, revision: ArticleRevision) -> str:
        return prose(revision.body)


class URLInline(ReadOnly, Bounded, TabularInline[ArticleURL, Article]):
    model = ArticleURL
    fields = readonly_fields = ("url",)
    verbose_name_plural = _("every URL it has had")


@admin.register(Article)
class ArticleAdmin(Kept, LargeAdmin[Article]):
    list_display = ("headline", "site", "published_at", "revision", "floor", "created_at")
    list_filter = (SiteFilter,)
    list_select_related = ("site",)
    search_fields = ("=external_id", "=url", "title")
    search_help_text = _("Words of the title, the publisher's id, or the whole URL")
    ordering = ("-id",)
    inlines = (URLInline, RevisionInline)
    fieldsets = (
        (None, {"fields": ("title", "site", "url", "external_id", "published_at", "revision")}),
        (_("Before any rule"), {"fields": ("floor",)}),
        (_("Text"), {"fields": ("text", "source", "related", "credit"), "classes": ("collapse",)}),
    )

    @display(description=_("title"))
    def headline(self, article: Article) -> str:
        return str(article)

    @display(description=_("body"))
    def text(self, article: Article) -> str:
        return prose(article.body)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        rows: QuerySet[Article] = super().get_queryset(request)
        # A body may have half a million characters; lists do not show it.
        return rows.defer("body", "related", "credit")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (
            "title",
            "site",
            "url",
            "external_id",
            "published_at",
            "revision",
            "text",
            "source",
            "related",
            "credit",
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
