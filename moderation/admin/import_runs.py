"""The page of an import run, with the way to take it back: `comments` knows nothing of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from comments.admin.imports import ImportRunAdmin
from comments.models import ImportRun
from moderation.admin.undoing import UNDO, undos_of

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

admin.site.unregister(ImportRun)


@admin.register(ImportRun)
class UndoableImportRunAdmin(ImportRunAdmin):
    """Adds what was taken back of the run, and for those who may the way to the page of `undoing`."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_fieldsets(request, obj), (_("Undo"), {"fields": (_field(request),)}))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), _field(request))

    @display(description=_("undo"))
    def undone(self, run: ImportRun) -> SafeString:
        return _block(run, may_undo=False)

    @display(description=_("undo"))
    def undo(self, run: ImportRun) -> SafeString:
        return _block(run, may_undo=True)


def _field(request: HttpRequest) -> str:
    return "undo" if request.user.has_perm(UNDO) else "undone"


def _block(run: ImportRun, *, may_undo: bool) -> SafeString:
    context = {"run": run, "undos": undos_of(run), "may_undo": may_undo}
    return render_to_string("moderation/undo_block.html", context)
