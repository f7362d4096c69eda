"""Rules, word lists and reasons, with their versions."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import JSONField, Q, Value
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from comments.models import M_co, Site, SiteScoped

_NO_EXAMPLES = Value([], JSONField())


class SiteOrAll(SiteScoped[M_co]):
    """Rows of a site, and those of all sites, which have none."""

    def visible_to(self, user):  # type: ignore[no-untyped-def]  # the base's signature, which `self.model` narrows
        return self.filter(Q(pk__in=super().visible_to(user).values("pk")) | Q(site=None))


class Mode(models.TextChoices):
    OFF = "off", _("off")
    OBSERVE = "observe", _("observe: recorded, does nothing")
    ENFORCE = "enforce", _("enforce")


class Severity(models.IntegerChoices):
    LOW = 1, _("low")
    NORMAL = 2, _("normal")
    HIGH = 3, _("high")


class Action(models.TextChoices):
    FLAG = "flag", _("flag: published, and a person looks at it")
    HOLD = "hold", _("hold: not published until a person decides")
    REJECT = "reject", _("reject")


class AppliesTo(models.TextChoices):
    EVERYONE = "everyone", _("everyone")
    NOT_STAFF = "not_staff", _("everyone but staff")
    NEW = "new", _("authors not yet trusted")


class Reason(models.Model):
    """Why a comment was stopped, as a code with a text for staff and one for its author."""

    slug = models.SlugField(_("slug"), unique=True)
    label_ja = models.CharField(_("label (Japanese)"), max_length=100)
    label_en = models.CharField(_("label (English)"), max_length=100)
    public_ja = models.TextField(_("text for the author (Japanese)"), blank=True)
    public_en = models.TextField(_("text for the author (English)"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    offered = models.BooleanField(
        _("people may reject with it"),
        default=True,
        help_text=_("Off for what only says why a comment waits."),
    )

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        ordering = ("position", "slug")

    def __str__(self) -> str:
        return self.label_ja if (get_language() or "ja").startswith("ja") else self.label_en

    def public_text(self, language: str) -> str:
        """The text for the author, in the language of the site."""
        return self.public_ja if language == "ja" else self.public_en


class WordList(models.Model):
    """Words, one a line; a line that begins with `!` is an allowed phrase."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, verbose_name=_("site"))
    words = models.TextField(_("words"), blank=True)

    objects = SiteOrAll.as_manager()

    class Meta:
        verbose_name = _("word list")
        verbose_name_plural = _("word lists")

    def __str__(self) -> str:
        return self.name


class WordListVersion(models.Model):
    """A word list as it was, immutable."""

    word_list = models.ForeignKey(WordList, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    words = ArrayField(models.TextField(), verbose_name=_("words"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("word list version")
        verbose_name_plural = _("word list versions")
        constraints = [models.UniqueConstraint(fields=["word_list", "number"], name="word_list_version_once")]

    def __str__(self) -> str:
        return f"{self.word_list} v{self.number}"


class RuleTerms(models.Model):
    """What a rule says; shared by the rule, which changes, and its versions, which do not."""

    name_ja = models.CharField(_("name (Japanese)"), max_length=100)
    name_en = models.CharField(_("name (English)"), max_length=100)
    site = models.ForeignKey(
        Site,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("site"),
        help_text=_("Leave empty for all sites."),
    )
    check_slug = models.CharField(_("check"), max_length=40)
    params = models.JSONField(_("parameters"), default=dict, blank=True)
    action = models.CharField(_("action"), max_length=6, choices=Action, default=Action.FLAG)
    mode = models.CharField(_("mode"), max_length=7, choices=Mode, default=Mode.OBSERVE)
    severity = models.SmallIntegerField(_("severity"), choices=Severity, default=Severity.NORMAL)
    reason = models.ForeignKey(Reason, models.PROTECT, related_name="+", verbose_name=_("reason"))
    applies_to = models.CharField(
        _("applies to"), max_length=9, choices=AppliesTo, default=AppliesTo.EVERYONE
    )
    # What the author is told instead of the reason's own text; blank is that text.
    message_ja = models.TextField(
        _("message to the author (Japanese)"), blank=True, default="", db_default=""
    )
    message_en = models.TextField(_("message to the author (English)"), blank=True, default="", db_default="")
    # How far it may go by itself: see `moderation.limits`, where the figures come from.
    daily_quota = models.PositiveIntegerField(
        _("rejections a day"),
        null=True,
        blank=True,
        help_text=_(
            "At each site, without a person; past it the rule holds until midnight. Empty: no quota."
        ),
    )
    breaker_pairs = models.PositiveIntegerField(
        _("breaker: authors"),
        default=100,
        db_default=100,
        validators=[MinValueValidator(1), MaxValueValidator(100_000)],
        help_text=_("So many pairs of author and network stopped within the window, and it only flags."),
    )
    breaker_minutes = models.PositiveIntegerField(
        _("breaker: window in minutes"),
        default=60,
        db_default=60,
        validators=[MinValueValidator(1), MaxValueValidator(10_080)],
    )
    # Comments as `moderation.examples` has them, run whenever the rule is saved.
    examples_match = models.JSONField(_("must match"), default=list, blank=True, db_default=_NO_EXAMPLES)
    examples_pass = models.JSONField(_("must not match"), default=list, blank=True, db_default=_NO_EXAMPLES)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_ja if (get_language() or "ja").startswith("ja") else self.name_en

    def message(self, language: str) -> str:
        """What the author is told, in the language of the site; empty where the reason's text is."""
        return self.message_ja if language == "ja" else self.message_en


class Rule(RuleTerms):
    """A check with parameters, an action, a mode, a reason: what a Lead edits."""

    slug = models.SlugField(_("slug"), unique=True)
    word_list = models.ForeignKey(
        WordList, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("word list")
    )

    objects = SiteOrAll.as_manager()

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ("slug",)


class RuleVersion(RuleTerms):
    """A rule as it was saved, immutable, with the word-list version of that moment."""

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="versions", verbose_name=_("rule"))
    number = models.PositiveIntegerField(_("number"))
    word_list_version = models.ForeignKey(WordListVersion, models.PROTECT, null=True, related_name="+")
    note = models.TextField(_("note"), blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("created"), db_default=Now())

    objects = SiteOrAll.as_manager()

    class Meta:
        verbose_name = _("rule version")
        verbose_name_plural = _("rule versions")
        constraints = [models.UniqueConstraint(fields=["rule", "number"], name="rule_version_once")]


class RuleSet(models.Model):
    """The rule versions in force together, immutable. The newest one is in force."""

    versions = models.ManyToManyField(RuleVersion, related_name="+", verbose_name=_("rule versions"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("rule set")
        verbose_name_plural = _("rule sets")

    def __str__(self) -> str:
        return f"#{self.pk}"
