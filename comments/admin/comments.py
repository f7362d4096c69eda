"""The archive of comments: to find one and read it. Deciding is done at the desk."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import Q
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RangeDateFilter
from unfold.decorators import display

from comments.admin.articles import prose
from comments.admin.base import Bounded, ReadOnly, SiteFilter, person, row_id
from comments.admin.erasing import ERASE, Erasable
from comments.admin.revealing import reveal_link, reveals
from comments.authors import author_key
from comments.disclosing import DisclosedBy, DisclosedKind, disclose, kinds_of
from comments.drafts import Kind
from comments.masking import DOTS, mask_address, mask_email, may_see_personal_data
from comments.models import Article, Comment, CommentRevision, ImportSource, ParentHow, Site, Status

if TYPE_CHECKING:
    from django.contrib.admin.options import InlineModelAdmin
    from django.contrib.admin.views.main import ChangeList
    from django.contrib.auth.models import AnonymousUser, User
    from django.db.models import QuerySet
    from django.http import HttpRequest


STATUS_LABELS: dict[str, str] = {
    Status.RECEIVED: "info",
    Status.PUBLISHED: "success",
    Status.HELD: "warning",
    Status.REJECTED: "danger",
}
KINDS = {Kind.COMMENT: _("comment"), Kind.PINGBACK: _("pingback"), Kind.TRACKBACK: _("trackback")}
# The fields that hold personal data, as they are and as they are masked.
FULL = ("author_email", "ip", "user_agent")
MASKED = ("masked_email", "masked_address", "masked_agent")
ORIGIN = (
    "site",
    "source",
    "external_id",
    "import_run",
    "kind",
    "number",
    "source_state",
    "claimed_posted_at",
    "received_at",
    "public_id",
    "revision",
)


class ArticleFilter(DropdownFilter):
    """By article: the newest ones to choose from, and the one in the address."""

    title = _("article")
    parameter_name = "article"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        mine = Article.objects.visible_to(request.user).only("title", "url", "external_id")
        rows = list(mine.order_by("-pk")[:20])
        chosen = row_id(request.GET.get(self.parameter_name))
        if chosen and chosen not in {row.pk for row in rows}:
            rows = [*mine.filter(pk=chosen), *rows]
        return [(str(row.pk), Truncator(str(row)).chars(60)) for row in rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = row_id(self.value())
        return queryset if value is None else queryset.filter(article=value)


class KindFilter(DropdownFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(KINDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() in set(Kind) else queryset


class SourceFilter(DropdownFilter):
    title = _("source")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        sources = ImportSource.objects.visible_to(request.user).order_by("slug")
        return [("api", "API"), *((slug, slug) for slug in sources.values_list("slug", flat=True).distinct())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(source=self.value()) if self.value() else queryset


class DaysFilter(RangeDateFilter):
    """By days of the admin's time zone, the last one whole."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        since, until = self._day(request, "from"), self._day(request, "to", after=timedelta(days=1))
        if since:
            queryset = queryset.filter(**{f"{self.field_path}__gte": since})
        if until:
            queryset = queryset.filter(**{f"{self.field_path}__lt": until})
        return queryset

    def _day(self, request: HttpRequest, end: str, after: timedelta = timedelta()) -> datetime | None:
        """The moment `after` the beginning of a day in the address; None for what is no day."""
        try:
            day = parse_date(request.GET.get(f"{self.field_path}_{end}", ""))
            return make_aware(datetime.combine(day, time())) + after if day else None
        except (ValueError, OverflowError):
            return None


class CommentRevisionInline(ReadOnly, Bounded, StackedInline[CommentRevision, Comment]):
    model = CommentRevision
    fields = readonly_fields = ("number", "created_at", "text")
    ordering = ("-number",)
    per_page = 5
    verbose_name_plural = _("earlier texts")

    @display(description=_("body"))
    def text(self, revision: CommentRevision) -> str:
        return prose(revision.body)


def search(rows: QuerySet[Comment], term: str, user: User | AnonymousUser) -> QuerySet[Comment]:
    """Comments by id, by the beginning of the author's name, or by his e-mail.

    An e-mail is looked up by the key of the author's history, which is
    indexed, and only by those who may see it: to others a hit would tell
    that its owner writes here.
    """
    term = term.strip()
    try:
        return rows.filter(public_id=UUID(term))
    except ValueError:
        pass
    if "@" not in term:
        return rows.filter(author_name__startswith=term)
    if not may_see_personal_data(user):
        return rows.none()
    sites = Site.objects.visible_to(user).values_list("pk", flat=True)
    by_site = Q()
    for site in sites:
        by_site |= Q(author_key=author_key(site, "", term), site=site)
    return rows.filter(by_site) if by_site else rows.none()


