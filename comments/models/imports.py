"""Where imports come from, their runs and the ledger."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, validate_slug
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from comments import drafts
from comments.models.scope import ByRun, BySource, SiteScoped
from comments.models.sites import Site, validate_zone


class Policy(models.TextChoices):
    """How far an import trusts its source."""

    ENFORCE = "enforce", _("enforce: as if it came in today")
    FLAG = "flag", _("flag: nothing is rejected; what a rule would stop is published and flagged")
    TRUSTED = "trusted", _("trusted: published; rules only record")


class ImportSource(models.Model):
    """Where imports come from; its slug is the `source` of the comments.

    With an `address` it can be read by a worker: now, or as its schedule says,
    which is a `PeriodicTask` (see `comments.sources.schedules`). What follows
    it are defaults of its runs; empty means what the command would take.

    `due_at` is when it is to be read next, whatever rings for it. A process
    that reads it holds it until `claimed_until` and moves that on: one in the
    past was held by a process that has died. `failures` counts since it was
    last read well, `error` says what the last of them was.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="import_sources", verbose_name=_("site"))
    slug = models.CharField(_("slug"), max_length=100, validators=[validate_slug])
    address = models.CharField(_("source address"), max_length=1000, blank=True)
    format = models.CharField(_("format"), max_length=20, blank=True)
    policy = models.CharField(_("policy"), max_length=7, blank=True, choices=Policy)
    zone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[validate_zone])
    encoding = models.CharField(_("encoding"), max_length=40, blank=True)
    # `{field: column}`, as `--columns` of the command.
    columns = models.JSONField(_("columns"), default=dict, blank=True)
    url = models.CharField(_("URL"), max_length=drafts.URL_LIMIT, blank=True)
    # `{option: name of a variable}`: the environment has the values, never the database.
    credentials = models.JSONField(_("credentials"), default=dict, blank=True)
    max_megabytes = models.PositiveIntegerField(
        _("megabytes at most"), default=2_048, validators=[MinValueValidator(1), MaxValueValidator(1_000_000)]
    )
    max_seconds = models.PositiveIntegerField(
        _("seconds at most"), default=3_600, validators=[MinValueValidator(1), MaxValueValidator(86_400)]
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="import_sources",
        verbose_name=_("owner"),
    )
    due_at = models.DateTimeField(_("next time"), null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveSmallIntegerField(_("failures"), default=0, editable=False)
    error = models.TextField(_("error"), blank=True, editable=False)
    # When a tick found it being read already, and left it alone.
    skipped_at = models.DateTimeField(_("left alone"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects = SiteScoped.as_manager()

    class Meta:
        verbose_name = _("import source")
        verbose_name_plural = _("import sources")
        constraints = [models.UniqueConstraint(fields=["site", "slug"], name="import_source_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="import_source_due"),
            models.Index(
                fields=["claimed_until"],
                condition=Q(claimed_until__isnull=False),
                name="import_source_claimed",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class RunStatus(models.TextChoices):
    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Asked(models.TextChoices):
    """What a person asks of a run that is going on; its reader heeds it after the present chunk."""

    PAUSE = "pause", _("pause")
    CANCEL = "cancel", _("cancel")


class Unchanged(models.TextChoices):
    """How a run of zero rows knew that its file is as it was."""

    NOT_MODIFIED = "not-modified", _("its server says that it has not changed since the last run")
    SAME_STAMP = "same-stamp", _("it has the size and the time of the last run")
    SAME_BYTES = "same-bytes", _("it has the same bytes as in the last run")


class ImportRun(models.Model):
    """One run over one source.

    `position` is the number of rows of the source that are read, that is
    marked, counted or handed on in a chunk: a killed run goes on after them.
    `counts` is `{kind: {read, created, updated, unchanged, problems,
    notices}}`: while the run is going on of what its reader settled itself,
    chunks have theirs; at its end of all. Unfinished is a run without
    `finished_at`, whatever its status. See `comments.imports`.
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
    status = models.CharField(_("status"), max_length=9, choices=RunStatus, default=RunStatus.RUNNING)
    asked = models.CharField(max_length=6, choices=Asked, blank=True, default="", editable=False)
    counts = models.JSONField(_("counts"), default=dict)
    position = models.BigIntegerField(_("rows settled"), default=0)
    error = models.TextField(_("error"), blank=True)
    # Why nothing was read: all is as the last run that was done left it.
    unchanged = models.CharField(_("unchanged"), max_length=12, choices=Unchanged, blank=True)
    # What tells an unchanged file without reading it: `comments.sources.fetching.Stamp`.
    stamp = models.JSONField(default=dict, editable=False)
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
    # How much of the source's bytes its reader has passed, from 0 to 1.
    fraction = models.FloatField(null=True, editable=False)
    # Since when its comments are being withdrawn: what it brought does not count as there any more.
    undone_at = models.DateTimeField(_("undone"), null=True, editable=False)
    # Until all of them are: no run of its source begins meanwhile, or it would find as there what goes next.
    being_undone = models.BooleanField(default=False, db_default=False, editable=False)

    objects = BySource.as_manager()

    class Meta:
        verbose_name = _("import run")
        verbose_name_plural = _("import runs")
        permissions = [("steer_importrun", _("Can pause, go on with and cancel import runs"))]
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


class ImportChunk(models.Model):
    """Rows of a run that are read and are to be stored by whoever comes first.

    `payload` is `comments.imports.handing`'s: gone when the chunk is stored.
    What remains is how many rows of which outcome there were (`counts`, as in
    `ImportRun`), and when.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="chunks", db_index=False)
    # From 0, in the order of the source.
    number = models.PositiveIntegerField()
    payload = models.BinaryField(null=True)
    counts = models.JSONField(default=dict)
    stored_at = models.DateTimeField(null=True)

    objects = ByRun.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="import_chunk_once")]
        indexes = [
            models.Index(
                fields=["run", "number"], condition=Q(stored_at__isnull=True), name="import_chunk_waits"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.number}"


class ImportMark(models.Model):
    """A row of an unfinished run that the rows after it must know of.

    It is one of: an article that a row has named (`article`); a comment's row
    that waits for its article (neither `article` nor `comment`); a stored
    comment (`comment`), which with `parent` waits for that one. `forward` is a
    reply whose parent no earlier row is. All marks of a run are deleted when
    it ends.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="marks", db_index=False)
    # The place of the row among the rows of the source, from 0.
    position = models.BigIntegerField()
    kind = models.CharField(max_length=8)
    place = models.CharField(max_length=200)
    article = models.BigIntegerField(null=True)
    comment = models.BigIntegerField(null=True)
    parent = models.CharField(max_length=drafts.ID_LIMIT, blank=True)
    forward = models.BooleanField(db_default=False)

    objects = ByRun.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["run", "article"], condition=Q(article__isnull=False), name="import_mark_article"
            ),
            models.Index(
                fields=["run", "position"],
                condition=Q(article__isnull=True, comment__isnull=True),
                name="import_mark_waits",
            ),
            models.Index(
                fields=["run", "forward", "position"], condition=~Q(parent=""), name="import_mark_parent"
            ),
        ]


class ImportProblem(models.Model):
    """A row that was refused (`refused`), or a notice on one that was not.

    `raw` is what a person typed, cut at 8 KiB; it can be erased alone.
    """

    run = models.ForeignKey(
        ImportRun, models.CASCADE, related_name="problems", db_index=False, verbose_name=_("import run")
    )
    refused = models.BooleanField(_("refused"))
    # The place of the row among the rows of the source, from 0.
    position = models.BigIntegerField(db_default=0, editable=False)
    kind = models.CharField(_("kind"), max_length=8)
    place = models.CharField(_("place"), max_length=200)
    code = models.CharField(_("code"), max_length=40)
    reason = models.TextField(_("reason"))
    raw = models.TextField(_("row"), blank=True)

    objects = ByRun.as_manager()

    class Meta:
        verbose_name = _("import problem")
        verbose_name_plural = _("import problems")
        indexes = [models.Index(fields=["run", "position", "id"], name="import_problem_of_run")]

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"
