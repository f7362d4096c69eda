"""Reasons: a code, a label for staff, a text for the author."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from comments.admin.base import Bounded, Kept, member_of_every_site
from moderation.models import Reason


@admin.register(Reason)
class ReasonAdmin(Bounded, Kept, ModelAdmin[Reason]):
    """A reason is of all sites; decisions name it for ever."""

    list_display = ("slug", "label_ja", "label_en", "position", "offered")
    fieldsets = (
        (None, {"fields": ("slug", "position", "offered")}),
        (_("Label for staff"), {"fields": ("label_ja", "label_en")}),
        (
            _("Text for the author"),
            {
                "fields": ("public_ja", "public_en"),
                "description": _(
                    "What the author of a rejected comment is told, in the language of the site. "
                    "It names no rule and no word, so that nobody learns how to get past them."
                ),
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and member_of_every_site(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and member_of_every_site(request.user)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()
