"""The archive's comment page, with what was decided about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from comments.admin.base import Bounded, ReadOnly, person, row_id
from comments.admin.comments import CommentAdmin, CommentRevisionInline
from comments.admin.erasing import SHOWN
from comments.models import Comment, CommentRevision
from moderation.admin.base import Veiled, veils_on
from moderation.admin.beside import beside, quotes_of
from moderation.admin.quoting import who_quotes
from moderation.admin.references import references_of
from moderation.admin.sentences import cause_in_words
from moderation.admin.veiling import NONE, Veils, blurred, blurred_body, shows, veil_context, veils_of_texts
from moderation.models import Case, Decision
from moderation.offers import offers_in
from moderation.services.sanctioning import ADD

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

# Quotes of a comment that its page shows; a page of their own has the rest.
QUOTING = 5


class DecisionInline(ReadOnly, Bounded, TabularInline[Decision, Comment]):
    model = Decision
    fields = readonly_fields = ("created_at", "revision", "from_status", "to_status", "why", "reason", "by")
    ordering = ("-id",)
    per_page = 10
    hide_title = True
    show_change_link = True
    verbose_name_plural = _("decisions")

    @display(description=_("cause"))
    def why(self, decision: Decision) -> str:
        return cause_in_words(decision.cause)


class TextInline(CommentRevisionInline):
    """Earlier texts, blurred as its reader wants them. An inline is made anew for each request."""

    veils: Veils = NONE

    def get_formset(self, request: HttpRequest, obj: Comment | None = None, **kwargs: Any) -> Any:
        if obj is not None and not shows(request):
            self.veils = veils_of_texts(person(request), obj.pk)
        return super().get_formset(request, obj, **kwargs)

    @display(description=_("body"))
    def text(self, revision: CommentRevision) -> str:
        return blurred_body(revision.body, self.veils, revision.number)


admin.site.unregister(Comment)


@admin.register(Comment)
class ModeratedCommentAdmin(Veiled, CommentAdmin):
    """`comments` knows nothing of decisions, quotes and blur, so they are added here.

    Each comment that is shown carries its `veils`.
    """

    inlines = (DecisionInline, TextInline)
    change_form_before_template = "moderation/desk/above_comment.html"
    change_form_outer_after_template = "moderation/desk/comment_quotes.html"
    list_before_template = "moderation/comments_again.html"

    def comments_of(self, row: Comment) -> tuple[int | None, ...]:
        return row.pk, row.parent_id

    @display(description=_("comment"))
    def beginning(self, comment: Comment) -> str:
        return blurred(Truncator(comment.body).chars(70), veils_on(comment), comment.pk)

    @display(description=_("author"))
    def author(self, comment: Comment) -> str:
        return blurred(comment.author_name or "–", veils_on(comment), comment.pk, "author_name", focus=True)

    @display(description=_("body"))
    def text(self, comment: Comment) -> str:
        return blurred_body(comment.body, veils_on(comment), comment.pk)

    def told_of(self, request: HttpRequest, comment: Comment) -> str:
        veils = veil_context(request, [comment])["veils"]
        name = blurred(comment.author_name or "–", veils, comment.pk, "author_name", focus=True)
        return format_html(
            "{}: {}", name, blurred(Truncator(comment.body).chars(SHOWN), veils, comment.pk, focus=True)
        )

    def text_of_parent(self, comment: Comment, parent: Comment) -> str:
        return blurred(Truncator(parent.body).chars(70), veils_on(comment), parent.pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of one comment, with what it quotes and who quotes it."""
        comment = self.get_queryset(request).filter(pk=row_id(object_id) or 0).first()
        if comment is not None and self.has_view_permission(request, comment):
            timezone.activate(comment.site.zone)
            references, quotes = references_of(comment), quotes_of(comment)
            quoting = who_quotes(comment, person(request), most=QUOTING)
            others = [each.comment for each in references] + [each.quote.comment for each in quoting.quotes]
            extra_context = {
                **(extra_context or {}),
                **veil_context(request, [comment, *others, *(each.source_comment_id for each in quotes)]),
                "comment": comment,
                "zone": comment.site.zone,
                "quotes": beside(quotes, comment),
                "references": references,
                "quoting": quoting,
                "may_sanction": request.user.has_perm(ADD) and bool(offers_in(comment)),
                "case": Case.objects.filter(comment=comment).order_by("-pk").first(),
            }
        return super().change_view(request, object_id, form_url, extra_context)
