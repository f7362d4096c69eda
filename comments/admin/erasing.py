"""The page on which a person erases what somebody typed in a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from comments.admin.base import LargeAdmin
from comments.erasing import erase
from comments.models import Comment

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

ERASE = "comments.erase_comment"
# Characters of the comment by which one sees that it is the right one.
SHOWN = 300


class Erasable(LargeAdmin[Comment]):
    """Adds the page, and a link to it for those who may. No group may by itself: it is given by name."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.erase_view)
        return [path("<int:key>/erase/", view, name="comments_comment_erase"), *super().get_urls()]

    def erase_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Say what will happen, then do it. Who did it stands in the comment's history."""
        if not (request.user.has_perm(ERASE) and self.has_view_permission(request)):
            raise PermissionDenied
        comment = get_object_or_404(self.get_queryset(request), pk=key, erased_at=None)
        back = reverse("admin:comments_comment_change", args=[key])
        if request.method == "POST":
            if erase([key], now=timezone.now()):
                self.log_change(request, comment, [{"changed": {"fields": [str(_("erased"))]}}])
                messages.success(
                    request, _("What was typed in comment %(number)d is erased.") % {"number": key}
                )
            return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Erase comment %(number)d for good?") % {"number": key},
            "explanation": _(
                "Name, e-mail, website, addresses, the text and all its earlier ones go, and what was "
                "kept of them for moderation: matched words, notes, its quotes. The comment stays as an "
                "empty row that is never shown again, with its place in the thread and the decisions on "
                "it. Comments that quote it keep those words; each becomes a case of low severity. Only a"
                " backup has the text after this: neither an import nor a retry brings it back."
            ),
            "details": self.told_of(request, comment),
            "button": _("Erase for good"),
            "back": back,
        }
        return TemplateResponse(request, "admin/confirm.html", context)

    def told_of(self, request: HttpRequest, comment: Comment) -> str:
        """By what one sees that it is the right comment."""
        return f"{comment.author_name or '–'}: {Truncator(comment.body).chars(SHOWN)}"

    @display(description=_("erase"))
    def erase_link(self, comment: Comment) -> Any:
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>',
            reverse("admin:comments_comment_erase", args=[comment.pk]),
            _("Erase what was typed"),
        )
