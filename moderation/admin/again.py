"""The page on which comments are screened again: which of them, and what would change first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from comments.admin.base import person
from comments.models import Comment, Site, Status
from moderation import services
from moderation.admin.chosen import MOST, OF, Chosen, back_to, comments_for
from moderation.admin.machine_log import rules_seen_by
from moderation.admin.pages import needs, page_context
from moderation.admin.veiling import veil_context
from moderation.checks import CHECKS
from moderation.models import Severity

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from moderation.services.rescreening import Rehearsal

AGAIN = "moderation.change_rule"
LINK = _("Screen the waiting cases again")
TITLE = _("Screen the waiting cases again?")
# So long a request may find out what would change.
PREVIEW_SECONDS = 3.0


@needs(AGAIN)
@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest) -> HttpResponse:
    """What screening these comments again would change; then it is asked of the workers."""
    user, chosen = person(request), Chosen.read(request.GET)
    of = request.GET.get("of", "")
    keys, back = comments_for(request, of, chosen), back_to(request, of, chosen)
    if request.method == "POST":
        enlisted = services.screen_again(keys)
        told = gettext("%(count)d comments are screened again. The queue follows within moments.")
        messages.success(request, told % {"count": enlisted})
        return redirect(back)
    found = services.rehearse_again(keys, timezone.now(), seconds=PREVIEW_SECONDS)
    language = (get_language() or "ja")[:2]
    context = {
        **page_context(request, gettext("Screen these comments again?") if of in OF else str(TITLE)),
        "of": OF.get(of),
        "filters": chosen.queue,
        "chosen": chosen,
        "back": back,
        "found": found,
        "changes": _changes(found, user),
        **veil_context(request, [key for keys in found.examples.values() for key in keys]),
        "most": MOST if len(keys) == MOST else None,
        "sites": list(Site.objects.visible_to(user)),
        "severities": Severity.choices,
        "rules": rules_seen_by(user),
        "checks": sorted(((check.slug, check.title[language]) for check in CHECKS), key=lambda each: each[1]),
    }
    return TemplateResponse(request, "moderation/desk/again.html", context)


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


def offer(request: HttpRequest, query: str = "") -> None:
    """After a rule, a list or a sanction was changed: tell the way to screen again what waits."""
    if request.user.has_perm(AGAIN):
        told = gettext("It judges what arrives from now on. What waits already was judged before:")
        link = format_html('<a class="underline" href="{}{}">{}</a>', reverse("desk:again"), query, LINK)
        messages.info(request, format_html("{} {}", told, link))
