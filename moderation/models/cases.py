"""Comments that wait for a person."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comments.models import Comment, ImportRun, M_co, Site, SiteScoped
from moderation.models.rules import Severity


class ByCase(SiteScoped[M_co]):
    site_path = "case__site"


class Case(models.Model):
    """A comment that waits for a person, or an import run with something to look at."""

    comment = models.ForeignKey(
        Comment, models.PROTECT, null=True, related_name="cases", db_index=False, verbose_name=_("comment")
    )
    import_run = models.ForeignKey(
        ImportRun, models.PROTECT, null=True, related_name="cases", verbose_name=_("import run")
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("site"))
    severity = models.SmallIntegerField(_("severity"), choices=Severity)
    opened_at = models.DateTimeField(_("opened"))
    due_at = models.DateTimeField(_("due"))
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("closed by"),
    )
    # Why the system closed it, where no person did: `quotes-found`, `erased`, `import-undo`, `rule-undo`,
    # `screened-again`.
    closed_why = models.CharField(max_length=20, blank=True, default="", db_default="")
    # For a second pair of eyes: in the queue of the Leads until it is decided or released.
    escalated_at = models.DateTimeField(_("escalated"), null=True)
    escalated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("escalated by"),
    )
    # Who looks at it, and until when that is believed. It tells; it forbids nobody anything.
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    claimed_until = models.DateTimeField(null=True)
    # The case that its group began with, its own id for that one; None while it is alone. See
    # `services.grouping`, which alone writes it.
    group_id = models.BigIntegerField(null=True)

    objects = SiteScoped.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        permissions = [("decide_escalated", _("Can decide what he has escalated himself"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(comment__isnull=False, import_run__isnull=True)
                | Q(comment__isnull=True, import_run__isnull=False),
                name="case_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["comment"], condition=Q(closed_at__isnull=True), name="case_one_open_a_comment"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="case_queue", condition=Q(closed_at__isnull=True)),
            models.Index(
                fields=["site", "due_at", "id"],
                name="case_queue_of_site",
                condition=Q(closed_at__isnull=True),
            ),
            models.Index(fields=["comment"], name="case_of_comment"),
            # Whether there are groups at all.
            models.Index(
                fields=["site"],
                name="case_in_group",
                condition=Q(closed_at__isnull=True, group_id__isnull=False),
            ),
            models.Index(
                fields=["due_at", "id"],
                name="case_queue_escalated",
                condition=Q(closed_at__isnull=True, escalated_at__isnull=False),
            ),
            # How many wait for how long, in the hour in which an age ends (`moderation.tallies`).
            models.Index(
                fields=["site", "opened_at"],
                include=["severity", "escalated_at"],
                name="case_by_age",
                condition=Q(closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class CaseCause(models.Model):
    """Why a case was opened: a finding, one of the causes of `Decision`, or what became of a quote since.

    The last are `quote-hidden`, `quote-erased` and `quote-altered`: a decision
    is of its time, so what is true of its quotes only now is no finding of it.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="causes", verbose_name=_("case"))
    kind = models.CharField(_("kind"), max_length=40)
    finding = models.ForeignKey(
        "Finding", models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("finding")
    )

    objects = ByCase.as_manager()

    class Meta:
        verbose_name = _("cause")
        verbose_name_plural = _("causes")
