"""What `comments` does in the background; beat rings for it."""

from celery import shared_task
from django.utils import timezone

from comments import imports
from comments.api import idempotency


@shared_task
def purge_idempotency_keys() -> int:
    """Delete kept answers that no retry may ask for any more; how many."""
    return idempotency.purge(timezone.now())


@shared_task
def recover_runs() -> None:
    """Hand on the comments of import runs that have died."""
    imports.recover(timezone.now())


@shared_task(acks_late=False, ignore_result=True)
def store_chunk() -> None:
    """Store one chunk of an import that is going on, if one is left."""
    imports.store_next()
