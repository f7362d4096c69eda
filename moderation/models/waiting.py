"""Comments that wait for the workers."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from comments.models import Comment


class Lane(models.IntegerChoices):
    """Which pending comments go first."""

    LIVE = 0, _("live")
    IMPORT = 1, _("import")
    AGAIN = 2, _("again")


class Pending(models.Model):
    """A comment that waits for the workers; deleted with its decision."""

    comment = models.OneToOneField(Comment, models.CASCADE, primary_key=True, related_name="pending")
    lane = models.SmallIntegerField(choices=Lane, default=Lane.LIVE)
    since = models.DateTimeField(db_default=Now())
    # Follows the comment from the request's log lines into the worker's.
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["lane", "comment"], name="pending_claim")]
