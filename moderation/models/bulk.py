"""Decisions that a person took together, and takes back together."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from comments.models import Status
from moderation.models.cases import ByCase, Case
from moderation.models.log import Decision
from moderation.models.rules import Reason


class BulkDecision(models.Model):
    """One press that decided many cases, or took many decisions back (`undoes`): an appended row.

    `token` is of the page that it was pressed on: the same press that comes
    twice is one. What became of each case is a `BulkRow`. It is of no site; the
    rows are, by their cases.
    """

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    token = models.UUIDField()
    # What the comments were to become; empty where decisions were taken back.
    to_status = models.CharField(_("to"), max_length=9, choices=Status, blank=True, default="")
    reason = models.ForeignKey(
        Reason, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("reason")
    )
    undoes = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="undone_by", db_index=False, verbose_name=_("undoes")
    )
    # How many cases he chose. Those that were not his to see have no row.
    asked = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(_("decided"), db_default=Now())

    class Meta:
        verbose_name = _("bulk decision")
        verbose_name_plural = _("bulk decisions")
        constraints = [models.UniqueConstraint(fields=["by", "token"], name="bulk_decision_once")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class BulkRow(models.Model):
    """What became of one case of a bulk decision: an `Outcome`, and the decision where it was done."""

    bulk = models.ForeignKey(BulkDecision, models.PROTECT, related_name="rows", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=9)
    # One to one; most decisions are of machines and have none, so the link is kept here.
    decision = models.OneToOneField(Decision, models.PROTECT, null=True, related_name="bulk_row")

    objects = ByCase.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bulk", "case"], name="bulk_row_once")]
