"""What becomes of runs whose process died and that nobody goes on with."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import OperationalError, transaction
from django.db.models import F, Q

from comments.imports.links import link_waiting
from comments.imports.runs import QUIET, TakenOver, announce_rest, finish, set_aside
from comments.imports.storing import store_left
from comments.models import Asked, ImportRun, RunStatus
from comments.models.scope import BySource

logger = logging.getLogger(__name__)


def recover(now: datetime) -> list[int]:
    """Set dead runs aside, store what they and paused ones had read, announce it; the runs' ids.

    A run that its people resume within QUIET is left to them: its comments
    are then announced when all rows are there. What is wrong with one run
    keeps no other waiting; it is tried again the next time.
    """
    recovered = []
    for key in _dead(now).values_list("pk", flat=True):
        try:
            if _recover(key, now):
                recovered.append(key)
        except TakenOver:
            continue
        except OperationalError:
            raise
        except Exception:
            logger.exception("what import run %s had read cannot be stored", key)
    return recovered


def _dead(now: datetime) -> BySource[ImportRun]:
    unannounced = Q(last_comment_id__isnull=False) & (
        Q(announced_id=None) | Q(announced_id__lt=F("last_comment_id"))
    )
    unfinished = Q(status=RunStatus.RUNNING) | Q(asked=Asked.CANCEL) | unannounced
    silent = ImportRun.objects.filter(finished_at=None, heartbeat_at__lt=now - QUIET)
    return silent.filter(unfinished)


def _recover(key: int, now: datetime) -> bool:
    """Whether all is done that can be for a dead run."""
    with transaction.atomic():
        dead = _dead(now).select_for_update(no_key=True, skip_locked=True)
        run = dead.filter(pk=key).first()
        if run is None:
            return False
        if run.status != RunStatus.PAUSED:
            set_aside(run)
            logger.warning("import run %s has died; what it read is stored and announced", key)
    if not store_left(run):
        return False
    if run.asked == Asked.CANCEL:
        end_cancelled(run)
    else:
        announce_rest(run)
    return True


def end_cancelled(run: ImportRun) -> None:
    """End a run that died after it was asked to end. Raises `TakenOver`.

    It is not gone on with: what it had read may have been left out already.
    """
    link_waiting(run)
    announce_rest(run)
    finish(run)
