"""Comments that wait for the workers."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from comments.models import Article, Comment


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
    # Until then a worker asks services outside about it, and nobody else takes it.
    asking_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["lane", "comment"], name="pending_claim")]


class Retrace(models.Model):
    """A change after which quotes are traced again; deleted when that is done.

    Rows are only ever added, by whoever made the change and in its
    transaction, so that nobody waits for a worker; a worker takes those of an
    article together. Concerned are the quotes of `source`, if that is what
    changed; with `unsettled` those of the article that have no source, or the
    wrong one; without either `source` or `comment` those of the article's own
    texts; of `comment` all that it quotes. `after` is how far a worker came:
    comments up to that id are done.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="+", db_index=False)
    source = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="+", db_index=False)
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="+", db_index=False)
    unsettled = models.BooleanField(default=False, db_default=False)
    after = models.BigIntegerField(default=0, db_default=0)
    since = models.DateTimeField(db_default=Now())
