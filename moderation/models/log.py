"""The log of decisions and findings, what people typed beside it, and quotes."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from comments.models import Article, ArticleRevision, Comment, ImportRun, M_co, Site, SiteScoped, Status
from moderation.models.cases import Case
from moderation.models.rules import Action, Mode, Reason, RuleSet, RuleVersion


class ByComment(SiteScoped[M_co]):
    site_path = "comment__site"


class Decision(models.Model):
    """One appended row, by the system (`by` is null) or a person.

    `facts` are the counters that the verdict stood on, at most 1 KB, and
    nothing that a person typed. `cause` says where the decision came from:
    `rules`, `floor`, `no-rule-set`, `check-failed`, `import`, `person`, `anew`, `undo`,
    `erased`, `import-undo`.
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
            # A repeated message or a second worker can not decide twice. That an import is undone is
            # no judgement of a text: it may follow one that no rule set has made.
            models.UniqueConstraint(
                fields=["comment", "revision", "rule_set"],
                condition=Q(by__isnull=True) & ~Q(cause="import-undo"),
                nulls_distinct=False,
                name="decision_once_by_system",
            )
        ]
        indexes = [
            # What a person did lately: undo, "what I did today".
            models.Index(fields=["by", "-id"], name="decision_by_person", condition=Q(by__isnull=False)),
            # What people said of an author's earlier comments (`moderation.standing`): most have no such
            # row, and this is small enough to say so at once.
            models.Index(fields=["comment", "id"], name="decision_of_person", condition=Q(by__isnull=False)),
            # The log of what was rejected without a person. What was published so is most of the table.
            models.Index(
                fields=["-id"],
                name="decision_rejected_by_rules",
                condition=Q(by__isnull=True, to_status=Status.REJECTED),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


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
        indexes = [
            # What a rule saw lately, and how many comments it hit.
            models.Index(fields=["rule_version", "-id"], include=["decision"], name="finding_by_rule")
        ]


class RuleJudgement(models.Model):
    """A text that a rule version hit and a person decided: whether his last word makes the hit right.

    Drawn from decisions and findings, and written with each decision of a
    person (`moderation.services.judgements`): a precision of a hundred
    thousand hits is counted in 8 ms from these and in 760 ms from the log
    (measured with a million decisions).
    """

    rule_version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="+", db_index=False)
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="+", db_index=False)
    revision = models.PositiveIntegerField()
    is_right = models.BooleanField()
    # The comment's site, and whether the version observes, so that an index finds wrong hits by them.
    site = models.ForeignKey(Site, models.CASCADE, related_name="+", db_index=False)
    is_observed = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "revision", "rule_version"], name="rule_judgement_once"
            )
        ]
        indexes = [
            models.Index(fields=["rule_version", "is_right"], name="rule_judgement_count"),
            # What people published that a rule hit, the newest first: of one rule, and of all that observe.
            models.Index(
                fields=["rule_version", "site", "-id"],
                name="rule_disagreement",
                condition=Q(is_right=False),
            ),
            models.Index(
                fields=["site", "-id"],
                name="rule_disagreement_observed",
                condition=Q(is_right=False, is_observed=True),
            ),
        ]


class EvidenceKind(models.TextChoices):
    """For whom a text is: a note is for colleagues, a message for the author of the comment."""

    NOTE = "note", _("note")
    MESSAGE = "message", _("message")


class Evidence(models.Model):
    """What a person typed that a finding or a decision needs to show; erasable."""

    finding = models.ForeignKey(Finding, models.PROTECT, null=True, related_name="evidence")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="notes")
    position = models.PositiveSmallIntegerField(default=0)
    text = models.TextField(_("text"))
    kind = models.CharField(
        max_length=7, choices=EvidenceKind, default=EvidenceKind.NOTE, db_default=EvidenceKind.NOTE
    )

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


# A quote that has no source, or not the right one, as far as we know: what is stored later may
# change that. The words of `moderation.quotes.Verdict`.
UNSETTLED = ("stale", "hidden", "later", "altered", "missing")


class QuoteSet(ByComment["Quote"]):
    """Quotes, and what is asked of them."""

    def quoting(self, comment: Comment) -> Self:
        """Who quotes this comment, in the text that he has today: the newest first."""
        return self.filter(source_comment=comment, revision=F("comment__revision")).order_by("-comment")


class Quote(models.Model):
    """A quoted passage of a comment, and where it was traced to.

    `start` and `end` are characters of the comment's body at `revision`;
    `source_start` and `source_end` of the source's text. `differences` are
    those of `moderation.quotes.Difference`, as objects with its field names.
    It says what is true as of `traced_at`: it is traced again when its
    sources change. A `stale` one may be of a comment's earlier text, too,
    `source_revision`, where its author changed it after he was quoted.
    """

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="quotes")
    # The comment's, so that an article's quotes are found without its comments.
    article = models.ForeignKey(Article, models.CASCADE, related_name="+", db_index=False)
    revision = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    depth = models.PositiveSmallIntegerField(default=1)
    verdict = models.CharField(_("verdict"), max_length=12)
    article_revision = models.ForeignKey(
        ArticleRevision, models.PROTECT, null=True, related_name="+", db_index=False
    )
    article_field = models.CharField(max_length=5, blank=True)
    source_comment = models.ForeignKey(
        Comment, models.PROTECT, null=True, related_name="quoted_by", db_index=False
    )
    source_revision = models.PositiveIntegerField(null=True)
    source_start = models.PositiveIntegerField(null=True)
    source_end = models.PositiveIntegerField(null=True)
    ambiguous = models.BooleanField(default=False)
    misattributed = models.BooleanField(default=False)
    similarity = models.FloatField(default=0)
    differences = models.JSONField(default=list)
    traced_at = models.DateTimeField(db_default=Now())

    objects = QuoteSet.as_manager()

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        indexes = [
            # Who quotes this comment.
            models.Index(
                fields=["source_comment", "comment"],
                name="quote_of_comment",
                condition=Q(source_comment__isnull=False),
            ),
            # What to trace again when an article's text changes.
            models.Index(
                fields=["article", "comment"],
                name="quote_of_article",
                condition=Q(article_revision__isnull=False),
            ),
            # What to trace again when a comment arrives late or changes.
            models.Index(
                fields=["article", "traced_at"],
                name="quote_unsettled",
                condition=Q(verdict__in=UNSETTLED) | Q(misattributed=True),
            ),
        ]
