"""What is done at the desk beside deciding: noting, passing on, giving back, and telling that one looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from comments.admin.base import person, row_id
from comments.models import Comment
from moderation import services
from moderation.admin.decide_form import DecideForm, NoteForm
from moderation.admin.desk import answer, undone
from moderation.admin.pages import DECIDE, address_of, found, needs, part, place_of
from moderation.admin.queue import Filters, following
from moderation.admin.showing import looking, show
from moderation.admin.ways_back import Back, Ways
from moderation.models import Note
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
    kept = Note.objects.filter(comment=case.comment_id, by=request.user.pk).order_by("-pk").first()
    back = reverse("desk:unnote", args=[key, kept.pk]) + _filters(request).query if kept else ""
    to = address_of(key, _filters(request))
    return answer(
        request, gettext("The note is kept."), to, good=True, ways=Ways(Back(back)) if back else None
    )


@needs(DECIDE)
@require_POST
def unnote(request: HttpRequest, key: int, note: int) -> HttpResponse:
    """Take a note back."""
    case = place_of(request, key)
    if not Note.objects.filter(pk=note, comment=case.comment_id).exists():
        raise Http404
    outcome = services.take_note_back(note, by=person(request), now=timezone.now())
    return undone(request, outcome, address_of(key, _filters(request)))


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
            back = Back(reverse("desk:release", args=[key]) + filters.query, {"undo": "1"})
            text = gettext("Passed on: a Lead or a colleague decides.")
            return answer(request, text, to, good=True, ways=Ways(back))
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
    done, filters = outcome is Outcome.DONE, _filters(request)
    # To take back what took something back is to do it again: that is no key's business.
    offered = done and "undo" not in request.POST
    ways = Ways(Back(reverse("desk:unrelease", args=[key]) + filters.query)) if offered else None
    return answer(request, said, address_of(key, filters), good=done, ways=ways)


@needs(DECIDE)
@require_POST
def unrelease(request: HttpRequest, key: int) -> HttpResponse:
    """Take back that a case was given back: it is with the Leads again, as it was."""
    outcome = services.pass_on_again(key, by=person(request), now=timezone.now())
    return undone(request, outcome, address_of(key, _filters(request)))


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
