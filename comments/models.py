"""What people wrote, and where it came from. Knows nothing of moderation.

Rows are written by `comments.services` alone; reading goes through the
querysets, whose `visible_to` holds everybody to the sites of his memberships.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from comments import drafts
from comments.ids import uuid7

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class SiteScoped(models.QuerySet[M_co]):
    """Rows that belong to a site; `site_path` is the way there."""

    site_path: ClassVar[str] = "site"

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The rows of the sites that `user` is a member of; all for a superuser."""
        if user.is_superuser:
            return self.all()
        sites = Membership.objects.filter(user=user.pk or 0).values("site_id")
        return self.filter(**{f"{self.site_path}__in": sites})


class SiteQuerySet(SiteScoped[M_co]):
    site_path = "pk"


class ByArticle(SiteScoped[M_co]):
    site_path = "article__site"


class ByRun(SiteScoped[M_co]):
    site_path = "run__source__site"


class BySource(SiteScoped[M_co]):
    site_path = "source__site"


def validate_zone(value: str) -> None:
    """Refuse a name that the time zone database does not have."""
    if value not in available_timezones():
        raise ValidationError(
            _("%(value)s is no time zone: write one like Asia/Tokyo."), params={"value": value}
        )


class Floor(models.TextChoices):
    """What a site or an article asks before any rule."""

    OPEN = "open", _("open: rules alone decide")
    HOLD_NEW = "hold_new", _("hold new authors: a person decides on those not yet trusted")
    HOLD_ALL = "hold_all", _("hold all: a person decides on everything")
    CLOSED = "closed", _("closed: nothing is taken in")


class Site(models.Model):
    """A publisher's site: the boundary of rights, keys and languages."""

    slug = models.CharField(_("slug"), max_length=50, unique=True, validators=[validate_slug])
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="ja")
    zone = models.CharField(_("time zone"), max_length=64, default="Asia/Tokyo", validators=[validate_zone])
    # Nothing is published by accident: a new site holds all until a person opens it.
    floor = models.CharField(_("floor"), max_length=8, choices=Floor, default=Floor.HOLD_ALL)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's admission to a site. What he may do there his groups say."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    site = models.ForeignKey(Site, models.CASCADE, related_name="memberships", verbose_name=_("site"))

    objects = SiteScoped.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["user", "site"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.site}"


class SiteKey(models.Model):
    """A key with which a publisher's site speaks to the API.

    32 random bytes, shown once; only their SHA-256 is kept.
    """

    site = models.ForeignKey(Site, models.CASCADE, related_name="keys", verbose_name=_("site"))
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = SiteScoped.as_manager()

    class Meta:
        verbose_name = _("site key")
        verbose_name_plural = _("site keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @staticmethod
    def digest_of(secret: str) -> bytes:
        """What is stored of a key."""
        return hashlib.sha256(secret.encode()).digest()

    @classmethod
    def mint(cls, site: Site, name: str) -> tuple[SiteKey, str]:
        """A new key, stored, and its secret, which is not."""
        secret = f"sk_{secrets.token_urlsafe(32)}"
        key = cls.objects.create(site=site, name=name, prefix=secret[:8], digest=cls.digest_of(secret))
        return key, secret


class Article(models.Model):
    """An article that readers comment on, with its text of today."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="articles", verbose_name=_("site"))
    external_id = models.CharField(_("publisher's id"), max_length=drafts.ID_LIMIT, null=True, blank=True)
    url = models.CharField(_("URL"), max_length=drafts.URL_LIMIT, blank=True)
    title = models.CharField(_("title"), max_length=drafts.TITLE_LIMIT, blank=True)
    body = models.TextField(_("body"), blank=True)
    source = models.CharField(_("source"), max_length=drafts.TITLE_LIMIT, blank=True)
    related = models.JSONField(_("related articles"), default=list, blank=True)
    credit = models.CharField(_("picture credit"), max_length=drafts.TITLE_LIMIT, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    floor = models.CharField(_("floor"), max_length=8, choices=Floor, blank=True, default="")
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    # Rises with every change of what a quote could be traced to: an edit, a
    # comment hidden or erased, a late arrival. An index of sources is valid
    # for one value.
    sources_version = models.BigIntegerField(db_default=1, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects = SiteScoped.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "external_id"],
                condition=Q(external_id__isnull=False),
                name="article_external_id",
            )
        ]
        indexes = [models.Index(fields=["site", "-created_at"], name="article_newest_of_site")]

    def __str__(self) -> str:
        return self.title or self.url or self.external_id or f"#{self.pk}"


class ArticleURL(models.Model):
    """Every URL that an article has had, canonical; the present one too."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    article = models.ForeignKey(Article, models.CASCADE, related_name="urls")
    url = models.CharField(_("URL"), max_length=drafts.URL_LIMIT)

    objects = SiteScoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "url"], name="article_url_once")]

    def __str__(self) -> str:
        return self.url


