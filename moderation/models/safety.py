"""What keeps rules from running wild: breakers, quotas, samples; see `moderation.limits`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comments.models import M_co, Site, SiteScoped
from moderation.models.rules import Rule, RuleVersion

if TYPE_CHECKING:
    from typing import Self

    from django.contrib.auth.models import AnonymousUser, User


class OfRule(SiteScoped[M_co]):
    """Rows of rules: those of a site, and those of all sites."""

    site_path = "rule__site"

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(Q(pk__in=super().visible_to(user).values("pk")) | Q(rule__site=None))


class Safeguards(models.Model):
    """A site's own bounds; where there is no row, or no figure, the installation's hold."""

    site = models.OneToOneField(
        Site, models.CASCADE, primary_key=True, related_name="safeguards", verbose_name=_("site")
    )
    rejections_a_day = models.PositiveIntegerField(
        _("automatic rejections a day"),
        null=True,
        blank=True,
        help_text=_("Past it, what rules would reject is held for a person until midnight."),
    )
    audit_rejected = models.PositiveSmallIntegerField(
        _("sample of automatic rejections, per mille"),
        null=True,
        blank=True,
        help_text=_("So many of a thousand go to the desk, so that it is known how right they were."),
    )
    audit_published = models.PositiveSmallIntegerField(
        _("sample of automatic publications, per mille"),
        null=True,
        blank=True,
        help_text=_("So many of a thousand go to the desk, so that it is known what was missed."),
    )

    objects = SiteScoped.as_manager()

    class Meta:
        verbose_name = _("safeguards")
        verbose_name_plural = _("safeguards")
        ordering = ("site",)
        constraints = [
            models.CheckConstraint(
                condition=Q(audit_rejected__lte=1000) | Q(audit_rejected=None), name="safeguards_rejected"
            ),
            models.CheckConstraint(
                condition=Q(audit_published__lte=1000) | Q(audit_published=None), name="safeguards_published"
            ),
        ]

    def __str__(self) -> str:
        return str(self.site)


class BreakerTrip(models.Model):
    """A rule's breaker opened, and who reset it, when and why; open until then.

    It is the rule that has fallen back, whatever version follows: a change of
    the rule is no reset, for a list that gets a word is one, too.
    """

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="trips", db_index=False)
    rule_version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="+", db_index=False)
    pairs = models.PositiveIntegerField()
    opened_at = models.DateTimeField(_("opened"))
    reset_at = models.DateTimeField(null=True)
    reset_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reset_reason = models.TextField(blank=True, default="")

    objects = OfRule.as_manager()

    class Meta:
        verbose_name = _("breaker trip")
        verbose_name_plural = _("breaker trips")
        constraints = [
            models.UniqueConstraint(
                fields=["rule"], condition=Q(reset_at__isnull=True), name="breaker_open_once"
            )
        ]
        indexes = [models.Index(fields=["rule", "-opened_at"], name="breaker_of_rule")]


class BreakerPair(models.Model):
    """A pair of author and network (`moderation.limits`) that a rule version stopped last at `hit_at`."""

    rule_version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="+", db_index=False)
    pair = models.UUIDField()
    hit_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule_version", "pair"], name="breaker_pair_once")]


class RuleUndo(models.Model):
    """Who took back what a rule version did in (since, until], when, why, how far, and what came of it.

    `counts` are comments by fate (`moderation.rule_undoing.Fate`); those with
    findings up to the id `position` are in it, in the transaction that dealt
    with them. Any process may go on with one that has no `finished_at`.
    """

    rule_version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="undos", db_index=False)
    since = models.DateTimeField()
    until = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    reason = models.TextField()
    counts = models.JSONField(default=dict)
    position = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    # The last sign of life.
    moved_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("rule undo")
        verbose_name_plural = _("rule undos")
        constraints = [
            models.UniqueConstraint(
                fields=["rule_version"], condition=Q(finished_at__isnull=True), name="rule_undo_alone"
            )
        ]
        indexes = [models.Index(fields=["rule_version", "-id"], name="rule_undo_of_version")]

    @property
    def done(self) -> int:
        """How many comments it has dealt with."""
        return sum(self.counts.values())


class AutomaticRejections(models.Model):
    """How many live comments a site rejected in a day without a person; of a rule, or of all (null).

    `day` is the site's own, and `full_at` when the quota was reached.
    """

    site = models.ForeignKey(Site, models.CASCADE, related_name="+", db_index=False)
    rule = models.ForeignKey(Rule, models.CASCADE, null=True, related_name="+", db_index=False)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)
    full_at = models.DateTimeField(null=True)

    objects = SiteScoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "day", "rule"], nulls_distinct=False, name="automatic_rejections_once"
            )
        ]
