"""Many cases at once: see them all, say what is wanted, look at what would change, press, see what became."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comments.admin.base import person
from comments.models import Site
from moderation import services
from moderation.admin.bulk_form import BulkForm, Chosen, PressForm, TokenForm, read
from moderation.admin.bulk_items import find_cases, items_of, obstacle_of
from moderation.admin.bulk_states import find_bulk, states_of
from moderation.admin.filters import Filters
from moderation.admin.pages import DECIDE, SEE, address_of, language, needs, page_context, whole
from moderation.admin.veiling import veils_for
from moderation.models import Reason
from moderation.services.bulk_deciding import MOST
from moderation.services.deciding import STATUS_OF
from moderation.services.outcomes import Outcome
from moderation.services.second_eyes import Eyes, eyes_on

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from moderation.models import BulkDecision


@dataclass(frozen=True, slots=True)
class Change:
    """So many comments of a site would become `after` and are `before` today."""

    site: Site
    before: str
    after: str
    number: int


@needs(DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HttpRequest) -> HttpResponse:
    """All chosen cases with their whole texts; GET for few, POST for many."""
    user, filters = person(request), Filters.read(request.GET)
    chosen = read(request.POST if request.method == "POST" else request.GET, user, filters)
    if not chosen.among:
        messages.error(request, gettext("No case was selected: mark some in the list first."))
        return redirect(address_of(None, filters))
    return _look(request, chosen, BulkForm(request.POST) if "note" in request.POST else None)


def _look(
    request: HttpRequest, chosen: Chosen, form: BulkForm | None, *, errors: bool = False
) -> HttpResponse:
    items, veils = items_of(person(request), chosen.among, language(), timezone.now())
    if form is not None:
        form.full_clean()
        if not errors:
            # He came back to change something: nothing was pressed that could lack anything.
            form.errors.clear()
    spoken = {each.case.site.language for each in items}
    able = [each for each in items if not each.obstacle]
    context = {
        **page_context(request, gettext("Decide together")),
        "filters": Filters.read(request.GET),
        "items": items,
        "veils": veils,
        "able": len(able),
        "marked": chosen.marked,
        "among": ",".join(map(str, chosen.among)),
        "missing": len(chosen.among) - len(items),
        "cut_of": chosen.number if chosen.is_cut else None,
        "most": MOST,
        "form": form or BulkForm(),
        "reasons": list(Reason.objects.filter(offered=True)),
        # What the author is told is in the language of the site, if they have but one.
        "case": items[0].case if len(spoken) == 1 else None,
    }
    return whole(request, "bulk", context, status=422 if errors else 200)


@needs(DECIDE)
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """What would change, before it does."""
    user, filters = person(request), Filters.read(request.GET)
    chosen, form = read(request.POST, user, filters), BulkForm(request.POST)
    if not chosen.among:
        return look(request)
    if not chosen.marked or not form.is_valid():
        if not chosen.marked:
            form.add_error(None, gettext("No comment is marked: mark at least one."))
        return _look(request, chosen, form, errors=True)
    (first, *_) = form.wishes(chosen.marked)
    changes, refused = _foresee(chosen.marked, user, STATUS_OF[first.action])
    context = {
        **page_context(request, gettext("Decide together")),
        "filters": filters,
        "wanted": first,
        "to_status": STATUS_OF[first.action],
        "reason": Reason.objects.filter(pk=first.reason_id or 0).first(),
        "changes": changes,
        "number": sum(each.number for each in changes),
        "refused": refused,
        "marked": [f"{key}.{seen}" for key, seen in chosen.marked.items() if seen is not None],
        "among": ",".join(map(str, chosen.among)),
        "token": uuid4(),
    }
    return whole(request, "bulk_check", context)


def _foresee(
    marked: Mapping[int, int | None], user: User, after: str
) -> tuple[Sequence[Change], dict[str, int]]:
    """What would change by site and status, and how many would be refused for which outcome."""
    rows = find_cases(user, marked).defer("comment__body", "comment__folded", "comment__user_agent")
    cases = list(rows)
    eyes = eyes_on(cases, user, timezone.now())
    changes: Counter[tuple[Site, str]] = Counter()
    refused: Counter[str] = Counter()
    for case in cases:
        assert case.comment is not None
        stale = "" if case.comment.version == marked[case.pk] else Outcome.STALE
        if obstacle := obstacle_of(case, eyes.get(case.pk, Eyes())) or stale:
            refused[obstacle] += 1
        else:
            changes[case.site, case.comment.status] += 1
    found = [Change(site, before, after, number) for (site, before), number in changes.items()]
    refused[Outcome.DENIED] = len(marked) - sum(changes.values()) - sum(refused.values())
    return sorted(found, key=lambda each: (each.site.name, each.before)), {
        k: v for k, v in refused.items() if v
    }


@needs(DECIDE)
@require_POST
def press(request: HttpRequest) -> HttpResponse:
    """Decide them; pressed twice it is done once."""
    user, filters = person(request), Filters.read(request.GET)
    chosen, form = read(request.POST, user, filters), PressForm(request.POST)
    if not chosen.marked or not form.is_valid():
        return check(request)
    bulk = services.decide_together(
        form.wishes(chosen.marked), token=form.cleaned_data["token"], by=user, now=timezone.now()
    )
    return redirect(_address(bulk, filters))


@needs(SEE)
@require_GET
def done(request: HttpRequest, key: int) -> HttpResponse:
    """What became of each, and the way back."""
    user, filters, now = person(request), Filters.read(request.GET), timezone.now()
    bulk = _found(user, key)
    if bulk.undoes_id:
        return redirect(reverse("desk:bulk_done", args=[bulk.undoes_id]) + filters.query)
    states = states_of(bulk, user, now)
    zones = {each.row.case.site.zone for each in states}
    context = {
        **page_context(request, gettext("Decided together")),
        "filters": filters,
        "bulk": bulk,
        "rows": states,
        "veils": veils_for(user, [each.row.case.comment for each in states]),
        "number": sum(each.row.outcome == Outcome.DONE for each in states),
        # The clock of its sites, the installation's where theirs differ.
        "zone": zones.pop() if len(zones) == 1 else settings.TIME_ZONE,
        "undoable": sum(each.undoable for each in states) if user.has_perm(DECIDE) else 0,
        "missing": bulk.asked - len(states) if bulk.by_id == user.pk else 0,
        "token": uuid4(),
    }
    return whole(request, "bulk_done", context)


@needs(DECIDE)
@require_POST
def undo(request: HttpRequest, key: int) -> HttpResponse:
    """Take all of it back that still stands."""
    user, filters = person(request), Filters.read(request.GET)
    bulk, form = _found(user, key), TokenForm(request.POST)
    if form.is_valid():
        now, token = timezone.now(), form.cleaned_data["token"]
        undone = services.undo_together(bulk, token=token, by=user, now=now)
        if undone is None:
            raise PermissionDenied
        _tell(request, undone)
    return redirect(_address(bulk, filters))


def _tell(request: HttpRequest, undone: BulkDecision) -> None:
    outcomes = Counter(undone.rows.values_list("outcome", flat=True))
    number, rest = outcomes[Outcome.DONE], outcomes.total() - outcomes[Outcome.DONE]
    if number:
        text = gettext("Taken back: %(number)d. Their cases are on the desk again, due as before.")
        messages.success(request, text % {"number": number})
    if late := outcomes[Outcome.LATE]:
        text = gettext("Not taken back, as after 24 hours only a Lead can: %(number)d.")
        messages.error(request, text % {"number": late})
    if since := rest - late:
        text = gettext("Not taken back, as something was decided on them since: %(number)d.")
        messages.error(request, text % {"number": since})
    if not undone.asked:
        messages.error(request, gettext("Nothing of it is left to take back."))


def _found(user: User, key: int) -> BulkDecision:
    bulk = find_bulk(user, key)
    if bulk is None:
        raise Http404(gettext("There is no such decision at your sites."))
    return bulk


def _address(bulk: BulkDecision, filters: Filters) -> str:
    return reverse("desk:bulk_done", args=[bulk.pk]) + filters.query
