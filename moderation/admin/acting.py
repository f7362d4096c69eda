"""What is done at the desk beside deciding: noting, passing on, giving back, and telling that one looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from comments.admin.base import person, row_id
from comments.models import Comment
from moderation import services
from moderation.admin.decide_form import DecideForm, NoteForm
from moderation.admin.desk import answer
from moderation.admin.pages import DECIDE, address_of, found, needs, part, place_of
from moderation.admin.queue import Filters, following
from moderation.admin.showing import looking, show
from moderation.services.outcomes import Outcome

if TYPE_CHECKING:
    from moderation.models import Case


@needs(DECIDE)
@require_POST
def note(request: HttpRequest, key: int) -> HttpResponse:
    """Keep a note without deciding."""
    case, form = found(request, key), NoteForm(request.POST)
    if not _has_words(form):
        return _again(request, case, gettext("Write the note first."))
    outcome = services.add_note(key, form.cleaned_data["note"], by=person(request), now=timezone.now())
    if outcome is not Outcome.DONE:
        raise PermissionDenied
    return answer(request, gettext("The note is kept."), address_of(key, _filters(request)), good=True)


@needs(DECIDE)
@require_POST
def escalate(request: HttpRequest, key: int) -> HttpResponse:
    """Pass a case on for a second pair of eyes, and on to the next."""
    case, form = found(request, key), NoteForm(request.POST)
    if not _has_words(form):
        return _again(request, case, gettext("Say in the note why you pass it on."))
    user, filters = person(request), _filters(request)
    outcome = services.escalate(key, form.cleaned_data["note"], by=user, now=timezone.now())
    match outcome:
        case Outcome.DENIED:
            raise PermissionDenied
        case Outcome.DONE:
            to = address_of(following(user, filters, case), filters)
            return answer(request, gettext("Passed on: a Lead or a colleague decides."), to, good=True)
    return show(request, found(request, key), form=DecideForm(request.POST), refused=outcome, status=409)


@needs(DECIDE)
@require_POST
def release(request: HttpRequest, key: int) -> HttpResponse:
    """Give an escalated case back to everybody's queue."""
    found(request, key)
    form = NoteForm(request.POST)
    text = form.cleaned_data["note"] if form.is_valid() else ""
    outcome = services.release(key, text, by=person(request), now=timezone.now())
    if outcome is Outcome.DENIED:
        raise PermissionDenied
    said = gettext("Given back: it is in everybody's queue again.")
    if outcome is not Outcome.DONE:
        said = gettext("It is not with the Leads any more.")
    return answer(request, said, address_of(key, _filters(request)), good=outcome is Outcome.DONE)


@needs(DECIDE)
@require_POST
def claim(request: HttpRequest, key: int) -> HttpResponse:
    """Tell colleagues that one looks at it, and be told how it stands.

    `left` is the case that he looked at before, `seen_version` the comment's version on his screen.
    """
    user, now = person(request), timezone.now()
    if (left := row_id(request.POST.get("left"))) is not None and left != key:
        services.leave([left], by=user)
    services.claim(key, by=user, now=now)
    case = place_of(request, key)
    version = Comment.objects.filter(pk=case.comment_id or 0).values_list("version", flat=True).first()
    context = {
        "case": case,
        "card_url": address_of(key, _filters(request)),
        "looking": looking(case, user, now),
        "changed": version is not None and str(version) != request.POST.get("seen_version"),
        "decided_by": case.closed_by if case.closed_by_id != user.pk else None,
    }
    return part(request, "standing", context)


@needs(DECIDE)
@require_POST
def leave(request: HttpRequest, key: int) -> HttpResponse:
    """Give the lease back: sent by a page that goes away."""
    services.leave([place_of(request, key).pk], by=person(request))
    return HttpResponse(status=204)


def _filters(request: HttpRequest) -> Filters:
    return Filters.read(request.GET)


def _has_words(form: NoteForm) -> bool:
    return form.is_valid() and bool(form.cleaned_data["note"].strip())


def _again(request: HttpRequest, case: Case, error: str) -> HttpResponse:
    """The card again with all that was typed, and what is missing."""
    form = DecideForm(request.POST)
    form.full_clean()
    # It was no decision: what a decision would lack is not told.
    form.errors.clear()
    form.errors["note"] = form.error_class([error])
    return show(request, case, form=form, status=422)
