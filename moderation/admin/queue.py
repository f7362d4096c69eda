"""The queue: cases that wait, by due time. Reading only, in a constant number of queries.

Written is alone that somebody searched for an e-mail address, and what he found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from django.utils import timezone

from comments.disclosing import DisclosedBy, DisclosedKind, disclose
from comments.masking import may_see_personal_data
from comments.models import Comment, Site
from moderation import finding_cases
from moderation.admin.entries import Row, rows_of
from moderation.admin.filters import Filters
from moderation.backlog import DUE, OPENED, Waiting, waiting, waiting_before
from moderation.finding_cases import Asked, Number, Place
from moderation.grams import words_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

    from moderation.models import Case

__all__ = [
    "Filters",
    "cases_of",
    "cases_of_groups",
    "count_escalated",
    "count_waiting",
    "following",
    "page",
    "preceding",
    "record_search",
]

# Three screens of the list; each entry costs more than a millisecond to show.
PAGE = 25
# Nobody needs to know more exactly than "a thousand or more" how many entries there are, and to count a
# hundred thousand would be a fifth of the page's time.
MANY_ENTRIES = 1_000
EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the queue, and the case to go on after."""

    rows: Sequence[Row]
    more_after: int | None
    # How many there are of all; of a search that was cut at a case, how many up to there.
    number: int
    cut_at: int | None = None
    # How many entries those are, where cases that are alike are one; counted up to `MANY_ENTRIES`.
    entries: int | None = None
    # `{group: its open cases}` of the groups that cases of this page are of.
    sizes: Mapping[int, int] = field(default_factory=dict)


def cases_of(user: User | AnonymousUser, filters: Filters, most: int) -> list[int]:
    """The first cases of the queue as it is narrowed, by due time: for what reads them all."""
    asked = _asked(user, filters)
    found, after = finding_cases.page(asked, most), None
    # A search for what many have is cut at a case: it goes on from there.
    while len(found) < most and (cut := finding_cases.number(asked, after=after).cut_at) is not None:
        after = finding_cases.place_of(cut, asked.sites)
        found += finding_cases.page(asked, most - len(found), after=after)
    return [place.case for place in found]


def _asked(user: User | AnonymousUser, filters: Filters) -> Asked:
    asked = filters.asked(_sites_of(user), timezone.now())
    return replace(asked, words=words_of(filters.q), private=searches_emails(user, filters))


def searches_emails(user: User | AnonymousUser, filters: Filters) -> bool:
    """Whether e-mail addresses are searched, too: with an @ among the words, for those who may see them."""
    return "@" in filters.q and may_see_personal_data(user)


def record_search(user: User | AnonymousUser, filters: Filters, cases: Iterable[int]) -> None:
    """Record whose address a search has told, whatever tells it: a list, a step, a choice of many."""
    if searches_emails(user, filters):
        found = Comment.objects.filter(cases__in=set(cases)).only("site_id", "author_email")
        disclose(found, DisclosedBy.DESK_SEARCH, by=cast("User", user), kinds=[DisclosedKind.EMAIL])


def _recorded(user: User | AnonymousUser, filters: Filters, case: int | None) -> int | None:
    if case is not None:
        record_search(user, filters, [case])
    return case


def _entries(asked: Asked, filters: Filters) -> Asked:
    """What is shown of them: of those that are alike the first."""
    return replace(asked, facets=(finding_cases.FIRST,)) if filters.grouped else asked


def _sites_of(user: User | AnonymousUser) -> list[int]:
    """The sites that he may see, asked for once a request: a user lives no longer."""
    found: list[int] | None = getattr(user, "_queue_sites", None)
    if found is None:
        found = list(Site.objects.visible_to(user).order_by("pk").values_list("pk", flat=True))
        user._queue_sites = found  # type: ignore[union-attr]
    return found


