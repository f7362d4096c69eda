"""Who was shown personal data of readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from comments.models.scope import SiteScoped
from comments.models.sites import Site

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


class DisclosedBy(models.TextChoices):
    """The page, file or command that showed it."""

    CARD = "card", _("a card at the desk")
    DESK_SEARCH = "desk-search", _("a search at the desk for an e-mail address")
    COMMENT = "comment", _("the page of a comment")
    SEARCH = "search", _("a search in the archive for an e-mail address")
    TRYOUT = "tryout", _("the samples of a try-out")
    SANCTION = "sanction", _("the page of a sanction")
    PREVIEW = "preview", _("the preview of a sanction")
    ENTRY = "entry", _("an entry of the ledger")
    LEDGER = "ledger", _("a download of the ledger")
    TO_MEND = "to-mend", _("a file of rows to mend")
    EXPORT_COMMAND = "export-command", _("the command export_comments")
    LEDGER_COMMAND = "ledger-command", _("the command import_ledger")


class DisclosedKind(models.TextChoices):
    """What kind of data it was."""

    EMAIL = "email", _("e-mail")
    ADDRESS = "address", _("network address")
    USER_AGENT = "agent", _("user agent")
    ROW = "row", _("raw rows of imports")


class DisclosureSet(SiteScoped["Disclosure"]):
    """Rows of one's sites, and those of no one site: they are of one's own, too."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(Q(pk__in=super().visible_to(user).values("pk")) | Q(site=None))


class Disclosure(models.Model):
    """One appended row: who was shown what kind of data, of which comments, by what, when.

    It holds no data itself, so it outlives the erasing of a comment. `about` is the key of the run,
    entry, sanction or try-out, as `by_page` has it; a file names its run there and no comments.
    `by` is None for a command, whose `operator` is the account of the machine that ran it. Triggers
    refuse UPDATE, and DELETE within `KEPT_DAYS`.
    """

    # What PCI DSS (10.5.1) asks of logs of access at least. The trigger of migration 0012 has it, too.
    KEPT_DAYS = 365

    at = models.DateTimeField(_("time"), db_default=Now())
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("by"),
    )
    operator = models.CharField(_("account of the machine"), max_length=64, blank=True, default="")
    site = models.ForeignKey(
        Site, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("site")
    )
    by_page = models.CharField(_("shown by"), max_length=16, choices=DisclosedBy)
    kinds = ArrayField(models.CharField(max_length=8, choices=DisclosedKind), verbose_name=_("kinds of data"))
    comments = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("comments"))
    about = models.BigIntegerField(_("number"), null=True)

    objects = DisclosureSet.as_manager()

    class Meta:
        verbose_name = _("view of personal data")
        verbose_name_plural = _("views of personal data")
        default_permissions = ("view",)
        indexes = [
            # What a person was shown, the newest first.
            models.Index(fields=["by", "-id"], name="disclosure_to_person"),
            # Who was shown the data of a comment: what its author may ask.
            GinIndex(fields=["comments"], name="disclosure_of_comment"),
        ]
