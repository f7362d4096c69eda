"""The part of Unfold that we use; it carries no types of its own."""

from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import Model

_M = TypeVar("_M", bound=Model)
_P = TypeVar("_P", bound=Model)

class ModelAdmin(admin.ModelAdmin[_M]):
    compressed_fields: bool
    warn_unsaved_form: bool
    list_filter_submit: bool
    list_filter_sheet: bool
    list_fullwidth: bool
    list_before_template: str | None
    change_form_outer_before_template: str | None
    change_form_before_template: str | None

class TabularInline(admin.TabularInline[_M, _P]):
    tab: bool
    hide_title: bool
    per_page: int | None
    collapsible: bool

class StackedInline(admin.StackedInline[_M, _P]):
    tab: bool
    hide_title: bool
    per_page: int | None
    collapsible: bool

def __getattr__(name: str) -> Any: ...
