"""Who looks at which case: leases that tell colleagues and stop nobody.

What keeps two people from deciding the same twice is the comment's version.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from moderation.models import Case

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# The time that a browser which has vanished keeps its name on a case.
LEASE = timedelta(minutes=5)


def claim(case_id: int, *, by: User, now: datetime, lease: timedelta = LEASE) -> bool:
    """Take or prolong the lease of an open case; False where somebody else holds it.

    One statement: of two who come at once PostgreSQL lets the second see the first.
    """
    free = Q(claimed_by=by) | Q(claimed_by=None) | Q(claimed_until__lte=now)
    rows = Case.objects.visible_to(by).filter(free, pk=case_id, closed_at=None)
    return bool(rows.update(claimed_by=by, claimed_until=now + lease))


def leave(case_ids: Collection[int], *, by: User) -> int:
    """Give back one's leases of these cases; how many there were."""
    return Case.objects.filter(pk__in=case_ids, claimed_by=by).update(claimed_by=None, claimed_until=None)
