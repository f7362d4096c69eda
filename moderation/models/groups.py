"""Open cases that are decided together."""

from __future__ import annotations

from django.db import models


class Regroup(models.Model):
    """A case whose place in a group is to be looked at: it was opened, or has another due time or queue.

    Triggers on cases write these rows; `services.grouping` deletes what it has
    looked at. Not by the case alone: one that is noted while it is looked at is looked at again.
    """

    case_id = models.BigIntegerField()
