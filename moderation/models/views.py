"""Views of the queue that people keep."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from comments.models import Membership, Site


class SavedViewSet(models.QuerySet["SavedView"]):
    """Views, and whose they are."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """His own, and those that are shared at a site of his."""
        shared = Q(site__isnull=False)
        if not user.is_superuser:
            shared = Q(site__in=Membership.objects.filter(user=user.pk or 0).values("site"))
        return self.filter(shared | Q(owner=user.pk or 0))


class SavedView(models.Model):
    """Filters of the queue under a name; its owner's alone, or shared at a site.

    `query` is what stands after the `?` of the queue's address, in the order of `Filters`. It opens
    nothing: whoever follows it sees the cases of his own sites.
    """

    QUERY_LIMIT = 600

    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=QUERY_LIMIT)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    site = models.ForeignKey(
        Site, models.CASCADE, null=True, related_name="+", db_index=False, verbose_name=_("site")
    )
    created_at = models.DateTimeField(db_default=Now())

    objects = SavedViewSet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name
