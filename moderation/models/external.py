"""What services outside answered about comments."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from comments.models import Comment


class ExternalAnswer(models.Model):
    """What a service (`External.service`) said of a text, or why it said nothing (`failure`).

    An answer stays for ever, so that a service is asked once for each text; a
    failure until it is asked again. Nothing that a person typed is in it.
    """

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="+", db_index=False)
    revision = models.PositiveIntegerField()
    service = models.CharField(max_length=12)
    hit = models.BooleanField(default=False)
    score = models.PositiveSmallIntegerField(null=True)
    label = models.CharField(max_length=30, blank=True, default="")
    failure = models.CharField(max_length=20, blank=True, default="")
    milliseconds = models.PositiveIntegerField()
    asked_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "revision", "service"], name="external_answer_once")
        ]
        indexes = [
            # How a service has answered lately: a rule's page.
            models.Index(fields=["service", "-asked_at"], name="external_answer_lately")
        ]
