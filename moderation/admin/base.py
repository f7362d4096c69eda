"""What the pages of rules share: what holds at all sites is changed by those of all sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from comments.admin.base import Base, Bounded, Kept, member_of_every_site, person
from moderation.admin.veiling import NONE, Veils, veil_context, veils_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.admin import ModelAdmin
    from django.contrib.admin.views.main import ChangeList
    from django.forms import ModelChoiceField
    from django.http import HttpRequest

    Page = ModelAdmin[Any]
else:
    Page = object


class SiteOrAllAdmin(Bounded, Kept, Base):
    """For rows of one site or of all: the latter ask for membership of every site.

    A Lead of one paper would otherwise change what another paper publishes.
    """

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        if not allowed or obj is None or obj.site_id is not None:
            return allowed
        return member_of_every_site(request.user)

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "site":
            field.empty_label = _("all sites")
            if not member_of_every_site(request.user):
                field.required = True
        return field

    @display(description=_("site"), ordering="site")
    def where(self, row: Any) -> str:
        return str(row.site or _("All"))


class Veiled(Page):
    """For rows that show comments: each carries its reader's `veils`, one query for a list of them."""

    def comments_of(self, row: Any) -> Iterable[int | None]:
        """The comments whose texts a row shows."""
        raise NotImplementedError

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        found: ChangeList = super().get_changelist_instance(request)
        rows = list(found.result_list)
        veils = veils_for(person(request), [key for row in rows for key in self.comments_of(row)])
        for row in rows:
            row.veils = veils
        found.result_list = rows
        return found

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.veils = veil_context(request, self.comments_of(row))["veils"]
        return row


def veils_on(row: Any) -> Veils:
    """What `Veiled` gave a row."""
    found: Veils = getattr(row, "veils", NONE)
    return found
