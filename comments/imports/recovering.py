"""What becomes of runs whose process died and that nobody goes on with."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from comments.imports.runs import QUIET, TakenOver, announce_rest, set_aside
from comments.imports.storing import store_down_to
from comments.models import ImportRun, RunStatus

logger = logging.getLogger(__name__)


def recover(now: datetime) -> list[int]:
    """Set dead runs aside, store what they had read and announce it; the runs' ids.

    A run that its people resume within QUIET is left to them: its comments
    are then announced when all rows are there.
    """
    unannounced = Q(last_comment_id__isnull=False) & (
        Q(announced_id=None) | Q(announced_id__lt=F("last_comment_id"))
    )
    silent = ImportRun.objects.filter(finished_at=None, heartbeat_at__lt=now - QUIET)
    dead = silent.exclude(status=RunStatus.PAUSED).filter(Q(status=RunStatus.RUNNING) | unannounced)
    recovered = []
    for key in dead.values_list("pk", flat=True):
        with transaction.atomic():
            run = dead.select_for_update(no_key=True, skip_locked=True).filter(pk=key).first()
            if run is None:
                continue
            set_aside(run)
        logger.warning("import run %s has died; what it read is stored and announced", key)
        try:
            store_down_to(run, 0)
            announce_rest(run)
        except TakenOver:
            continue
        recovered.append(key)
    return recovered
