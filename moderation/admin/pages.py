"""What every page of the desk needs: who may see it, and what stands around it.

A page can be asked for in parts: with the header `Sekisho-Part` the same view
gives the part alone, which `static/moderation/desk_flow.js` puts in its place.
Without the header, and so without a script, it is a page like any other.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext

from comments.admin.base import person
from moderation.admin.card import find_case
from moderation.admin.queue import count_escalated
from moderation.admin.ways_back import told_before
from moderation.models import Case
from moderation.safety import warnings_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from moderation.admin.queue import Filters

    P = ParamSpec("P")

SEE, DECIDE = "moderation.view_case", "moderation.change_case"
# In a request the part that is wanted; in a response the part that it is.
PART = "Sekisho-Part"
# Of the answer to what was done: the address of the card to show next.
NEXT = "Sekisho-Next"
# Of the list: how many cases wait, and how many of them for a second pair of eyes, as they are written.
WAITING = "Sekisho-Waiting"
# Whether a card stands alone, kept in the browser.
MODE_COOKIE = "sekisho_desk"
MODES = ("split", "single")


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


def page_context(request: HttpRequest, title: str) -> dict[str, Any]:
    """What stands around every page of the desk."""
    request.current_app = admin.site.name
    now = timezone.now()
    warnings = warnings_for(person(request), now)
    context = {**admin.site.each_context(request), "title": title, "now": now, "warnings": warnings}
    return {
        **context,
        "mode": mode_of(request),
        "escalated": count_escalated(request.user),
        "done": told_before(request),
    }


def part_of(request: HttpRequest) -> str:
    """The part that is asked for: `card`, `list`, or nothing for the whole page."""
    return request.headers.get(PART, "")


def part(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200, to: str = ""
) -> HttpResponse:
    """A part of a page; `to` is the address of the card that comes next."""
    context = {"now": timezone.now(), **context}
    response = TemplateResponse(request, f"moderation/desk/{template}.html", context, status=status)
    response.headers[PART] = template
    if to:
        response.headers[NEXT] = to
    return response


def whole(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """A whole page, which keeps the mode that its address asks for."""
    response = TemplateResponse(request, f"moderation/desk/{template}.html", dict(context), status=status)
    if request.GET.get("mode") in MODES:
        response.set_cookie(
            MODE_COOKIE, mode_of(request), max_age=365 * 86_400, samesite="Lax", httponly=True
        )
    return response


def mode_of(request: HttpRequest) -> str:
    """`split`: list and card side by side; `single`: the card alone."""
    asked = request.GET.get("mode") or request.COOKIES.get(MODE_COOKIE)
    return asked if asked in MODES else MODES[0]


def found(request: HttpRequest, key: int) -> Case:
    """A case of one's own sites. Raises `Http404`."""
    case = find_case(person(request), key)
    if case is None:
        raise Http404(gettext("There is no such case at your sites."))
    return case


def place_of(request: HttpRequest, key: int) -> Case:
    """A case of one's own sites with its site, its place in the queue and who is at it. Raises `Http404`.

    A decision needs no more: what the whole card begins with took a quarter of its time (measured).
    """
    rows = Case.objects.visible_to(person(request)).filter(pk=key)
    case = rows.select_related("site", "claimed_by", "closed_by", "escalated_by").first()
    if case is None:
        raise Http404(gettext("There is no such case at your sites."))
    return case


def address_of(case: int | None, filters: Filters) -> str:
    """Where a case is, or the queue."""
    return (reverse("desk:case", args=[case]) if case else reverse("desk:queue")) + filters.query


def list_address(filters: Filters, after: int | None) -> str:
    """Where the list goes on after a case."""
    query = filters.query
    more = f"{'&' if query else '?'}after={after}" if after else ""
    return reverse("desk:queue") + query + more


def language() -> str:
    """`ja` or `en`, as the reader has it."""
    return (get_language() or "ja")[:2]
