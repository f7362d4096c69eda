"""The page on which waiting cases are screened again: what would change first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from comments.admin.base import person
from comments.models import Comment, Status
from moderation import services
from moderation.admin.desk import needs, page_context
from moderation.admin.queue import Filters, waiting

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from moderation.services.rescreening import Rehearsal

AGAIN = "moderation.change_rule"
# So long a request may find out what would change, and so many comments it asks for at once.
PREVIEW_SECONDS = 3.0
MOST = 50_000


@needs(AGAIN)
@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest) -> HttpResponse:
    """What screening the queue again would change; then it is asked of the workers."""
    user, filters = person(request), Filters.read(request.GET)
    keys = comments_of(user, filters)
    if request.method == "POST":
        enlisted = services.screen_again(keys)
        told = gettext("%(count)d comments are screened again. The queue follows within moments.")
        messages.success(request, told % {"count": enlisted})
        return redirect(reverse("desk:queue") + filters.query)
    found = services.rehearse_again(keys, timezone.now(), seconds=PREVIEW_SECONDS)
    context = {
        **page_context(request, gettext("Screen the waiting cases again?")),
        "filters": filters,
        "found": found,
        "changes": _changes(found, user),
    }
    return TemplateResponse(request, "moderation/desk/again.html", context)


def comments_of(user: User, filters: Filters) -> list[int]:
    """The comments of the open cases that he sees, by due time."""
    cases = waiting(user, filters).filter(comment__isnull=False)
    return [key for key in cases.values_list("comment", flat=True)[:MOST] if key is not None]


def _changes(found: Rehearsal, user: User) -> list[dict[str, object]]:
    keys = [key for ids in found.examples.values() for key in ids]
    rows = Comment.objects.visible_to(user).in_bulk(keys)
    return [
        {
            "before": Status(before).label,
            "after": Status(after).label,
            "number": number,
            "examples": [rows[key] for key in found.examples[before, after] if key in rows],
        }
        for (before, after), number in sorted(found.changes.items())
    ]
