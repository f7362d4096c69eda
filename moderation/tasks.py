"""What the workers do. A task is told to look, never what at: the rows say that."""

from celery import shared_task

from moderation import doorbell, services


@shared_task(acks_late=False, ignore_result=True)
def screen() -> None:
    """Answer the doorbell: decide one batch of what waits, and ring on if it was full."""
    doorbell.answer()
    services.screen(on_full=doorbell.ring)


@shared_task(acks_late=False, ignore_result=True)
def sweep() -> None:
    """Find what a lost ring would have told of; beat calls it every five seconds."""
    services.screen(on_full=doorbell.ring)
