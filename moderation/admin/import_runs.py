"""The page of an import run, with the way to take it back: `comments` knows nothing of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.template.loader import render_to_string

from comments.admin.imports import ImportRunAdmin
from comments.models import ImportRun
from moderation.admin.undoing import UNDO, undos_of

if TYPE_CHECKING:
    from django.http import HttpRequest

admin.site.unregister(ImportRun)


@admin.register(ImportRun)
class UndoableImportRunAdmin(ImportRunAdmin):
    """Adds what was taken back of the run, and for those who may the way to the page of `undoing`."""

    def page_context(self, request: HttpRequest, run: ImportRun) -> dict[str, Any]:
        may_undo = request.user.has_perm(UNDO)
        context = {"run": run, "undos": undos_of(run), "may_undo": may_undo}
        return {
            **super().page_context(request, run),
            "undo": render_to_string("moderation/undo_block.html", context),
        }
