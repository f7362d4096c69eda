"""What a person asks of a run, from wherever he sees it: pause, go on, cancel, its problems again.

Who works at the run heeds it after the present chunk. Where nobody does, a
run is cancelled at once, and going on is a worker's, if it can reach the file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from kombu.exceptions import OperationalError
from redis import Redis

from comments import redis_client
from comments.imports.again import reachable
from comments.imports.links import link_waiting
from comments.imports.runs import Halted, announce_rest, finish, heed, is_alive, set_aside
from comments.models import Asked, ImportRun, ImportSource, RunStatus

if TYPE_CHECKING:
    from django.contrib.auth.models import User

logger = logging.getLogger(__name__)


class CannotAsk(Exception):
    """The run is not in a state in which it could do so; a sentence for people."""


def ask(run_id: int, asked: Asked, by: User) -> ImportRun:
    """Ask a run to pause or to end; the run as it then stands.

    A run at which nobody works is ended by this very call: what it had stored
    stays, and is handed on for screening. Raises `CannotAsk`.
    """
    with transaction.atomic():
        run = _locked(run_id)
        working = at_work(run)
        if asked == Asked.PAUSE and run.status == RunStatus.PAUSED:
            raise CannotAsk(gettext("Run %(number)d is paused already.") % {"number": run_id})
        if asked == Asked.PAUSE and not working:
            raise CannotAsk(
                gettext("Nobody works at run %(number)d: there is nothing to pause.") % {"number": run_id}
            )
        if asked == Asked.PAUSE and run.asked == Asked.CANCEL:
            raise CannotAsk(gettext("Run %(number)d is being cancelled.") % {"number": run_id})
        run.asked = asked
        if not working:
            # Whoever worked at it and was only slow writes no more.
            run.attempt += 1
        run.save(update_fields=["asked", "attempt"])
        _record(run, gettext("asked to pause") if asked == Asked.PAUSE else gettext("asked to cancel"), by)
    return run if working else _end(run)


def ask_to_go_on(run_id: int, by: User) -> ImportRun:
    """Take back that a run should pause, or have a worker go on with it. Raises `CannotAsk`."""
    with transaction.atomic():
        run = _locked(run_id)
        if at_work(run):
            if run.asked != Asked.PAUSE:
                raise CannotAsk(gettext("Run %(number)d is going on.") % {"number": run_id})
            run.asked = ""
            run.save(update_fields=["asked"])
            _record(run, gettext("asked to go on"), by)
            return run
        if run.source.address and is_fetched(run):
            _let_read_again(run)
    from comments.tasks import go_on_with_run, import_source  # noqa: PLC0415 - they import what is asked for

    if run.source.address and is_fetched(run):
        _ring(import_source.delay, run.source_id)
    elif reachable(run):
        _ring(go_on_with_run.delay, run_id)
    else:
        raise CannotAsk(
            gettext("Its file is not on this server under that name. Where it is, this goes on: %(command)s")
            % {"command": f"manage.py import_comments --resume {run_id}"}
        )
    _record(run, gettext("asked to go on"), by)
    return run


def ask_for_problems(run_id: int, by: User) -> ImportRun:
    """Have a worker read the rows again that a run had refused, from the mended file. Raises `CannotAsk`."""
    run = ImportRun.objects.select_related("source").get(pk=run_id)
    if run.finished_at is None:
        raise CannotAsk(gettext("Run %(number)d has not ended.") % {"number": run_id})
    if not run.problems.filter(refused=True).exists():
        raise CannotAsk(gettext("Run %(number)d refused no row.") % {"number": run_id})
    if not reachable(run):
        raise CannotAsk(
            gettext(
                "Its file is not on this server under that name. Where it is, this runs them: %(command)s"
            )
            % {"command": f"manage.py import_comments FILE --only-problems-of {run_id}"}
        )
    from comments.tasks import run_problems_again  # noqa: PLC0415 - as above

    _ring(run_problems_again.delay, run_id)
    _record(run, gettext("asked for its problems again"), by)
    return run


def at_work(run: ImportRun) -> bool:
    """Whether somebody works at the run, as far as one can know."""
    return run.status == RunStatus.RUNNING and run.finished_at is None and is_alive(run, timezone.now())


def is_fetched(run: ImportRun) -> bool:
    """Whether the file is one that only the run's source can fetch."""
    return "://" in run.path or run.path.startswith("upload:")


def _let_read_again(run: ImportRun) -> None:
    """Have the source read at once: where the file is as it was, its run goes on.

    A paused run would keep the source from being read.
    """
    set_aside(run)
    ImportSource.objects.filter(pk=run.source_id).update(due_at=timezone.now())


def _locked(run_id: int) -> ImportRun:
    """The run's row, locked, if it has not ended. Raises `CannotAsk`."""
    run = (
        ImportRun.objects.select_for_update(no_key=True, of=("self",)).select_related("source").get(pk=run_id)
    )
    if run.finished_at is not None:
        raise CannotAsk(gettext("Run %(number)d has ended.") % {"number": run_id})
    return run


def _end(run: ImportRun) -> ImportRun:
    """End a cancelled run as its reader would (`imports.execute`)."""
    with suppress(Halted):
        heed(run)
    link_waiting(run)
    announce_rest(run)
    return finish(run)


def _ring(send: Callable[[int], Any], run_id: int) -> None:
    try:
        redis_client.ask(Redis.ping)
        send(run_id)
    except (redis_client.Unavailable, OperationalError, OSError) as error:
        logger.warning("no worker could be asked for import run %s: %s", run_id, error)
        raise CannotAsk(gettext("No worker can be reached at the moment. Try again in a minute.")) from None


def _record(run: ImportRun, done: str, by: User) -> None:
    """Note in the run's history who asked."""
    told = [{"changed": {"fields": [done]}}]
    LogEntry.objects.log_actions(by.pk, [run], CHANGE, change_message=told, single_object=True)