def count_waiting(user: User | AnonymousUser, filters: Filters = EVERYTHING) -> int:
    """How many wait that he may see."""
    known = _known(user, filters)
    return finding_cases.number(_asked(user, filters)).found if known is None else known


def count_escalated(user: User | AnonymousUser) -> int:
    """How many wait for a second pair of eyes."""
    return _waiting(user).escalated()


def _waiting(user: User | AnonymousUser) -> Waiting:
    """What waits at his sites, asked for once a request: the sidebar says it, and the queue."""
    found: Waiting | None = getattr(user, "_queue_waiting", None)
    if found is None:
        found = waiting(_sites_of(user))
        user._queue_waiting = found  # type: ignore[union-attr]
    return found


TALLIED = frozenset({"site", "severity", "escalated", "one", "age", "overdue"})


def _known(user: User | AnonymousUser, filters: Filters) -> int | None:
    """How many there are, if the tallies can say it: 100,000 take 10 ms to be counted (measured)."""
    asked = filters.asked(_sites_of(user), timezone.now())
    bounds = [
        (time, at)
        for time, at in (
            (OPENED, asked.opened_before or asked.opened_after),
            (DUE, asked.due_before),
        )
        if at is not None
    ]
    if {*filters.given} - TALLIED or len(bounds) > 1 or (filters.escalated and filters.severity):
        return None

    def number(of: Waiting) -> int:
        if filters.escalated:
            return of.escalated(filters.site)
        return of.common(filters.site, filters.severity)

    if not bounds:
        return number(_waiting(user))
    before = number(waiting_before(asked.sites, *bounds[0]))
    return number(_waiting(user)) - before if asked.opened_after else before


def page(user: User | AnonymousUser, filters: Filters, after: int | None) -> Page:
    """The next cases after the case `after`, from the first without one."""
    asked = _asked(user, filters)
    shown = _entries(asked, filters)
    place = finding_cases.place_of(after, asked.sites) if after is not None else None
    if asked.words:
        places, counted = finding_cases.search(asked, PAGE + 1, after=place)
    else:
        places = finding_cases.page(shown, PAGE + 1, after=place)
        counted = Number(count_waiting(user, filters))
    keys = [found.case for found in places]
    rows = rows_of(keys[:PAGE], asked.sites, user.pk or 0, timezone.now())
    groups = {row.group_id for row in rows if row.group_id is not None}
    return Page(
        rows,
        keys[PAGE - 1] if len(keys) > PAGE else None,
        counted.found,
        counted.cut_at,
        _entry_count(shown) if filters.grouped else None,
        finding_cases.sizes(shown, groups),
    )


def _entry_count(shown: Asked) -> int | None:
    """How many entries there are, if fewer than cases: counted only where there are groups."""
    if not finding_cases.has_groups(shown.sites):
        return None
    return finding_cases.number(shown, most=MANY_ENTRIES).found


def cases_of_groups(
    user: User | AnonymousUser, filters: Filters, groups: Collection[int], most: int
) -> list[int]:
    """The first cases of groups of like cases, in the common queue or among the escalated."""
    asked = Filters(escalated=filters.escalated).asked(_sites_of(user), timezone.now())
    return finding_cases.of_groups(asked, groups, most)


def following(user: User | AnonymousUser, filters: Filters, case: Case) -> int | None:
    """The case after this one; from the last, the first of the queue."""
    asked = _entries(_asked(user, filters), filters)
    later = finding_cases.page(asked, 1, after=Place(case.due_at, case.pk))
    found = later or [place for place in finding_cases.page(asked, 2) if place.case != case.pk]
    return _recorded(user, filters, found[0].case if found else None)


def preceding(user: User | AnonymousUser, filters: Filters, case: Case) -> int | None:
    """The case before this one, or none."""
    asked = _entries(_asked(user, filters), filters)
    earlier = finding_cases.page(asked, 1, before=Place(case.due_at, case.pk))
    return _recorded(user, filters, earlier[0].case if earlier else None)
