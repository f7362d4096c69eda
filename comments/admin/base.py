"""What every page of the admin holds to.

Rows, choices and lookups stay within the sites of one's memberships. What is
not meant to be written here cannot be, by anybody.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.contrib.admin.options import InlineModelAdmin
from django.contrib.auth.models import User
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold import paginator as unfold_paginator
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter

from comments.models import Membership, Site

if TYPE_CHECKING:
    from django.contrib.admin.options import BaseModelAdmin
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import ForeignKey, QuerySet
    from django.forms import ModelChoiceField
    from django.http import HttpRequest

    Base = BaseModelAdmin[Any]
else:
    Base = object

M = TypeVar("M", bound=Model)


def person(request: HttpRequest) -> User:
    """Who asks. The admin lets nobody in who is not a user."""
    return cast("User", request.user)


def people_visible_to(user: User | AnonymousUser) -> QuerySet[User]:
    """Those who share a site with `user`, and himself; all for a superuser."""
    if user.is_superuser:
        return User.objects.all()
    sites = Membership.objects.visible_to(user)
    return User.objects.filter(Q(pk__in=sites.values("user")) | Q(pk=user.pk))


def visible(model: type[Model], user: User | AnonymousUser) -> QuerySet[Any]:
    """The rows of a model that `user` may choose from."""
    if issubclass(model, User):
        return people_visible_to(user)
    manager = model._default_manager
    bounded = getattr(manager, "visible_to", None)
    return bounded(user) if bounded else manager.all()


def member_of_every_site(user: User | AnonymousUser) -> bool:
    """Whether what concerns all sites is his to change."""
    mine = Site.objects.visible_to(user)
    return user.is_superuser or not Site.objects.exclude(pk__in=mine.values("pk")).exists()


class Bounded(Base):
    """For a ModelAdmin or an inline: nothing of a site that one is no member of."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        bounded = getattr(rows, "visible_to", None)
        return bounded(request.user) if bounded else rows

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        kwargs.setdefault("queryset", visible(db_field.remote_field.model, request.user))
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field and isinstance(self, InlineModelAdmin):
            # A row of a table has no label of its own: the head of its column is read out.
            field.widget.attrs.setdefault("aria-label", capfirst(db_field.verbose_name))
        return field

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what a declared filter asks for.

        Django lets any column of the model be filtered by in the address, and
        `?author_email__startswith=a` would spell a masked address out.
        """
        try:
            self.model._meta.get_field(lookup.split("__", maxsplit=1)[0])
        except FieldDoesNotExist:
            return lookup.split("__", maxsplit=1)[0] != "pk"
        return any(_asks(entry, lookup) for entry in getattr(self, "list_filter", ()))


def _asks(entry: Any, lookup: str) -> bool:
    """Whether a declared filter is the one that puts `lookup` into the address."""
    if isinstance(entry, type):
        return lookup == getattr(entry, "parameter_name", None)
    path = entry[0] if isinstance(entry, (tuple, list)) else entry
    return f"{lookup}__".startswith(f"{path}__")


class ReadOnly(Base):
    """For what no one writes here, not even a superuser."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Kept(Base):
    """For what may be changed but not deleted: others hang on it."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class InfinitePaginator(unfold_paginator.InfinitePaginator):
    """Pages of a table that is too large to count.

    A million comments take a third of a second to count, on every page. The
    number of pages is a ceiling, past which a filter serves better than
    paging (an OFFSET reads all that it skips). Unfold's templates know such a
    paginator by the name of its class.
    """

    PAGES = 200

    @cached_property
    def count(self) -> int:
        return self.PAGES * self.per_page


def row_id(value: str | None) -> int | None:
    """A row's id in an address, None for what cannot be one."""
    return int(value) if value and value.isascii() and value.isdecimal() and len(value) < 19 else None


class SiteFilter(DropdownFilter):
    """By site, of one's own sites."""

    title = _("site")
    parameter_name = "site"
    path = "site"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(site.pk), site.name) for site in Site.objects.visible_to(request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = row_id(self.value())
        return queryset if value is None else queryset.filter(**{self.path: value})


class SiteOfSourceFilter(SiteFilter):
    path = "source__site"


class LargeAdmin(Bounded, ModelAdmin[M]):
    """A list without a count, in the order of its index, sortable by nothing else."""

    paginator = InfinitePaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    sortable_by = ()
    actions = None
    list_filter_submit = True
    list_filter_sheet = False
