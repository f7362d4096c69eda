"""What a person does to a source on its page."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q

from comments.models import ImportSource
from comments.sources import local
from comments.sources.schedules import Rhythm, put_rhythm
from comments.tasks import ring


@transaction.atomic
def store(
    source: ImportSource, upload: UploadedFile[Any] | None, rhythm: Rhythm | None, now: datetime
) -> None:
    """Store a source as its form has it, with its upload and its schedule. Raises `Fault`."""
    if upload is not None:
        source.address = local.keep(upload)
    source.save()
    put_rhythm(source, rhythm, now)


@transaction.atomic
def run_now(source: ImportSource, now: datetime) -> bool:
    """Have it read as soon as a worker is free; False where it is being read already.

    What an undo took away is read again, though its file is as it was.
    """
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    if not ImportSource.objects.filter(free, pk=source.pk).update(due_at=now, claimed_until=None):
        return False
    source.runs.exclude(undone_at=None).update(stamp={})
    transaction.on_commit(partial(ring, source.pk))
    return True
