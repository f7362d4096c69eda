"""The archive's comment page, with what was decided about it."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from comments.admin.base import Bounded, ReadOnly
from comments.admin.comments import CommentAdmin, CommentRevisionInline
from comments.models import Comment
from moderation.admin.sentences import cause_in_words
from moderation.models import Decision


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
    """`comments` knows nothing of decisions, so they are added here."""

    inlines = (DecisionInline, CommentRevisionInline)