@admin.register(Comment)
class CommentAdmin(ReadOnly, Erasable):
    list_display = ("beginning", "author", "state", "site", "article_title", "source", "posted_at")
    list_display_links = ("beginning",)
    list_filter = (
        ("status", ChoicesDropdownFilter),
        SiteFilter,
        ArticleFilter,
        KindFilter,
        SourceFilter,
        ("posted_at", DaysFilter),
    )
    search_fields = ("author_name",)
    search_help_text = _("A comment's id, the beginning of a name, or a whole e-mail address")
    ordering = ("-id",)
    inlines: ClassVar[tuple[type[InlineModelAdmin[Any, Any]], ...]] = (CommentRevisionInline,)
    change_form_before_template = "admin/comments/reveal.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        rows: QuerySet[Comment] = super().get_queryset(request)
        return rows.select_related("site", "article").defer("folded", "article__body", "article__related")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Comment], search_term: str
    ) -> tuple[QuerySet[Comment], bool]:
        return (search(queryset, search_term, request.user) if search_term.strip() else queryset), False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list; who is told by it whose an e-mail address is, is recorded."""
        found = super().get_changelist_instance(request)
        if "@" in found.query and may_see_personal_data(request.user):
            rows = list(found.result_list)
            disclose(rows, DisclosedBy.SEARCH, by=person(request), kinds=[DisclosedKind.EMAIL])
            found.result_list = rows
        return found

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        comment = kwargs.get("obj")
        if comment is not None and may_see_personal_data(request.user) and kinds_of(comment):
            context["reveal"] = reveal_link(request)
            if reveals(request):
                disclose([comment], DisclosedBy.COMMENT, by=person(request))
        return super().render_change_form(request, context, *args, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        shown = ("text", "article_link", "parent_link", "website", "erased_at", "erase_link")
        return (*shown, *(FULL if reveals(request) else MASKED))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        email, address, agent = FULL if reveals(request) else MASKED
        return (
            (
                None,
                {
                    "fields": (
                        "status",
                        "text",
                        "article_link",
                        "parent_link",
                        "posted_at",
                        *_erasing(request, obj),
                    )
                },
            ),
            (_("Author"), {"fields": ("author_name", email, "website", "author_id", "author_verified")}),
            (
                _("Where it came from"),
                {"fields": (*ORIGIN, address, agent), "classes": ("collapse",)},
            ),
        )

    def get_inlines(
        self, request: HttpRequest, obj: Comment | None
    ) -> list[type[InlineModelAdmin[Any, Any]]]:
        # A comment that was never edited has no earlier texts to ask for.
        edited = obj is not None and obj.revision > 1
        return [inline for inline in self.inlines if edited or not issubclass(inline, CommentRevisionInline)]

    @display(description=_("comment"))
    def beginning(self, comment: Comment) -> str:
        return Truncator(" ".join(comment.body.split())).chars(70)

    @display(description=_("author"))
    def author(self, comment: Comment) -> str:
        return comment.author_name or "–"

    @display(description=_("status"), label=STATUS_LABELS)
    def state(self, comment: Comment) -> tuple[str, str]:
        return comment.status, comment.get_status_display()

    @display(description=_("article"))
    def article_title(self, comment: Comment) -> str:
        return Truncator(str(comment.article)).chars(40)

    @display(description=_("body"))
    def text(self, comment: Comment) -> str:
        return prose(comment.body)

    @display(description=_("article"))
    def article_link(self, comment: Comment) -> str:
        return _link("admin:comments_article_change", comment.article_id, str(comment.article))

    def text_of_parent(self, comment: Comment, parent: Comment) -> str:
        """By what one sees which comment it replies to."""
        return Truncator(" ".join(parent.body.split())).chars(70)

    @display(description=_("in reply to"))
    def parent_link(self, comment: Comment) -> str:
        if comment.parent is None:
            return "–"
        text = self.text_of_parent(comment, comment.parent)
        link = _link("admin:comments_comment_change", comment.parent.pk, text)
        return format_html("{} ({})", link, how_replied(comment)) if how_replied(comment) else link

    @display(description=_("website"))
    def website(self, comment: Comment) -> str:
        # As text: a reader's link is shown, not followed.
        return comment.author_url or "–"

    @display(description=_("e-mail"))
    def masked_email(self, comment: Comment) -> str:
        return mask_email(comment.author_email) or "–"

    @display(description=_("address"))
    def masked_address(self, comment: Comment) -> str:
        return mask_address(comment.ip) or "–"

    @display(description=_("user agent"))
    def masked_agent(self, comment: Comment) -> str:
        return DOTS if comment.user_agent else "–"


def _erasing(request: HttpRequest, comment: Comment | None) -> tuple[str, ...]:
    """When it was erased; else the way to erase it, for those who may."""
    if comment is not None and comment.erased_at:
        return ("erased_at",)
    return ("erase_link",) if request.user.has_perm(ERASE) else ()


def how_replied(comment: Comment) -> str:
    """How an inferred parent was found, with how sure that is; empty for a given one."""
    if comment.parent_how in {"", ParentHow.GIVEN}:
        return ""
    how = comment.get_parent_how_display()
    return f"{how}, {comment.parent_sure} %" if comment.parent_sure else how


def _link(name: str, key: int, text: str) -> str:
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', reverse(name, args=[key]), text
    )