class ArticleRevision(models.Model):
    """A text that an article has or had, number `number`; the present one too."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=drafts.TITLE_LIMIT, blank=True)
    body = models.TextField(_("body"), blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    objects = ByArticle.as_manager()

    class Meta:
        verbose_name = _("article revision")
        verbose_name_plural = _("article revisions")
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="article_revision_once")]


class Status(models.TextChoices):
    """Where a comment stands. The shadow of its last decision."""

    RECEIVED = "received", _("received")
    PUBLISHED = "published", _("published")
    HELD = "held", _("held")
    REJECTED = "rejected", _("rejected")


class ParentHow(models.TextChoices):
    """How we know which comment this one answers."""

    GIVEN = "given", _("given")
    REFERENCE = "reference", _("by its reference")
    QUOTE = "quote", _("by its quote")


class Comment(models.Model):
    """A comment with its text of today and the shadow of its decision.

    `source` names where it came from (`api`, or an import source) and
    `external_id` is its id there: together they make a second arrival of the
    same row harmless. `author_key` is the key of the author's history (see
    `comments.authors`). The folded text and fingerprint belong to `body`.
    """

    public_id = models.UUIDField(_("id"), default=uuid7, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("site"))
    article = models.ForeignKey(
        Article, models.PROTECT, related_name="comments", db_index=False, verbose_name=_("article")
    )
    source = models.CharField(_("source"), max_length=100, default="api")
    external_id = models.CharField(_("id at the source"), max_length=drafts.ID_LIMIT, null=True, blank=True)
    import_run = models.ForeignKey(
        "ImportRun", models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("import run")
    )
    kind = models.CharField(_("kind"), max_length=9, default=drafts.Kind.COMMENT)
    number = models.PositiveIntegerField(_("number"), null=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="replies", verbose_name=_("in reply to")
    )
    parent_how = models.CharField(max_length=9, choices=ParentHow, blank=True, default="")

    author_name = models.CharField(_("name"), max_length=drafts.NAME_LIMIT, blank=True)
    author_email = models.CharField(_("e-mail"), max_length=drafts.EMAIL_LIMIT, blank=True)
    author_url = models.CharField(_("website"), max_length=drafts.URL_LIMIT, blank=True)
    author_id = models.CharField(_("author id"), max_length=drafts.ID_LIMIT, blank=True)
    author_verified = models.BooleanField(_("author verified"), default=False)
    author_key = models.UUIDField(null=True, editable=False)
    identity = models.BooleanField(default=True, editable=False)
    ip = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(_("user agent"), max_length=drafts.USER_AGENT_LIMIT, blank=True)

    body = models.TextField(_("body"))
    folded = models.TextField(editable=False)
    fingerprint = models.BigIntegerField(editable=False)
    folder_version = models.PositiveSmallIntegerField(editable=False)
    # `revision` counts texts, `version` counts writes of any kind.
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    published_revision = models.PositiveIntegerField(null=True, editable=False)

    posted_at = models.DateTimeField(_("posted"))
    claimed_posted_at = models.DateTimeField(_("posted, by its sender"), null=True)
    received_at = models.DateTimeField(_("received"), db_default=Now())
    live = models.BooleanField(default=True, editable=False)
    source_state = models.CharField(_("state at the source"), max_length=8, blank=True, default="")
    status = models.CharField(
        _("status"), max_length=9, choices=Status, default=Status.RECEIVED, editable=False
    )

    objects = SiteScoped.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        permissions = [("view_personal_data", _("Can see e-mail and network addresses"))]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="comment_public_id"),
            models.UniqueConstraint(
                fields=["site", "source", "external_id"],
                condition=Q(external_id__isnull=False),
                name="comment_once_a_source",
            ),
        ]
        indexes = [
            # The thread of an article, and what a quote may have been taken from.
            models.Index(fields=["article", "posted_at", "id"], name="comment_thread"),
            # The author's history and the flood checks.
            models.Index(
                fields=["author_key", "posted_at"],
                name="comment_by_author",
                condition=Q(author_key__isnull=False),
            ),
            models.Index(
                fields=["ip", "site", "posted_at"], name="comment_by_address", condition=Q(ip__isnull=False)
            ),
            # Repeated text.
            models.Index(
                fields=["fingerprint", "site", "posted_at"],
                name="comment_by_fingerprint",
                condition=~Q(fingerprint=0),
            ),
            # The admin's list, newest first.
            models.Index(fields=["site", "-id"], name="comment_newest_of_site"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class CommentRevision(models.Model):
    """A text that a comment had before an edit. The present one is the comment's own."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    body = models.TextField(_("body"))
    folded = models.TextField(editable=False)
    fingerprint = models.BigIntegerField(editable=False)
    folder_version = models.PositiveSmallIntegerField(editable=False)
    created_at = models.DateTimeField(_("replaced"), db_default=Now())

    class Meta:
        verbose_name = _("comment revision")
        verbose_name_plural = _("comment revisions")
        constraints = [models.UniqueConstraint(fields=["comment", "number"], name="comment_revision_once")]


