"""What we think of what people wrote.

Decisions and findings are a log: row triggers refuse UPDATE and DELETE. The
log holds nothing that a person typed; that is in `Evidence`, which can be
erased. Rows are written by `moderation.services` and `moderation.rules`.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from comments.models import (
    ArticleRevision,
    Comment,
    ImportRun,
    M_co,
    Site,
    SiteScoped,
    Status,
)


class ByComment(SiteScoped[M_co]):
    site_path = "comment__site"


class ByCase(SiteScoped[M_co]):
    site_path = "case__site"


class SiteOrAll(SiteScoped[M_co]):
    """Rows of a site, and those of all sites, which have none."""

    def visible_to(self, user):  # type: ignore[no-untyped-def]  # the base's signature, which `self.model` narrows
        return self.filter(Q(pk__in=super().visible_to(user).values("pk")) | Q(site=None))


# --- what waits -----------------------------------------------------------


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


# --- rules ----------------------------------------------------------------


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
    NEW = "new", _("authors not yet trusted")


class Reason(models.Model):
    """Why a comment was stopped, as a code with a text for staff and one for its author."""

    slug = models.SlugField(_("slug"), unique=True)
    label_ja = models.CharField(_("label (Japanese)"), max_length=100)
    label_en = models.CharField(_("label (English)"), max_length=100)
    public_ja = models.TextField(_("text for the author (Japanese)"), blank=True)
    public_en = models.TextField(_("text for the author (English)"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100)

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
        _("applies to"), max_length=8, choices=AppliesTo, default=AppliesTo.EVERYONE
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_ja if (get_language() or "ja").startswith("ja") else self.name_en


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


# --- cases ----------------------------------------------------------------


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

    objects = SiteScoped.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
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
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


# --- the log --------------------------------------------------------------


class Decision(models.Model):
    """One appended row, by the system (`by` is null) or a person.

    `facts` are the counters that the verdict stood on, at most 1 KB, and
    nothing that a person typed. `cause` says where the decision came from:
    `rules`, `floor`, `no-rule-set`, `check-failed`, `import`, `person`, `undo`.
    """

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="decisions", verbose_name=_("comment"))
    revision = models.PositiveIntegerField(_("revision"))
    rule_set = models.ForeignKey(
        RuleSet, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("rule set")
    )
    from_status = models.CharField(_("from"), max_length=9, choices=Status)
    to_status = models.CharField(_("to"), max_length=9, choices=Status)
    cause = models.CharField(_("cause"), max_length=12)
    reason = models.ForeignKey(
        Reason, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("reason")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("by"),
    )
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, related_name="decisions", db_index=False, verbose_name=_("case")
    )
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("supersedes")
    )
    import_run = models.ForeignKey(
        ImportRun, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("import run")
    )
    facts = models.JSONField(_("facts"), default=dict)
    created_at = models.DateTimeField(_("decided"), db_default=Now())

    objects = ByComment.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("-id",)
        permissions = [("undo_any", _("Can undo what others decided"))]
        constraints = [
            # A repeated message or a second worker can not decide twice.
            models.UniqueConstraint(
                fields=["comment", "revision", "rule_set"],
                condition=Q(by__isnull=True),
                nulls_distinct=False,
                name="decision_once_by_system",
            )
        ]
        indexes = [
            # What a person did lately: undo, "what I did today".
            models.Index(fields=["by", "-id"], name="decision_by_person", condition=Q(by__isnull=False))
        ]


class Finding(models.Model):
    """What a rule saw. `spans` are `[field, start, end]` in the original text."""

    decision = models.ForeignKey(
        Decision, models.PROTECT, related_name="findings", verbose_name=_("decision")
    )
    rule_version = models.ForeignKey(
        RuleVersion, models.PROTECT, related_name="+", db_index=False, verbose_name=_("rule version")
    )
    action = models.CharField(_("action"), max_length=6, choices=Action)
    mode = models.CharField(_("mode"), max_length=7, choices=Mode)
    code = models.CharField(_("code"), max_length=40)
    spans = models.JSONField(_("spans"), default=list)
    data = models.JSONField(_("data"), default=dict)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")


class CaseCause(models.Model):
    """Why a case was opened: a finding, or one of the causes of `Decision`."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="causes", verbose_name=_("case"))
    kind = models.CharField(_("kind"), max_length=40)
    finding = models.ForeignKey(
        Finding, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("finding")
    )

    objects = ByCase.as_manager()

    class Meta:
        verbose_name = _("cause")
        verbose_name_plural = _("causes")


class Evidence(models.Model):
    """What a person typed that a finding or a decision needs to show; erasable."""

    finding = models.ForeignKey(Finding, models.PROTECT, null=True, related_name="evidence")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="notes")
    position = models.PositiveSmallIntegerField(default=0)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.CheckConstraint(
                condition=Q(finding__isnull=False, decision__isnull=True)
                | Q(finding__isnull=True, decision__isnull=False),
                name="evidence_of_one_thing",
            )
        ]


class Quote(models.Model):
    """A quoted passage of a comment, and where it was traced to.

    `start` and `end` are characters of the comment's body at `revision`;
    `source_start` and `source_end` of the source's text.
    """

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="quotes")
    revision = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    depth = models.PositiveSmallIntegerField(default=1)
    verdict = models.CharField(_("verdict"), max_length=12)
    article_revision = models.ForeignKey(ArticleRevision, models.PROTECT, null=True, related_name="+")
    article_field = models.CharField(max_length=5, blank=True)
    source_comment = models.ForeignKey(Comment, models.PROTECT, null=True, related_name="quoted_by")
    source_revision = models.PositiveIntegerField(null=True)
    source_start = models.PositiveIntegerField(null=True)
    source_end = models.PositiveIntegerField(null=True)
    ambiguous = models.BooleanField(default=False)

    objects = ByComment.as_manager()

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
