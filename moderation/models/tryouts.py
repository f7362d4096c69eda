"""Rules tried on stored comments."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from comments.models import Comment, Site
from moderation.models.rules import Rule, RuleSet, SiteOrAll


class TryoutStatus(models.TextChoices):
    WAITING = "waiting", _("about to begin")
    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")


class Tryout(models.Model):
    """A draft rule, or a rule set, tried on the comments received in [since, until).

    `drafts` are as `moderation.backtest.drafts` freezes them: what a person
    typed and did not save, or the id of a rule version. `against` are the ids
    of the versions that they are compared with; of `rule`, or of the rule set
    in force. `counts` are those of `moderation.backtest.counts`, of all chunks
    once it is done.
    """

    site = models.ForeignKey(
        Site, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("site")
    )
    rule = models.ForeignKey(
        Rule, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("rule")
    )
    rule_set = models.ForeignKey(
        RuleSet, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("rule set")
    )
    drafts = models.JSONField()
    against = models.JSONField(default=list)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("to"))
    status = models.CharField(_("status"), max_length=9, choices=TryoutStatus, default=TryoutStatus.WAITING)
    counts = models.JSONField(default=dict)
    error = models.TextField(_("error"), blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("begun by"),
    )
    created_at = models.DateTimeField(_("begun"), db_default=Now())
    finished_at = models.DateTimeField(_("ended"), null=True)

    objects = SiteOrAll.as_manager()

    class Meta:
        verbose_name = _("try-out")
        verbose_name_plural = _("try-outs")
        ordering = ("-id",)
        indexes = [
            # What there is to do: a handful among all that were ever done.
            models.Index(fields=["id"], name="tryout_open", condition=Q(status__in=["waiting", "running"])),
            # The try-outs of a rule, newest first.
            models.Index(fields=["rule", "-id"], name="tryout_of_rule"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class TryoutChunk(models.Model):
    """Comments [first, last] of a try-out, by id, that one worker tries at a time; deleted with its end.

    A worker holds the row's lock while it works, and writes `counts`, the
    samples and `done_at` in the same transaction.
    """

    tryout = models.ForeignKey(Tryout, models.CASCADE, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    counts = models.JSONField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tryout", "number"], name="tryout_chunk_once")]
        indexes = [
            # The next one that nobody has done.
            models.Index(
                fields=["tryout", "number"], name="tryout_chunk_next", condition=Q(done_at__isnull=True)
            )
        ]


class TryoutHit(models.Model):
    """A sample of what a try-out found: of each kind those with the least `place`.

    That is a hash of the comment's id. So the samples are spread evenly over the period, and are the same
    whichever worker came first. `findings` are what the rules saw in the text
    at `revision`, without anything that a person typed.
    """

    tryout = models.ForeignKey(Tryout, models.CASCADE, related_name="hits", db_index=False)
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="+", db_index=False)
    revision = models.PositiveIntegerField()
    kind = models.CharField(max_length=11)
    judged = models.CharField(max_length=11)
    place = models.BigIntegerField()
    findings = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tryout", "kind", "place", "comment"], name="tryout_hit_once")
        ]
