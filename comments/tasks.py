"""What beat rings for."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from comments import imports


@shared_task
def recover_runs() -> None:
    """Hand on the comments of import runs that have died."""
    imports.recover(timezone.now())
