"""The desk: the queue, the page of a case, deciding and taking back.

Everything is a plain form and a plain link; keys and steps without a page load
are an addition in `static/moderation/`. What is decided is written by
`moderation.services` alone.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from comments.admin.base import person, row_id
from comments.models import Site
from moderation import services
from moderation.admin.decide_form import DecideForm
from moderation.admin.filters import Filters, chips_for, choices_for
from moderation.admin.pages import (
    DECIDE,
    SEE,
    WAITING,
    address_of,
    found,
    language,
    needs,
    page_context,
    part,
    part_of,
    place_of,
    whole,
)
from moderation.admin.queue import count_escalated, count_waiting, following, record_search
from moderation.admin.showing import just_decided, list_context, show
from moderation.admin.ways_back import Back, Ways, tell_next
from moderation.finding_cases import WALKED
from moderation.models import Case
from moderation.saved_views import views_for
from moderation.services.deciding import STATUS_OF
from moderation.services.outcomes import Outcome
from moderation.services.undoing import patiently

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Pages of other modules begin with these.
__all__ = ["DECIDE", "case", "decide", "needs", "page_context", "queue", "seen", "undo"]


@needs(SEE)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The cases that wait, by due time."""
    user, filters = person(request), Filters.read(request.GET)
    context = list_context(request, filters, row_id(request.GET.get("after")))
    context["filters"] = filters
    if part_of(request) and (unchanged := get_conditional_response(request, etag=context["etag"])):
        # Nothing is sent that was not recorded when it was.
        return numbered(request, unchanged)
    record_search(user, filters, (each.pk for each in context["page"].rows))
    if part_of(request):
        return numbered(request, part(request, "list", context))
    context = {
        **page_context(request, gettext("The desk")),
        **context,
        "decided": just_decided(request),
        **_narrowing(user, filters),
    }
    return whole(request, "queue", context)


def numbered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The same, with what the sidebar and the tabs say of what waits."""
    response.headers[WAITING] = f"{count_waiting(request.user):,} {count_escalated(request.user):,}"
    return response


def _narrowing(user: User, filters: Filters) -> dict[str, object]:
    """What the queue may be narrowed to, what it is narrowed to, and the views that are kept."""
    choices = choices_for(user, Site.objects.visible_to(user), language())
    return {
        "choices": choices,
        "chips": chips_for(user, filters, choices),
        "views": views_for(user, filters.query),
        "walked": WALKED,
        "without_one": filters.without("one").query,
    }


@needs(SEE)
@require_GET
def case(request: HttpRequest, key: int) -> HttpResponse:
    """One case, open or closed."""
    return show(request, found(request, key))


@needs(DECIDE)
@require_POST
def decide(request: HttpRequest, key: int) -> HttpResponse:
    """Publish or reject, and on to the next case."""
    user, case = person(request), place_of(request, key)
    form = DecideForm(request.POST)
    if not form.is_valid():
        return show(request, found(request, key), form=form, status=422)
    wanted = form.wanted(case.pk, case.site.language)
    # Of two that are in each other's way PostgreSQL ends one, which goes well a moment later.
    (result,) = patiently(partial(services.decide, [wanted], by=user, now=timezone.now()))
    match result.outcome:
        case Outcome.DENIED:
            raise PermissionDenied
        case Outcome.DONE:
            return _go_on(request, case, result.decision_id, stay=wanted.anew)
    # Read anew: what is shown is the state that refused the decision.
    case = found(request, key)
    if written := _already(case, wanted, user.pk):
        return _go_on(request, case, written)
    return show(request, case, form=form, refused=result.outcome, status=409)


@needs(DECIDE)
@require_POST
def undo(request: HttpRequest, decision: int) -> HttpResponse:
    """Take a decision back; its case is on the desk again."""
    filters = Filters.read(request.GET)
    result = patiently(partial(services.undo, decision, by=person(request), now=timezone.now()))
    if result.outcome is Outcome.DENIED:
        raise PermissionDenied
    again = Case.objects.filter(pk=result.case_id or 0, closed_at=None).exists()
    texts = {
        Outcome.DONE: gettext("Taken back. The case is on the desk again, due as before.")
        if again
        else gettext("Taken back. What was decided before stands again."),
        Outcome.LATE: gettext("Not taken back: after 24 hours only a Lead can."),
    }
    text = texts.get(
        result.outcome,
        gettext("Not taken back: something has been decided on this comment since. This is how it stands."),
    )
    return answer(request, text, address_of(result.case_id, filters), good=result.outcome is Outcome.DONE)


@needs(DECIDE)
@require_POST
def seen(request: HttpRequest, key: int) -> HttpResponse:
    """Close the case of an import run."""
    user, filters, case = person(request), Filters.read(request.GET), place_of(request, key)
    done = services.close_run_case(key, by=user, now=timezone.now())
    text = gettext("Marked as seen.") if done else gettext("Somebody else has already closed this case.")
    ways = Ways(Back(reverse("desk:reopen", args=[key]) + filters.query)) if done else None
    return answer(request, text, address_of(following(user, filters, case), filters), good=done, ways=ways)


@needs(DECIDE)
@require_POST
def reopen(request: HttpRequest, key: int) -> HttpResponse:
    """Take back that the case of an import run was seen."""
    filters = Filters.read(request.GET)
    outcome = services.reopen_run_case(key, by=person(request), now=timezone.now())
    return undone(request, outcome, address_of(key, filters))


def undone(request: HttpRequest, outcome: Outcome, to: str) -> HttpResponse:
    """What became of taking something back that is no decision. Raises `PermissionDenied`."""
    if outcome is Outcome.DENIED:
        raise PermissionDenied
    texts = {
        Outcome.DONE: gettext("Taken back."),
        Outcome.LATE: gettext("Not taken back: after 24 hours only a Lead can."),
    }
    text = texts.get(outcome, gettext("Not taken back: it is no longer as it was."))
    return answer(request, text, to, good=outcome is Outcome.DONE)


def answer(request: HttpRequest, text: str, to: str, *, good: bool, ways: Ways | None = None) -> HttpResponse:
    """What was done, in words, with the way back if there is one, and on to the card at `to`."""
    if part_of(request):
        told = {"back": ways.back, "links": ways.links} if ways else {}
        return part(request, "told", {"text": text, "good": good, **told}, to=to)
    if ways:
        tell_next(request, text, ways)
    else:
        (messages.success if good else messages.error)(request, text)
    return redirect(to)


def _go_on(request: HttpRequest, case: Case, decided: int | None, *, stay: bool = False) -> HttpResponse:
    """To the case after this one, with the way back to what was decided."""
    filters = Filters.read(request.GET)
    # Whoever decides a closed case anew came to this one, and not for the next.
    next_ = case.pk if stay else following(person(request), filters, case)
    to = address_of(next_, filters)
    if part_of(request):
        context = {"decided": just_decided(request, decided), "filters": filters}
        return part(request, "decided", context, to=to)
    return redirect(f"{to}{'&' if '?' in to else '?'}decided={decided}")


def _already(case: Case, wanted: services.Wanted, user: int) -> int | None:
    """His own decision, if this asks for the same again: its answer was lost on the way."""
    if case.comment is None or case.closed_by_id != user:
        return None
    newest = case.comment.decisions.order_by("-pk").first()
    same = newest and (newest.by_id, newest.reason_id) == (user, wanted.reason_id)
    return newest.pk if newest and same and newest.to_status == STATUS_OF[wanted.action] else None
