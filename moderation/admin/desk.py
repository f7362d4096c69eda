"""The desk: the queue, the page of a case, deciding and taking back.

Everything is a plain form and a plain link; the keys are an addition in
`static/moderation/desk.js`. What is decided is written by
`moderation.services` alone.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from comments.admin.base import person
from comments.models import Site
from moderation import services
from moderation.admin.card import find_case, guessed_in, make_card
from moderation.admin.decide_form import DecideForm
from moderation.admin.queue import Filters, count_waiting, following, page, preceding
from moderation.admin.sentences import cause_in_words, sentence
from moderation.models import Case, Decision, Reason, Severity
from moderation.safety import warnings_for
from moderation.services.deciding import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    P = ParamSpec("P")

SEE, DECIDE = "moderation.view_case", "moderation.change_case"


def needs(
    permission: str,
) -> Callable[[Callable[Concatenate[HttpRequest, P], HttpResponse]], Callable[..., HttpResponse]]:
    """A page of the admin that asks for `permission`; 403 without it."""

    def wrap(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded: Callable[..., HttpResponse] = admin.site.admin_view(inner)
        return guarded

    return wrap


@needs(SEE)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The cases that wait, by due time."""
    user, filters, language = person(request), Filters.read(request.GET), _language()
    after = request.GET.get("after", "")
    shown = page(user, filters, int(after) if after.isdecimal() and len(after) < 19 else None)
    context = {
        **page_context(request, gettext("The desk")),
        "page": shown,
        "rows": [(case, _causes(case, language)) for case in shown.cases],
        "count": count_waiting(user, filters),
        "filters": filters,
        "decided": _just_decided(request),
        "sites": list(Site.objects.visible_to(user)),
        "severities": Severity.choices,
    }
    return TemplateResponse(request, "moderation/desk/queue.html", context)


@needs(SEE)
@require_GET
def case(request: HttpRequest, key: int) -> HttpResponse:
    """One case, open or closed."""
    return _show(request, _found(request, key))


@needs(DECIDE)
@require_POST
def decide(request: HttpRequest, key: int) -> HttpResponse:
    """Publish or reject, and on to the next case."""
    user, filters, found = person(request), Filters.read(request.GET), _found(request, key)
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form=form, status=422)
    (result,) = services.decide([form.wanted(key)], by=user, now=timezone.now())
    match result.outcome:
        case Outcome.DENIED:
            raise PermissionDenied
        case Outcome.STALE | Outcome.CLOSED:
            # Read anew: what is shown is the state that refused the decision.
            return _show(request, _found(request, key), form=form, refused=result.outcome, status=409)
    return _go_on(following(user, filters, found), filters, result.decision_id)


@needs(DECIDE)
@require_POST
def undo(request: HttpRequest, decision: int) -> HttpResponse:
    """Take a decision back; its case is on the desk again."""
    result = services.undo(decision, by=person(request), now=timezone.now())
    if result.outcome is Outcome.DENIED:
        raise PermissionDenied
    if result.outcome is Outcome.DONE:
        messages.success(request, gettext("Taken back. The case is on the desk again, due as before."))
    else:
        messages.error(
            request,
            gettext(
                "Not taken back: something has been decided on this comment since. This is how it stands."
            ),
        )
    return redirect(reverse("desk:case", args=[result.case_id]) + Filters.read(request.GET).query)


@needs(DECIDE)
@require_POST
def seen(request: HttpRequest, key: int) -> HttpResponse:
    """Close the case of an import run."""
    user, filters, found = person(request), Filters.read(request.GET), _found(request, key)
    if services.close_run_case(key, by=user, now=timezone.now()):
        messages.success(request, gettext("Marked as seen."))
    else:
        messages.info(request, gettext("Somebody else has already closed this case."))
    return _go_on(following(user, filters, found), filters, None)


def _found(request: HttpRequest, key: int) -> Case:
    found = find_case(person(request), key)
    if found is None:
        raise Http404(gettext("There is no such case at your sites."))
    return found


def _show(
    request: HttpRequest,
    case: Case,
    *,
    form: DecideForm | None = None,
    refused: Outcome | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a case, with what was typed and why it was refused."""
    user, filters = person(request), Filters.read(request.GET)
    context = {
        **page_context(request, gettext("Case %(number)d") % {"number": case.pk}),
        "case": case,
        "filters": filters,
        "next": following(user, filters, case),
        "previous": preceding(user, filters, case),
        "decided": _just_decided(request),
        "refused": refused,
        "may_decide": case.closed_at is None and user.has_perm(DECIDE),
    }
    if case.comment is None:
        context["guessed"] = guessed_in(case)
        return TemplateResponse(request, "moderation/desk/run.html", context, status=status)
    card = make_card(case, case.comment, user, _language())
    context["card"] = card
    context["mine"] = next((each for each in card.decisions[:1] if _may_undo(request, each)), None)
    context["form"] = form or DecideForm(initial={"reason": card.suggested_reason})
    context["reasons"] = list(Reason.objects.all())
    return TemplateResponse(request, "moderation/desk/case.html", context, status=status)


def _may_undo(request: HttpRequest, decision: Decision) -> bool:
    """Whether the newest decision is his to take back (the service has the last word)."""
    user = person(request)
    if decision.by_id is None or decision.cause == "undo" or not user.has_perm(DECIDE):
        return False
    return decision.by_id == user.pk or user.has_perm("moderation.undo_any")


def _just_decided(request: HttpRequest) -> Decision | None:
    """His own decision that brought him here, so that he can take it back."""
    key = request.GET.get("decided", "")
    if not key.isdecimal() or len(key) > 18:
        return None
    mine = Decision.objects.visible_to(person(request)).filter(pk=key, by=request.user.pk)
    return mine.select_related("comment", "reason").defer("comment__folded").first()


def _go_on(to: int | None, filters: Filters, decided: int | None) -> HttpResponse:
    address = reverse("desk:case", args=[to]) if to else reverse("desk:queue")
    query = filters.query
    if decided:
        query += f"{'&' if query else '?'}decided={decided}"
    return redirect(address + query)


def _causes(case: Case, language: str) -> list[str]:
    """Why a case is in the queue, in words, each once."""
    told = (
        sentence(cause.finding, language) if cause.finding else cause_in_words(cause.kind)
        for cause in case.causes.all()
    )
    return list(dict.fromkeys(told))


def _language() -> str:
    return (get_language() or "ja")[:2]


def page_context(request: HttpRequest, title: str) -> dict[str, Any]:
    """What every page of the desk needs."""
    request.current_app = admin.site.name
    now = timezone.now()
    warnings = warnings_for(person(request), now)
    return {**admin.site.each_context(request), "title": title, "now": now, "warnings": warnings}
