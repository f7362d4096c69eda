"""Taking back what a rule version did: a batch a transaction, so that it can stop and go on anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from comments import bulk
from comments.models import Comment
from comments.recording import record_change
from moderation.models import Decision, RuleUndo, Severity
from moderation.rule_undoing import Fate, Touched, Window, look, next_decisions
from moderation.services.cases import open_cases
from moderation.services.deciding import lock, shadow
from moderation.services.guarding import guard
from moderation.services.undoing import BATCH, QUIET, patiently

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = structlog.get_logger(__name__)

_ONE_AT_A_TIME = "SELECT id FROM moderation_ruleversion WHERE id = %s FOR NO KEY UPDATE"


def begin_rule_undo(window: Window, *, by: User, reason: str, now: datetime) -> RuleUndo:
    """The record of an undo, by which any process does it; the unfinished one of the version, if any."""
    with transaction.atomic():
        bulk.fetch(_ONE_AT_A_TIME, [window.version])
        if going := RuleUndo.objects.filter(rule_version=window.version, finished_at=None).first():
            return going
        undo = RuleUndo.objects.create(
            rule_version_id=window.version,
            since=window.since,
            until=window.until,
            by=by,
            reason=reason,
            started_at=now,
            moved_at=now,
        )
        record_change(undo.rule_version.rule, gettext_noop("undo of its decisions begun"), by=by)
        return undo


def cancel_rule_undo(undo_id: int, *, by: User, now: datetime) -> bool:
    """End an undo before its time, after the batch that somebody is at; whether there was one to end.

    What it took back stays taken back. `resume_rule_undo` does the rest.
    """
    # The row is locked while a batch is taken back, so this waits for the end of it.
    going = RuleUndo.objects.filter(pk=undo_id, finished_at=None)
    ended = going.update(finished_at=now, cancelled_at=now, cancelled_by=by) > 0
    if ended:
        log.info("rule-undo-cancelled", undo=undo_id, by=by.pk)
    return ended


def resume_rule_undo(undo_id: int, *, by: User, now: datetime) -> bool:
    """Let a cancelled undo go on where it stopped; not while another of the version goes on."""
    version = RuleUndo.objects.values_list("rule_version_id", flat=True).get(pk=undo_id)
    with transaction.atomic():
        bulk.fetch(_ONE_AT_A_TIME, [version])
        undo = RuleUndo.objects.select_for_update(no_key=True, of=("self",)).get(pk=undo_id)
        others = RuleUndo.objects.filter(rule_version=version, finished_at=None)
        if undo.cancelled_at is None or others.exists():
            return False
        undo.finished_at = undo.cancelled_at = undo.cancelled_by = None
        undo.moved_at = now
        undo.save(update_fields=["finished_at", "cancelled_at", "cancelled_by", "moved_at"])
    log.info("rule-undo-resumed", undo=undo_id, by=by.pk)
    return True


def go_on_with_rule(
    undo: RuleUndo,
    *,
    now: Callable[[], datetime] = timezone.now,
    seconds: float | None = None,
    step: Callable[[RuleUndo], None] | None = None,
) -> RuleUndo:
    """Do what is left of an undo, as far as `seconds` reach; others may go on with it at the same time.

    `step` is called after each batch.
    """
    started = monotonic()
    while undo.finished_at is None and (seconds is None or monotonic() - started < seconds):
        undo = patiently(partial(_batch, undo.pk, now()))
        if step:
            step(undo)
    return undo


def unfinished_of_rules(now: datetime, *, given_way: bool = False) -> list[RuleUndo]:
    """Undos that nobody is at: not yet begun, or left; all if who was at them has given way."""
    waiting = RuleUndo.objects.filter(finished_at=None).order_by("pk")
    return [undo for undo in waiting if given_way or undo.position == 0 or undo.moved_at < now - QUIET]


@transaction.atomic
def _batch(undo_id: int, now: datetime) -> RuleUndo:
    guard()
    undo = RuleUndo.objects.select_for_update(no_key=True, of=("self",)).select_related("by").get(pk=undo_id)
    if undo.finished_at is not None:
        return undo
    undo.moved_at = now
    window = Window(undo.rule_version_id, undo.since, undo.until)
    found = next_decisions(window, undo.position, BATCH)
    if found is None:
        undo.finished_at = now
        undo.save(update_fields=["moved_at", "finished_at"])
        log.info("rule-undone", rule_version=undo.rule_version_id, undo=undo.pk, **undo.counts)
        return undo
    keys = found.decisions
    comments = lock(list(Decision.objects.filter(pk__in=keys).values_list("comment_id", flat=True)))
    touched = look(undo.rule_version_id, keys)
    _take_back(undo, touched, comments, now)
    counts = Counter(undo.counts) + Counter(str(each.fate) for each in touched)
    undo.counts, undo.position = dict(sorted(counts.items())), found.after
    undo.save(update_fields=["position", "counts", "moved_at"])
    return undo


# Only where nothing else asks for a person: what became of a quote since is a cause of its own.
_CLOSE = """
UPDATE moderation_case k SET closed_at = %s, closed_why = 'rule-undo'
WHERE k.comment_id = ANY(%s) AND k.closed_at IS NULL AND NOT EXISTS (
    SELECT FROM moderation_casecause c LEFT JOIN moderation_finding f ON f.id = c.finding_id
    WHERE c.case_id = k.id AND f.rule_version_id IS DISTINCT FROM %s)
"""


def _take_back(
    undo: RuleUndo, touched: Sequence[Touched], comments: dict[int, Comment], now: datetime
) -> None:
    free = [each.id for each in touched if each.fate in {Fate.PUBLISHED, Fate.CLOSED} and not each.kinds]
    bulk.execute(_CLOSE, [now, free, undo.rule_version_id])
    moved = [each for each in touched if each.fate in {Fate.PUBLISHED, Fate.HELD}]
    decisions = [_decision(undo, each, comments[each.id], now) for each in moved]
    Decision.objects.bulk_create(decisions)
    for severity in Severity:
        waiting = {
            comments[each.id]: each.kinds
            for each in moved
            if each.verdict.severity == severity and each.kinds
        }
        open_cases(waiting, severity, now)
    # The articles last of all, or screening is locked out.
    shadow(decisions)


def _decision(undo: RuleUndo, touched: Touched, comment: Comment, now: datetime) -> Decision:
    return Decision(
        comment=comment,
        revision=comment.revision,
        from_status=comment.status,
        to_status=touched.verdict.status,
        cause="undo",
        reason_id=touched.verdict.reason,
        by=undo.by,
        supersedes_id=touched.decision,
        facts={"rule_undo": undo.pk},
        created_at=now,
    )
