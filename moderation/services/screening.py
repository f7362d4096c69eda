"""Screening: claim, gather, judge, write. One transaction a batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

import structlog
from django.db import transaction
from django.utils import timezone

from comments import bulk, counters
from moderation.checks.external import NoAnswer
from moderation.engine import Cause, Strictness, Verdict, evaluate
from moderation.external.asking import Question, ask, reserve, unasked
from moderation.facts import Claimed, Limits, Row, bare, claim, gather, with_quotes
from moderation.history import persons_before
from moderation.models import Severity
from moderation.rules import RuleBook, in_force
from moderation.services.auditing import sample
from moderation.services.cases import open_cases
from moderation.services.guarding import CLAIM_SECONDS, guard, is_passing
from moderation.services.restraining import restrain
from moderation.services.writing import Judged, write

log = structlog.get_logger(__name__)

# Comments a claim. Large enough that the bulk statements' round trips vanish
# in it, small enough that a claim stays far below its two seconds.
BATCH = 500
# How many comments of imports are judged at once, with live ones and alone. A
# live comment waits for the end of a batch that has begun; 400 take an eighth
# of a second, and a tenth less processor time for each than 200 (measured).
BESIDE_LIVE, ALONE = 50, 400


@dataclass(slots=True)
class Screened:
    """What a call of `screen` did: comments claimed, decisions by status, failures by check."""

    claimed: int = 0
    decided: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    # Comments that were not judged: services are to be asked about them first.
    unasked: list[Question] = field(default_factory=list)

    def add(self, other: Screened) -> None:
        self.claimed += other.claimed
        self.decided += other.decided
        self.failed += other.failed
        self.unasked += other.unasked


# How often services are asked for one batch: a rule set or a text that changed meanwhile asks anew.
# What still waits then is left until its reservation ends.
ROUNDS = 3


def screen(
    limit: int = BATCH,
    *,
    now: Callable[[], datetime] = timezone.now,
    on_full: Callable[[], None] = lambda: None,
) -> Screened:
    """Decide up to `limit` pending comments; `on_full` is called once they are
    claimed, if there may be more for another worker, and at the end, if time
    did not reach for all of them.

    If a batch can not be judged or written, its comments are tried one by
    one, and the one at fault is held: it holds up nobody else. What failed
    because the database was away, or ended a deadlock, is no comment's fault:
    the error is raised, and all stay pending for the next look.

    Services outside are asked between two claims, with no transaction open.
    """
    screened = _timed(limit, (), now, on_full)
    for _ in range(ROUNDS):
        if not screened.unasked:
            break
        asked, screened.unasked = screened.unasked, []
        ask(asked, now())
        # One more than they are: a claim that is filled would ring for others.
        screened.add(_timed(len(asked) + 1, [question.row.id for question in asked], now, on_full))
    return screened


def _timed(
    limit: int, only: Sequence[int], now: Callable[[], datetime], on_full: Callable[[], None]
) -> Screened:
    started = monotonic()
    screened = _screen_together_or_alone(limit, only, now, on_full)
    _count(screened, monotonic() - started)
    return screened


def _screen_together_or_alone(
    limit: int, only: Sequence[int], now: Callable[[], datetime], on_full: Callable[[], None]
) -> Screened:
    taken: list[int] = []
    try:
        return _screen(limit, only, now, on_full, taken)
    except Exception as error:
        if not taken or is_passing(error):
            raise
        log.exception("batch-failed", comments=len(taken))
    total = Screened()
    for comment in taken:
        total.add(_screen_alone(comment, now))
    return total


def _screen_alone(comment: int, now: Callable[[], datetime]) -> Screened:
    try:
        return _screen(1, (comment,), now, lambda: None, [])
    except Exception as error:
        if is_passing(error):
            raise
        log.exception("comment-failed", comment=comment)
    with transaction.atomic():
        guard()
        rows = claim(Limits(1, 1, 1), (comment,)).rows
        persons = persons_before(rows)
        kept = [row for row in rows if row.id in persons.kept]
        done = [row for row in rows if row.id in persons.judged]
        held = [Judged(bare(row), UNJUDGED) for row in rows if row not in kept + done]
        return _finish(held, done, kept, in_force(), now())


def screen_only(comments: Sequence[int], now: datetime) -> Screened:
    """Decide these of the pending comments, as far as a claim's time reaches."""
    return _screen(len(comments), comments, lambda: now, lambda: None, [])


