"""People with their settings of the desk and the zones of their sites: one query brings all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.contrib.postgres.fields import ArrayField
from django.db.models import TextField
from django.db.models.expressions import RawSQL

from moderation.models import DeskSettings

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


# Written out: to put it together anew for each request takes longer than to run it.
_ZONES = """ARRAY(
    SELECT DISTINCT s.zone FROM comments_site s
    WHERE auth_user.is_superuser
       OR EXISTS (SELECT FROM comments_membership m WHERE m.site_id = s.id AND m.user_id = auth_user.id)
    ORDER BY s.zone LIMIT 2)"""


class PeopleBackend(ModelBackend):
    """As Django's, with the settings and `zones`, two of his sites' at most, in the query for the user.

    Every request makes that one.
    """

    def get_user(self, user_id: int) -> User | None:
        rows = User.objects.annotate(zones=RawSQL(_ZONES, [], ArrayField(TextField())))  # noqa: S611 - a constant
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
