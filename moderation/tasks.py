"""What the workers do. A task is told to look, never what at: the rows say that."""

import time

from celery import shared_task
from django.utils import timezone

from moderation import backtest, doorbell, services
from moderation.services import tallying

# What a batch costs hardly depends on its size, up to some dozens: a worker that
# ran at once would take them one by one, and thrice the processor time that
# storing them takes. A reader does not notice a tenth of a second.
GATHER_SECONDS = 0.1


def ring_on() -> None:
    doorbell.ring(full=True)


@shared_task(acks_late=False, ignore_result=True)
def screen(*, full: bool = False) -> None:
    """Answer the doorbell: decide one batch of what waits, and ring on if it was full.

    It lets comments gather first, unless a batch was `full`: then enough wait.
    """
    if not full:
        time.sleep(GATHER_SECONDS)
    doorbell.answer()
    waiting: list[bool] = []

    def more() -> None:
        ring_on()
        waiting.append(True)

    services.screen(on_full=more)
    # Comments that wait come first: under a flood only the sweep groups, for a second of five.
    if not waiting:
        _group()


@shared_task(acks_late=False, ignore_result=True)
def sweep() -> None:
    """Find what a lost ring would have told of; beat calls it every five seconds."""
    services.screen(on_full=ring_on)
    _group()


# So long a worker goes on with what others have opened before it looks at what waits.
GROUP_SECONDS = 1.0


def _group() -> None:
    """Find the groups of the cases that were opened."""
    started = time.monotonic()
    while services.group_cases().looked and time.monotonic() - started < GROUP_SECONDS:
        pass


@shared_task(acks_late=False, ignore_result=True)
def retrace() -> None:
    """Trace quotes again whose sources have changed, and ring on if there are more.

    It lets changes gather first: those of an article are looked at together.
    """
    time.sleep(GATHER_SECONDS)
    doorbell.answer_for_quotes()
    services.retrace(on_full=doorbell.ring_for_quotes)


@shared_task(acks_late=False, ignore_result=True)
def sweep_quotes() -> None:
    """Find what a lost ring would have told of; beat calls it every five seconds."""
    services.retrace(on_full=doorbell.ring_for_quotes)


# So long a worker goes on with an undo before others have their turn.
UNDO_SECONDS = 2.0


@shared_task(acks_late=False, ignore_result=True)
def undo_imports(*, on: bool = False) -> None:
    """Go on with the undos of imports and of rules that nobody is at, and ring on while they last.

    `on` says that a worker was at them and gave way. Beat calls it for those that were left.
    """
    doorbell.answer_for_undos()
    for undo in services.unfinished(timezone.now(), given_way=on):
        if services.go_on(undo, seconds=UNDO_SECONDS).finished_at is None:
            doorbell.ring_for_undos(on=True)
    for of_rule in services.unfinished_of_rules(timezone.now(), given_way=on):
        if services.go_on_with_rule(of_rule, seconds=UNDO_SECONDS).finished_at is None:
            doorbell.ring_for_undos(on=True)


@shared_task(acks_late=False, ignore_result=True)
def try_out() -> None:
    """Try rules on one chunk of stored comments, and ring on if there are more; beat calls it, too."""
    doorbell.answer_for_tryouts()
    backtest.run_next(on_more=doorbell.ring_for_tryouts)


@shared_task(acks_late=False, ignore_result=True)
def fold_tallies() -> None:
    """Put what was counted since into the rows that the dashboard reads; beat calls it every minute."""
    tallying.fold()
