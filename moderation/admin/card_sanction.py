"""A sanction from the card: chosen, previewed, set, perhaps with a rejection; and lifted again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from comments.admin.base import person, row_id
from moderation import services
from moderation.admin.again import AGAIN
from moderation.admin.desk import answer
from moderation.admin.foreseeing import foresee
from moderation.admin.pages import SEE, address_of, found, needs, part, part_of, place_of
from moderation.admin.queue import Filters, following
from moderation.admin.sanction_form import SanctionForm
from moderation.admin.showing import may_decide, show_with
from moderation.admin.ways_back import Back, Link, Ways
from moderation.models import Case, Reason, Sanction
from moderation.offers import offers_in
from moderation.rules import in_force
from moderation.services import Wanted
from moderation.services.escalating import is_his_to_undo
from moderation.services.outcomes import Outcome
from moderation.services.sanctioning import (
    ADD,
    AlreadySanctionedError,
    may_lift,
    may_sanction,
)
from moderation.targets import Kind

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from moderation.targets import Target

# What of it may be asked for alone: the form, and what it would have found.
PARTS = {"sanction", "foreseen"}


@needs(ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def sanction(request: HttpRequest, key: int) -> HttpResponse:
    """The form on the card, what it would have found, and setting it."""
    if not request.user.has_perm(SEE):
        raise PermissionDenied
    case, user = found(request, key), person(request)
    if case.comment is None or case.comment.erased_at or not offers_in(case.comment):
        raise Http404(gettext("Nothing of this comment can be put under a sanction."))
    form = SanctionForm(
        request.POST or None, user=user, comment=case.comment, initial={"reason": _reason_of(case)}
    )
    context: dict[str, Any] = {
        "case": case,
        "filters": Filters.read(request.GET),
        "sanction_form": form,
        "asleep": not in_force().needs.sanctions,
        "may_reject": may_decide(case, user, timezone.now()),
        "comment": case.comment,
    }
    if request.method == "POST" and form.is_valid() and form.target is not None:
        site = form.cleaned_data["site"]
        if not may_sanction(user, site.pk if site else None):
            raise PermissionDenied
        if "preview" not in request.POST:
            return _set(request, case, form, form.target, context)
        context["foreseen"] = foresee(user, form.target, site.pk if site else None)
    if part_of(request) in PARTS:
        # What is not yet filled in is no error of a preview.
        return part(request, part_of(request), context)
    return show_with(request, case, context, status=422 if form.errors else 200)


def _set(
    request: HttpRequest, case: Case, form: SanctionForm, target: Target, context: dict[str, Any]
) -> HttpResponse:
    """Set it; with `reject` its comment is rejected for the same reason, or nothing of both is done."""
    user, now = person(request), timezone.now()
    result = None
    try:
        if "reject" in request.POST:
            wanted = Wanted(case.pk, "reject", _version(request), reason_id=form.cleaned_data["reason"].pk)
            made, result = services.sanction_and_decide(target, form.terms(now), wanted, by=user, now=now)
        else:
            made = services.sanction(target, form.terms(now), by=user, now=now)
    except AlreadySanctionedError as error:
        return show_with(request, case, {**context, "already": error.sanction}, status=422)
    if made is None:
        outcome = result.outcome if result else Outcome.DENIED
        return show_with(request, found(request, case.pk), {**context, "refused": outcome}, status=409)
    filters = Filters.read(request.GET)
    back = Back(
        reverse("desk:lift", args=[case.pk, made.pk]) + filters.query,
        {"at_once": "1", **({"decision": str(result.decision_id)} if result else {})},
    )
    to = following(user, filters, case) if result else case.pk
    text = gettext("The sanction is in force for what arrives from now on.")
    if result:
        text = gettext("Rejected, and the sanction is in force for what arrives from now on.")
    ways = Ways(back, _links(case, made, user))
    return answer(request, text, address_of(to, filters), good=True, ways=ways)


def _links(case: Case, made: Sanction, user: User) -> list[Link]:
    """Where what waits of the same is to be found."""
    queue, found = reverse("desk:queue"), []
    key = case.comment.author_key if case.comment else None
    if made.kind in {Kind.DOMAIN, Kind.NAME}:
        found.append(Link(f"{queue}?{urlencode({'q': made.shown})}", gettext("what waits of it")))
    elif key and made.kind != Kind.ADDRESS:
        found.append(Link(f"{queue}?author={key}", gettext("what waits of this author")))
    if user.has_perm(AGAIN):
        again = f"{reverse('desk:again')}?sanction={made.pk}"
        found.append(Link(again, gettext("screen the waiting cases that it finds again")))
    return found


@needs(SEE)
@require_POST
def lift(request: HttpRequest, key: int, sanction: int) -> HttpResponse:
    """Lift a sanction from the card, with the rejection that came with it if that is asked for.

    What was set a moment ago is taken back without a further word; any other asks for a reason.
    """
    case, user, now = place_of(request, key), person(request), timezone.now()
    row = Sanction.objects.visible_to(user).filter(pk=sanction).first()  # type: ignore[no-untyped-call]
    if row is None or not may_lift(user, row):
        raise PermissionDenied
    why, filters = request.POST.get("why", "").replace("\0", "").strip()[:2_000], Filters.read(request.GET)
    at_once = "at_once" in request.POST and is_his_to_undo(row.created_by_id, row.created_at, user, now)
    if not why and at_once:
        why = gettext("Taken back right after it was set.")
    if not why:
        text = gettext("Say why: it is kept with the sanction.")
        return answer(request, text, address_of(case.pk, filters), good=False)
    done = services.lift(sanction, by=user, why=why, now=now)
    text = gettext("The sanction is lifted.") if done else gettext("It was lifted already.")
    good = True
    if decision := row_id(request.POST.get("decision")):
        undone = services.undo(decision, by=user, now=now).outcome
        good = undone is Outcome.DONE
        text += " " + (gettext("The rejection is taken back.") if good else gettext("The decision stands."))
    return answer(request, text, address_of(case.pk, filters), good=good)


def _reason_of(case: Case) -> int | None:
    """The reason of a rule that brought the case here, else the first of all."""
    of_rules = case.causes.filter(finding__isnull=False).order_by("pk")
    reason: int | None = of_rules.values_list("finding__rule_version__reason", flat=True).first()
    return reason or Reason.objects.values_list("pk", flat=True).first()


def _version(request: HttpRequest) -> int:
    """The comment's version on his screen; what is none is stale."""
    return row_id(request.POST.get("seen_version")) or 0
