"""Import runs that were taken back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from comments.models import ByRun, ImportRun


class ImportUndo(models.Model):
    """Who took an import run back, when, why, how far, and what came of it.

    `counts` is `{"withdrawn": n, "restored": n, "left": {cause: n}}`, where a
    cause is one of `moderation.undoing.Cause`, or several joined by `+`.
    Every comment that the run touched is counted once; those up to the id
    `position` are, in the transaction that dealt with them. Unfinished is one
    without `finished_at`: any process may go on with it.
    """

    run = models.ForeignKey(
        ImportRun, models.CASCADE, related_name="undos", db_index=False, verbose_name=_("import run")
    )
    # Nobody where it was the command, and did not say who.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("by"),
    )
    reason = models.TextField(_("reason"), blank=True)
    include_decided = models.BooleanField(default=False)
    include_answered = models.BooleanField(default=False)
    counts = models.JSONField(_("counts"), default=dict)
    position = models.BigIntegerField(default=0, editable=False)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    # The last sign of life.
    moved_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = ByRun.as_manager()

    class Meta:
        verbose_name = _("import undo")
        verbose_name_plural = _("import undos")
        ordering = ("-id",)
        permissions = [("undo_import", _("Can undo an import run"))]
        constraints = [
            models.UniqueConstraint(
                fields=["run"], condition=Q(finished_at__isnull=True), name="import_undo_alone"
            )
        ]
        indexes = [models.Index(fields=["run", "-id"], name="import_undo_of_run")]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def done(self) -> int:
        """How many comments it has dealt with."""
        counts = self.counts
        return sum((counts.get("withdrawn", 0), counts.get("restored", 0), *counts.get("left", {}).values()))
