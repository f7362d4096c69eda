"""The queue: cases that wait, by due time. Reading only, in a constant number of queries.

Written is alone that somebody searched for an e-mail address, and what he found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from django.db.models import OuterRef, Prefetch, Subquery, Value
from django.db.models.functions import Left
from django.utils import timezone

from comments.disclosing import DisclosedBy, DisclosedKind, disclose
from comments.masking import may_see_personal_data
from comments.models import Comment, Site
from moderation import finding_cases
from moderation.admin.filters import Filters
from moderation.admin.remembered import Remembered
from moderation.finding_cases import Asked, Number, Place
from moderation.grams import words_of
from moderation.models import Case, CaseCause, Note
from moderation.models.notes import NoteKind

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User
    from django.http import HttpRequest

__all__ = [
    "Filters",
    "cases_of",
    "cases_of_groups",
    "count_all",
    "count_escalated",
    "count_waiting",
    "counted",
    "following",
    "note_counted",
    "page",
    "preceding",
    "record_search",
]

# Three screens of the list; each entry costs more than a millisecond to show.
PAGE = 25
# Characters of a body that the list shows.
BEGINNING = 240
EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the queue, and the case to go on after."""

    cases: Sequence[Case]
    more_after: int | None
    # How many there are of all; of a search that was cut at a case, how many up to there.
    number: int
    cut_at: int | None = None
    # How many entries those are, where cases that are alike are one.
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
    if not filters.q:
        return asked
    return finding_cases.search(asked, words_of(filters.q), private=searches_emails(user, filters))


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


def _entries(user: User | AnonymousUser, filters: Filters) -> Asked:
    """What is shown of them: of those that are alike the first."""
    asked = _asked(user, filters)
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
    return finding_cases.number(_asked(user, filters)).found


# Where a request keeps how many wait without any filter: the sidebar says it, and the queue, in either order.
_COUNTED, _ESCALATED = "_cases_waiting", "_cases_escalated"
# A hundred thousand cases take 12 ms to count, which is a lot for a page that is about something else.
_REMEMBERED: Remembered[int] = Remembered(seconds=10)


def count_all(request: HttpRequest, *, fresh: bool = True) -> int:
    """How many wait without any filter, counted once a request; if not `fresh`, once in ten seconds."""
    if (found := counted(request)) is not None:
        return found
    if not fresh and (found := _REMEMBERED.get(request.user.pk)) is not None:
        return found
    note_counted(request, count_waiting(request.user))
    return counted(request) or 0


def count_escalated(request: HttpRequest) -> int:
    """How many wait for a second pair of eyes: few, and counted once a request."""
    found: int | None = getattr(request, _ESCALATED, None)
    if found is None:
        found = count_waiting(request.user, Filters(escalated=True))
        setattr(request, _ESCALATED, found)
    return found


def counted(request: HttpRequest) -> int | None:
    """What `count_all` has found already, if it has."""
    found: int | None = getattr(request, _COUNTED, None)
    return found


def note_counted(request: HttpRequest, number: int) -> None:
    """Spare `count_all` the counting."""
    _REMEMBERED.keep(request.user.pk, number)
    setattr(request, _COUNTED, number)


def page(
    user: User | AnonymousUser, filters: Filters, after: int | None, *, number: int | None = None
) -> Page:
    """The next cases after the case `after`, from the first without one.

    `number` is how many there are, where that is known.
    """
    asked, shown = _asked(user, filters), _entries(user, filters)
    place = finding_cases.place_of(after, asked.sites) if after is not None else None
    keys = [found.case for found in finding_cases.page(shown, PAGE + 1, after=place)]
    counted = finding_cases.number(asked, after=place) if number is None else Number(number)
    causes = CaseCause.objects.select_related("finding__rule_version")
    why = Note.objects.filter(comment=OuterRef("comment"), kind=NoteKind.ESCALATED).order_by("-pk")
    rows = (
        Case.objects.visible_to(user)
        .filter(pk__in=keys[:PAGE])
        .select_related("site", "comment__article", "import_run__source", "claimed_by", "escalated_by")
        .annotate(beginning=Left("comment__body", BEGINNING))
        .annotate(escalated_why=Subquery(why.values("text")[:1]) if filters.escalated else Value(""))
        .defer("comment__body", "comment__folded", "comment__user_agent", "comment__article__body")
        .prefetch_related(Prefetch("causes", causes))
        .order_by("due_at", "pk")
    )
    cases = list(rows)
    groups = {case.group_id for case in cases if case.group_id is not None}
    return Page(
        cases,
        keys[PAGE - 1] if len(keys) > PAGE else None,
        counted.found,
        counted.cut_at,
        _entry_count(shown) if filters.grouped else None,
        finding_cases.sizes(shown, groups) if groups else {},
    )


def _entry_count(shown: Asked) -> int | None:
    """How many entries there are, if fewer than cases: counted only where there are groups."""
    return finding_cases.number(shown).found if finding_cases.has_groups(shown.sites) else None


def cases_of_groups(
    user: User | AnonymousUser, filters: Filters, groups: Collection[int], most: int
) -> list[int]:
    """The first cases of groups of like cases, in the common queue or among the escalated."""
    asked = Filters(escalated=filters.escalated).asked(_sites_of(user), timezone.now())
    return finding_cases.of_groups(asked, groups, most)


def following(user: User | AnonymousUser, filters: Filters, case: Case) -> int | None:
    """The case after this one; from the last, the first of the queue."""
    asked = _entries(user, filters)
    later = finding_cases.page(asked, 1, after=Place(case.due_at, case.pk))
    found = later or [place for place in finding_cases.page(asked, 2) if place.case != case.pk]
    return _recorded(user, filters, found[0].case if found else None)


def preceding(user: User | AnonymousUser, filters: Filters, case: Case) -> int | None:
    """The case before this one, or none."""
    earlier = finding_cases.page(_entries(user, filters), 1, before=Place(case.due_at, case.pk))
    return _recorded(user, filters, earlier[0].case if earlier else None)
