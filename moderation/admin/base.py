"""What the pages of rules share: what holds at all sites is changed by those of all sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comments.admin.base import Base, Bounded, Kept, member_of_every_site

if TYPE_CHECKING:
    from django.forms import ModelChoiceField
    from django.http import HttpRequest


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
        if field is not None and db_field.name == "site" and not member_of_every_site(request.user):
            field.required = True
        return field
