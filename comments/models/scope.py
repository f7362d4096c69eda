"""Querysets that hold everybody to the sites of his memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

from django.apps import apps
from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class SiteScoped(models.QuerySet[M_co]):
    """Rows that belong to a site; `site_path` is the way there."""

    site_path: ClassVar[str] = "site"

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The rows of the sites that `user` is a member of; all for a superuser."""
        if user.is_superuser:
            return self.all()
        sites = apps.get_model("comments.Membership").objects.filter(user=user.pk or 0).values("site_id")
        return self.filter(**{f"{self.site_path}__in": sites})


class SiteQuerySet(SiteScoped[M_co]):
    site_path = "pk"


class ByArticle(SiteScoped[M_co]):
    site_path = "article__site"


class ByRun(SiteScoped[M_co]):
    site_path = "run__source__site"


class BySource(SiteScoped[M_co]):
    site_path = "source__site"