class IdempotencyKey(models.Model):
    """The first answer to a request, kept 24 hours so that a retry gets it again."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    # SHA-256 of method, path and body: another payload under the key is refused.
    payload = models.BinaryField(max_length=32)
    status_code = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    objects = SiteScoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_oldest")]


class Policy(models.TextChoices):
    """How far an import trusts its source."""

    ENFORCE = "enforce", _("enforce: as if it came in today")
    FLAG = "flag", _("flag: nothing is rejected; what a rule would stop is published and flagged")
    TRUSTED = "trusted", _("trusted: published; rules only record")


class ImportSource(models.Model):
    """Where imports come from; its slug is the `source` of the comments."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="import_sources", verbose_name=_("site"))
    slug = models.CharField(_("slug"), max_length=100, validators=[validate_slug])
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects = SiteScoped.as_manager()

    class Meta:
        verbose_name = _("import source")
        verbose_name_plural = _("import sources")
        constraints = [models.UniqueConstraint(fields=["site", "slug"], name="import_source_once")]

    def __str__(self) -> str:
        return self.slug


class RunStatus(models.TextChoices):
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class ImportRun(models.Model):
    """One run over one source.

    `counts` is `{kind: {read, created, updated, unchanged, problems,
    notices}}`, written in the transaction of the chunk that it counts, as is
    `position`, the number of rows of the source that are stored or marked: a
    killed run goes on after them. Unfinished is a run without `finished_at`,
    whatever its status. See `comments.imports`.
    """

    source = models.ForeignKey(
        ImportSource, models.PROTECT, related_name="runs", verbose_name=_("import source")
    )
    path = models.CharField(_("path"), max_length=1000)
    # SHA-256 of the bytes: a run is only resumed on the file that it began with.
    digest = models.CharField(max_length=64, blank=True)
    format = models.CharField(_("format"), max_length=20)
    policy = models.CharField(_("policy"), max_length=7, choices=Policy)
    options = models.JSONField(default=dict)
    status = models.CharField(_("status"), max_length=7, choices=RunStatus, default=RunStatus.RUNNING)
    counts = models.JSONField(_("counts"), default=dict)
    position = models.BigIntegerField(_("rows settled"), default=0)
    error = models.TextField(_("error"), blank=True)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    finished_at = models.DateTimeField(_("finished"), null=True)
    # Who works at it: a process, its number of attempt, its last sign of life.
    # A chunk is written only under the attempt that it was read by.
    owner = models.CharField(max_length=300, blank=True, editable=False)
    attempt = models.PositiveIntegerField(default=1, editable=False)
    heartbeat_at = models.DateTimeField(_("last sign of life"), db_default=Now(), editable=False)
    # The comments that it created lie among these ids; up to `announced_id`
    # they are handed on.
    first_comment_id = models.BigIntegerField(null=True, editable=False)
    last_comment_id = models.BigIntegerField(null=True, editable=False)
    announced_id = models.BigIntegerField(null=True, editable=False)

    objects = BySource.as_manager()

    class Meta:
        verbose_name = _("import run")
        verbose_name_plural = _("import runs")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(status=RunStatus.RUNNING), name="import_run_alone"
            )
        ]
        indexes = [
            models.Index(
                fields=["heartbeat_at"],
                condition=Q(finished_at__isnull=True),
                name="import_run_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class ImportMark(models.Model):
    """A row of an unfinished run that the rows after it must know of.

    It is one of: an article that a row has named (`article`); a comment's row
    that waits for its article (neither `article` nor `comment`); a stored
    comment (`comment`), which with `parent` waits for that one. `key` is the
    comment's id at the source: a second row of the same id is refused. All
    marks of a run are deleted when it ends.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="marks", db_index=False)
    # The place of the row among the rows of the source, from 0.
    position = models.BigIntegerField()
    kind = models.CharField(max_length=8)
    place = models.CharField(max_length=200)
    key = models.CharField(max_length=drafts.ID_LIMIT, blank=True)
    article = models.BigIntegerField(null=True)
    comment = models.BigIntegerField(null=True)
    parent = models.CharField(max_length=drafts.ID_LIMIT, blank=True)

    objects = ByRun.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["run", "key"], condition=~Q(key=""), name="import_mark_key"),
            models.Index(
                fields=["run", "article"], condition=Q(article__isnull=False), name="import_mark_article"
            ),
            models.Index(
                fields=["run", "position"],
                condition=Q(article__isnull=True, comment__isnull=True),
                name="import_mark_waits",
            ),
            models.Index(fields=["run", "position"], condition=~Q(parent=""), name="import_mark_parent"),
        ]


class ImportProblem(models.Model):
    """A row that was refused (`refused`), or a notice on one that was not.

    `raw` is what a person typed, cut at 8 KiB; it can be erased alone.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="problems", verbose_name=_("import run"))
    refused = models.BooleanField(_("refused"))
    kind = models.CharField(_("kind"), max_length=8)
    place = models.CharField(_("place"), max_length=200)
    code = models.CharField(_("code"), max_length=40)
    reason = models.TextField(_("reason"))
    raw = models.TextField(_("row"), blank=True)

    objects = ByRun.as_manager()

    class Meta:
        verbose_name = _("import problem")
        verbose_name_plural = _("import problems")

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"
