"""What `comments` does in the background."""

from celery import shared_task
from django.utils import timezone

from comments.api import idempotency


@shared_task
def purge_idempotency_keys() -> int:
    """Delete kept answers that no retry may ask for any more; how many."""
    return idempotency.purge(timezone.now())
