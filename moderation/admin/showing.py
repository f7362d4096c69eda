"""A case as its page shows it, whole or as the card alone, and the list beside it."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from comments.admin.base import person
from comments.admin.revealing import may_reveal, reveals
from comments.disclosing import DisclosedBy, disclose
from moderation.admin.alike import alike_to
from moderation.admin.author_sanctions import sanctions_of
from moderation.admin.card import Card, Look, guessed_in, make_card
from moderation.admin.decide_form import DecideForm
from moderation.admin.entries import entries_of
from moderation.admin.pages import (
    DECIDE,
    address_of,
    language,
    list_address,
    page_context,
    part,
    part_of,
    whole,
)
from moderation.admin.queue import MANY_ENTRIES, Filters, following, page, preceding, record_search
from moderation.admin.veiling import shows, veils_for
from moderation.models import Blur, Case, Decision, Reason
from moderation.offers import offers_in
from moderation.people import settings_of
from moderation.services.bulk_deciding import MOST
from moderation.services.deciding import may_decide_anew
from moderation.services.decision_undoing import may_undo
from moderation.services.escalating import may_release
from moderation.services.outcomes import Outcome
from moderation.services.sanctioning import ADD
from moderation.services.second_eyes import Eyes, eyes_on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.contrib.auth.models import User

    from moderation.admin.entries import Row


def show(
    request: HttpRequest,
    case: Case,
    *,
    form: DecideForm | None = None,
    refused: Outcome | None = None,
    status: int = 200,
) -> HttpResponse:
    """A case, with what was typed and why it was refused."""
    return show_with(request, case, {"refused": refused}, form=form, status=status)


def show_with(
    request: HttpRequest,
    case: Case,
    beside: Mapping[str, Any],
    *,
    form: DecideForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """A case, and what else its card shows."""
    user, filters, now = person(request), Filters.read(request.GET), timezone.now()
    next_, previous = following(user, filters, case), preceding(user, filters, case)
    acts = user.has_perm(DECIDE)
    eyes = eyes_on([case], user, now).get(case.pk, Eyes()) if acts else Eyes()
    context: dict[str, Any] = {
        "now": now,
        "title": gettext("Case %(number)d") % {"number": case.pk},
        "case": case,
        "filters": filters,
        "next": next_,
        "previous": previous,
        "card_url": address_of(case.pk, filters),
        "list_url": list_address(filters, previous),
        "may_act": acts,
        "eyes": eyes,
        "may_decide": acts and case.closed_at is None and not eyes.needed,
        "may_decide_anew": acts and may_decide_anew(case, user, now),
        "may_release": acts
        and case.closed_at is None
        and bool(case.escalated_at)
        and may_release(case, user),
        "looking": looking(case, user, now),
    }
    context |= _of_run(case) if case.comment is None else _of_comment(request, case, form, now)
    context |= beside
    if part_of(request):
        return part(request, "card", context, status=status)
    context = {**page_context(request, context["title"]), **context, "decided": just_decided(request)}
    context |= list_context(request, filters, previous)
    record_search(user, filters, (each.pk for each in context["page"].rows))
    return whole(request, "case", context, status=status)


def may_decide(case: Case, user: User, now: datetime) -> bool:
    """Whether an open case is his to decide."""
    eyes = eyes_on([case], user, now).get(case.pk, Eyes())
    return user.has_perm(DECIDE) and case.closed_at is None and not eyes.needed


def _of_run(case: Case) -> dict[str, Any]:
    return {"body_template": "moderation/desk/run.html", "guessed": guessed_in(case)}


def _of_comment(request: HttpRequest, case: Case, form: DecideForm | None, now: datetime) -> dict[str, Any]:
    user = person(request)
    assert case.comment is not None
    full = reveals(request)
    shown = shows(request)
    card = make_card(case, case.comment, user, language(), Look(full=full, veiled=not shown))
    if full:
        disclose([case.comment], DisclosedBy.CARD, by=user)
    newest = card.decisions[0] if card.decisions else None
    mine = newest if newest and user.has_perm(DECIDE) and may_undo(newest, user, now) else None
    return {
        "body_template": "moderation/desk/comment.html",
        "card": card,
        "alike": alike_to(case, case.comment, user, veiled=not shown),
        "mine": mine,
        "first": _first_decision(card),
        "sanctions": sanctions_of(case.comment, user, now),
        "may_sanction": user.has_perm(ADD) and not case.comment.erased_at and bool(offers_in(case.comment)),
        "form": form or DecideForm(),
        "reasons": list(Reason.objects.filter(offered=True)),
        "veils": card.veils,
        # What b does: show what is blurred, or blur it again.
        "unveil": "off" if card.veils else "on" if shown and settings_of(user).blur != Blur.OFF else "",
        "may_reveal": card.has_personal and may_reveal(request),
    }


def _first_decision(card: Card) -> Decision | None:
    """Of a closed case what a person decided."""
    return next((each for each in card.decisions if each.by_id and each.case_id == card.case.pk), None)


def looking(case: Case, user: User, now: datetime) -> User | None:
    """The colleague who looks at it now."""
    held = case.claimed_by_id not in {None, user.pk} and case.claimed_until and case.claimed_until > now
    return case.claimed_by if held else None


def list_context(request: HttpRequest, filters: Filters, after: int | None) -> dict[str, Any]:
    """The list as both pages show it."""
    user, now, spoken = person(request), timezone.now(), language()
    shown = page(user, filters, after)
    rows = entries_of(shown, filters, now, spoken)
    told = repr(
        (
            settings_of(user).blur,
            [_seen(row, now) for row in shown.rows],
            shown.sizes,
            shown.number,
            spoken,
            filters,
        )
    )
    return {
        "page": shown,
        "rows": rows,
        "list_veils": veils_for(user, [row.comment_id for row in shown.rows if row.comment_id]),
        "count": shown.number,
        "many_entries": MANY_ENTRIES,
        "most_together": MOST,
        "list_here": list_address(filters, after),
        "more_url": list_address(filters, shown.more_after),
        "etag": f'"{blake2b(told.encode(), digest_size=12).hexdigest()}"',
    }


def _seen(row: Row, now: datetime) -> tuple[object, ...]:
    """What of a row is worth sending the list again when it changes."""
    return row.pk, row.severity, row.due_at < now, row.version, row.looking


def just_decided(request: HttpRequest, key: int | None = None) -> Decision | None:
    """His own decision that brought him here, so that he can take it back; with `veils`."""
    asked = request.GET.get("decided", "") if key is None else str(key)
    if not asked.isdecimal() or len(asked) > 18:
        return None
    mine = Decision.objects.visible_to(person(request)).filter(pk=asked, by=request.user.pk)
    found = mine.select_related("comment", "reason").defer("comment__folded").first()
    if found is not None:
        found.veils = veils_for(person(request), [found.comment_id])  # type: ignore[attr-defined]
    return found
