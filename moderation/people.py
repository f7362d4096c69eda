"""People with their settings of the desk and the zones of their sites: one query brings all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q

from comments.models import Membership, Site
from moderation.models import DeskSettings

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class PeopleBackend(ModelBackend):
    """As Django's, with the settings and `zones`, two of his sites' at most, in the query for the user.

    Every request makes that one.
    """

    def get_user(self, user_id: int) -> User | None:
        his = Exists(Membership.objects.filter(site=OuterRef("pk"), user=OuterRef(OuterRef("pk"))))
        zones = Site.objects.filter(
            his | Q(Exists(User.objects.filter(pk=OuterRef(OuterRef("pk")), is_superuser=True)))
        )
        rows = User.objects.annotate(
            zones=ArraySubquery(zones.order_by("zone").values("zone").distinct()[:2])
        )
        user = rows.select_related("desk_settings").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


def settings_of(user: User | AnonymousUser) -> DeskSettings:
    """A person's settings, the defaults where he has none; not saved by this."""
    try:
        found: DeskSettings = user.desk_settings  # type: ignore[union-attr]
    except (DeskSettings.DoesNotExist, AttributeError):
        return DeskSettings() if user.pk is None else DeskSettings(user_id=user.pk)
    return found


def zone_of(user: User | AnonymousUser) -> str:
    """The zone of the sites that he sees if they share one, else the server's."""
    zones: list[str] = getattr(user, "zones", [])
    return zones[0] if len(zones) == 1 else settings.TIME_ZONE
