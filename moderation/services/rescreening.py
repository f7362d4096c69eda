"""Comments are screened again, by the rules of today; what people have decided stays.

What would change is found by doing it and taking it back: the very screening,
in a transaction that is rolled back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import monotonic

from django.db import transaction

from comments import bulk
from comments.models import Comment
from moderation import doorbell
from moderation.models import Case, Lane, Pending
from moderation.services.screening import screen_only

# Comments that are screened at once while it is found out what would change.
BATCH = 100
# Examples kept of each change.
EXAMPLES = 3

_ENLIST = """
INSERT INTO moderation_pending (comment_id, lane, request_id, since)
SELECT id, %s, '', clock_timestamp() FROM comments_comment
WHERE id = ANY(%s) AND withdrawn_at IS NULL AND erased_at IS NULL
ORDER BY id ON CONFLICT (comment_id) DO NOTHING
"""


@dataclass(slots=True)
class Rehearsal:
    """How many would go from one status to another, with a few of them; `looked_at` of `total`."""

    total: int = 0
    looked_at: int = 0
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    # Published before and after, with a case that closes.
    closed: int = 0

    @property
    def whole(self) -> bool:
        """Whether all were looked at."""
        return self.looked_at >= self.total

    @property
    def any(self) -> bool:
        return bool(self.changes or self.closed)


def rehearse_again(comments: Sequence[int], now: datetime, *, seconds: float) -> Rehearsal:
    """What screening these comments again would change, as far as `seconds` reach; nothing stays written.

    They are looked at in an order that has nothing to do with what they are,
    so that those which were looked at stand for the rest.
    """
    found, started = Rehearsal(total=len(comments)), monotonic()
    mixed = sorted(comments, key=_mixed)
    for start in range(0, len(mixed), BATCH):
        _rehearse(mixed[start : start + BATCH], found, now)
        if monotonic() - started > seconds:
            break
    return found


def _mixed(comment: int) -> int:
    # Knuth's multiplicative hash: neighbours end far apart.
    return comment * 2_654_435_761 % 2**32


def _rehearse(keys: Sequence[int], found: Rehearsal, now: datetime) -> None:
    with transaction.atomic():
        before, cases = _state(keys)
        bulk.execute(_ENLIST, [Lane.AGAIN, list(keys)])
        screen_only(keys, now)
        after, left = _state(keys)
        waits = set(Pending.objects.filter(pk__in=keys).values_list("pk", flat=True))
        transaction.set_rollback(True)
    looked_at = [key for key in keys if key not in waits]
    found.looked_at += len(looked_at)
    found.closed += len({key for key in cases - left if before[key] == after[key]})
    for key in looked_at:
        if before[key] != after[key]:
            change = before[key], after[key]
            found.changes[change] += 1
            examples = found.examples.setdefault(change, [])
            if len(examples) < EXAMPLES:
                examples.append(key)


def _state(keys: Sequence[int]) -> tuple[dict[int, str], set[int]]:
    """The comments' statuses, and those that have an open case."""
    statuses = dict(Comment.objects.filter(pk__in=keys).values_list("pk", "status"))
    cases = Case.objects.filter(comment__in=keys, closed_at=None).values_list("comment", flat=True)
    return statuses, {key for key in cases if key is not None}


def screen_again(comments: Sequence[int]) -> int:
    """Put comments on the list of what waits, behind everything else; how many were not there yet."""
    with transaction.atomic():
        enlisted = bulk.execute(_ENLIST, [Lane.AGAIN, sorted(comments)])
        transaction.on_commit(partial(doorbell.ring, full=True))
    return enlisted