def _screen(
    limit: int,
    only: Sequence[int],
    now: Callable[[], datetime],
    on_full: Callable[[], None],
    taken: list[int],
) -> Screened:
    with transaction.atomic():
        guard()
        locked = claim(Limits(limit, min(BESIDE_LIVE, limit), ALONE), only)
        if locked.full:
            on_full()
        taken.extend(row.id for row in locked.rows)
        if not taken:
            return Screened()
        book = in_force()
        claimed = gather(locked.rows, book.needs)
        open_questions = unasked(claimed, book.rules) if book.needs.external else []
        judged = _judge(claimed, book, {question.row.id for question in open_questions})
        asking = reserve(open_questions)
        done = [each.row for each in claimed if each.judged]
        kept = [each.row for each in claimed if each.kept]
        if len(judged) + len(done) + len(kept) + len(asking) < len(claimed):
            transaction.on_commit(on_full)
        screened = _finish(judged, done, kept, book, now())
        screened.unasked = asking
        return screened


def _judge(claimed: Sequence[Claimed], book: RuleBook, asking: set[int]) -> list[Judged]:
    """The verdicts, as far as the claim's time reaches; at least one, unless all are `asking`."""
    started = monotonic()
    judged: list[Judged] = []
    waiting = [each for each in claimed if not (each.judged or each.kept or each.row.id in asking)]
    for whole in with_quotes(waiting) if book.needs.quotes else waiting:
        judged.append(Judged(whole, evaluate(book.rules, whole.submission, whole.context)))
        if monotonic() - started > CLAIM_SECONDS:
            break
    return judged


def _finish(
    judged: Sequence[Judged], done: Sequence[Row], kept: Sequence[Row], book: RuleBook, now: datetime
) -> Screened:
    """Write the verdicts and take all these comments off the list.

    Those that were `kept` stay as a person decided them, though their source
    says otherwise now: he is asked again, by a case.
    """
    judged = sample(restrain(judged, now))
    write(judged, book.rule_set, now)
    open_cases({row: [str(Cause.EDIT)] for row in kept}, Severity.NORMAL, now)
    ids = {each.claimed.row.id for each in judged} | {row.id for row in (*done, *kept)}
    bulk.execute("DELETE FROM moderation_pending WHERE comment_id = ANY(%s)", [sorted(ids)])
    for each in judged:
        _tell(each)
    failed = Counter(failure.rule.check.slug for each in judged for failure in each.verdict.failures)
    return Screened(len(ids), Counter(each.verdict.status for each in judged), failed)


# The verdict on a comment that could not even be brought before the rules.
UNJUDGED = Verdict(Strictness.HOLD, (Cause.CHECK_FAILED,), (), (), 2, None)


def _count(screened: Screened, seconds: float) -> None:
    """Add what was committed to the figures of all workers."""
    if not screened.claimed:
        return
    for status, number in screened.decided.items():
        counters.add(counters.DECISIONS, status, "system", by=number)
    for check, number in screened.failed.items():
        counters.add(counters.CHECK_FAILURES, check, by=number)
    counters.observe(counters.SCREENING_SECONDS, seconds)


def _tell(judged: Judged) -> None:
    """Log what failed, and what became of a live comment under its request's id."""
    row, verdict = judged.claimed.row, judged.verdict
    for failure in verdict.failures:
        if isinstance(failure.error, NoAnswer):
            # That a service is down is told once a batch, where it was asked.
            continue
        log.error(
            "check-failed",
            comment=row.id,
            check=failure.rule.check.slug,
            rule_version=failure.rule.version,
            request_id=row.request_id,
            exc_info=failure.error,
        )
    if row.request_id:
        causes = [str(cause) for cause in verdict.causes]
        log.info("decided", comment=row.id, status=verdict.status, causes=causes, request_id=row.request_id)
