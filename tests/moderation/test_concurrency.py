"""Two at once: nobody's work is lost, nobody waits for ever."""

from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connection, transaction

from comments import bulk
from moderation.rules import in_force
from tests import world

pytestmark = pytest.mark.django_db(transaction=True)


class Elsewhere(Thread):
    """Does `work` on a connection of its own; `error` is what it raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self.work = work
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.work()
        except Exception as error:  # noqa: BLE001 - told to the test
            self.error = error
        finally:
            connection.close()

    def until_done_or_waiting(self) -> None:
        """Return once the other waits for a lock, or has ended."""
        while self.is_alive() and not bulk.fetch("SELECT 1 FROM pg_locks WHERE NOT granted"):
            self.join(0.01)


def test_of_two_who_save_rules_at_once_both_have_theirs_in_force() -> None:
    world.make_reason()
    with transaction.atomic():
        world.make_rule("links")
        other = Elsewhere(lambda: world.make_rule("flood"))
        other.until_done_or_waiting()
    other.join()
    assert other.error is None
    assert {rule.check.slug for rule in in_force().rules} == {"links", "flood"}
