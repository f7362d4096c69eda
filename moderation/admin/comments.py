"""The archive's comment page, with what was decided about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from comments.admin.base import Bounded, ReadOnly, person, row_id
from comments.admin.comments import CommentAdmin, CommentRevisionInline
from comments.models import Comment
from moderation.admin.beside import beside, quotes_of
from moderation.admin.quoting import who_quotes
from moderation.admin.references import references_of
from moderation.admin.sentences import cause_in_words
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


admin.site.unregister(Comment)


@admin.register(Comment)
class ModeratedCommentAdmin(CommentAdmin):
    """`comments` knows nothing of decisions and quotes, so they are added here."""

    inlines = (DecisionInline, CommentRevisionInline)
    change_form_outer_after_template = "moderation/desk/comment_quotes.html"
    list_before_template = "moderation/comments_again.html"

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
            extra_context = {
                **(extra_context or {}),
                "comment": comment,
                "zone": comment.site.zone,
                "quotes": beside(quotes_of(comment), comment),
                "references": references_of(comment),
                "quoting": who_quotes(comment, person(request), most=QUOTING),
                "may_sanction": request.user.has_perm(ADD) and bool(offers_in(comment)),
                "case": Case.objects.filter(comment=comment).order_by("-pk").first(),
            }
        return super().change_view(request, object_id, form_url, extra_context)
