"""The queue: cases that wait, by due time. Reading only, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Prefetch, Q
from django.db.models.functions import Left

from moderation.models import Case, CaseCause, Severity

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User
    from django.db.models import QuerySet

PAGE = 50
# Characters of a body that the list shows.
BEGINNING = 240
# Past this the navigation says "999+": nobody reads the difference, and the
# count stays a short look at an index.
COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue is narrowed to; kept in every address of the desk."""

    site: int | None = None
    severity: int | None = None
    # Those that wait for a second pair of eyes; they are not in the common queue.
    escalated: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filters:
        """The filters in an address; what cannot be read is no filter."""
        site, severity = query.get("site", ""), query.get("severity", "")
        return cls(
            int(site) if site.isdecimal() and len(site) < 19 else None,
            int(severity) if severity in {str(value) for value in Severity.values} else None,
            query.get("escalated") == "1",
        )

    @property
    def query(self) -> str:
        """`?site=…`, or nothing."""
        values = (("site", self.site), ("severity", self.severity), ("escalated", int(self.escalated)))
        given = {name: value for name, value in values if value}
        return f"?{urlencode(given)}" if given else ""


def waiting(user: User | AnonymousUser, filters: Filters = Filters()) -> QuerySet[Case]:
    """Open cases that `user` may see, by due time."""
    rows: QuerySet[Case] = Case.objects.visible_to(user).filter(
        closed_at=None, escalated_at__isnull=not filters.escalated
    )
    if filters.site:
        rows = rows.filter(site=filters.site)
    if filters.severity:
        rows = rows.filter(severity=filters.severity)
    return rows.order_by("due_at", "pk")


def count_waiting(user: User | AnonymousUser, filters: Filters = Filters()) -> str:
    """How many wait, as it is shown: a number, or `999+`."""
    number = waiting(user, filters).order_by()[:COUNTED].count()
    return f"{COUNTED - 1}+" if number == COUNTED else str(number)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the queue, and the case to go on after."""

    cases: Sequence[Case]
    more_after: int | None


def page(user: User | AnonymousUser, filters: Filters, after: int | None) -> Page:
    """The next cases after the case `after`, from the first without one."""
    rows = waiting(user, filters)
    if after is not None:
        rows = _beyond(rows, user, after)
    causes = CaseCause.objects.select_related("finding__rule_version")
    shown = list(
        rows.select_related("site", "comment__article", "import_run__source", "claimed_by", "escalated_by")
        .annotate(beginning=Left("comment__body", BEGINNING))
        .defer("comment__body", "comment__folded", "comment__user_agent", "comment__article__body")
        .prefetch_related(Prefetch("causes", causes))[: PAGE + 1]
    )
    return Page(shown[:PAGE], shown[PAGE - 1].pk if len(shown) > PAGE else None)


def _beyond(rows: QuerySet[Case], user: User | AnonymousUser, key: int) -> QuerySet[Case]:
    """Those of `rows` that come after the case `key`, open or not."""
    place = Case.objects.visible_to(user).filter(pk=key).values_list("due_at", flat=True).first()
    if place is None:
        return rows
    return rows.filter(due_at__gte=place).filter(Q(due_at__gt=place) | Q(pk__gt=key))


def following(user: User | AnonymousUser, filters: Filters, case: Case) -> int | None:
    """The case after this one; from the last, the first of the queue."""
    rows = waiting(user, filters).exclude(pk=case.pk).values_list("pk", flat=True)
    later = rows.filter(due_at__gte=case.due_at).filter(Q(due_at__gt=case.due_at) | Q(pk__gt=case.pk))
    return later.first() or rows.first()


def preceding(user: User | AnonymousUser, filters: Filters, case: Case) -> int | None:
    """The case before this one, or none."""
    rows = waiting(user, filters).values_list("pk", flat=True)
    earlier = rows.filter(due_at__lte=case.due_at).filter(Q(due_at__lt=case.due_at) | Q(pk__lt=case.pk))
    return earlier.order_by("-due_at", "-pk").first()
