"""Sanctions: whom a site no longer lets write without a look, until when and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from comments.models import Comment, Site
from moderation.models.rules import Reason, SiteOrAll

if TYPE_CHECKING:
    from datetime import datetime


class SanctionKind(models.TextChoices):
    """The kinds of `moderation.targets.Kind`."""

    AUTHOR = "author", _("author’s id")
    EMAIL = "email", _("e-mail address")
    ADDRESS = "address", _("network address or range")
    DOMAIN = "domain", _("domain of links or e-mail")
    NAME = "name", _("name, and names that look the same")


class Sanction(models.Model):
    """Against an author, an address, a domain or a name, at a site or at all of them.

    It finds comments, and the rules of the check `sanctioned` say what becomes
    of them. Append-only but for its end: who lifted it, when and why is
    written once, beside who set it. `match`, `shown` and `near` are those of
    `moderation.targets.Target`: of an e-mail address there are keys alone.
    """

    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("site")
    )
    kind = models.CharField(_("kind"), max_length=7, choices=SanctionKind)
    match = models.TextField(editable=False)
    shown = models.TextField(_("against"))
    near = ArrayField(models.UUIDField(), default=list, editable=False)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    reason = models.ForeignKey(
        Reason, models.PROTECT, related_name="+", db_index=False, verbose_name=_("reason")
    )
    note = models.TextField(_("note"), blank=True, default="")
    # The comment that gave occasion to it, if it was set from one.
    comment = models.ForeignKey(
        Comment, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("comment")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("set by")
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())
    lifted_at = models.DateTimeField(_("lifted"), null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("lifted by"),
    )
    lifted_why = models.TextField(_("why it was lifted"), blank=True, default="")

    objects = SiteOrAll.as_manager()

    class Meta:
        verbose_name = _("sanction")
        verbose_name_plural = _("sanctions")
        ordering = ("-id",)
        permissions = [("lift_sanction", _("Can lift the sanctions of others"))]
        constraints = [
            # An author's id means nothing at another site.
            models.CheckConstraint(
                condition=~Q(kind=SanctionKind.AUTHOR) | Q(site__isnull=False), name="sanction_author_of_site"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lifted_why="")
                | Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_why=""),
                name="sanction_lifted_whole",
            ),
        ]
        indexes = [
            # What workers compare comments with.
            models.Index(fields=["id"], name="sanction_not_lifted", condition=Q(lifted_at__isnull=True)),
            # Those of a comment's author, and whether one is under the same already.
            models.Index(fields=["kind", "match"], name="sanction_by_target"),
            # What a person set lately.
            models.Index(fields=["created_by", "-id"], name="sanction_by_person"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def in_force(self, now: datetime) -> bool:
        """Whether it is neither lifted nor over."""
        return self.lifted_at is None and (self.until is None or self.until > now)
