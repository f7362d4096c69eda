"""How many of what at which site, by hour, day and week: what the dashboard is made of."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comments.models import M_co, SiteScoped


class BySiteId(SiteScoped[M_co]):
    site_path = "site_id"


class Span(models.TextChoices):
    """How long a tally counts, from `starts_at` on where the site's clock is."""

    HOUR = "hour", _("hour")
    DAY = "day", _("day")
    WEEK = "week", _("week")


class Tally(models.Model):
    """How many of one kind and key there were at a site in an hour, a day, or a week.

    What is counted is in docs/decisions/017. The rows can be counted anew from cases,
    decisions and quotes at any time (`services.tallying.recount`), and hold nothing else.
    """

    pk = models.CompositePrimaryKey("site_id", "span", "kind", "starts_at", "key")
    site_id = models.BigIntegerField()
    span = models.CharField(max_length=4, choices=Span)
    kind = models.CharField(max_length=12)
    starts_at = models.DateTimeField()
    key = models.CharField(max_length=40)
    number = models.BigIntegerField()

    objects = BySiteId.as_manager()

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        default_permissions = ()
        permissions = [("view_moderators", _("Can see the figures of each moderator"))]
        indexes = [
            # What came to nothing, to be deleted.
            models.Index(fields=["site_id"], condition=Q(number=0), name="tally_of_nothing")
        ]


class TallyChange(models.Model):
    """What a statement added to the tallies, or took from them, and is not yet in their rows.

    Triggers on cases, decisions and quotes append these; nobody waits for a counter that somebody
    else holds. `services.tallying.fold` moves them on. `at` is the beginning of a quarter of an hour: every
    clock of the world is whole quarters from UTC.
    """

    site_id = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    key = models.CharField(max_length=40)
    number = models.BigIntegerField()

    objects = BySiteId.as_manager()

    class Meta:
        default_permissions = ()
