"""What I did today: one's own decisions of the last day, each with the way back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Max, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from comments.admin.base import person, row_id
from moderation.admin.pages import DECIDE, SEE, needs, page_context, whole
from moderation.admin.queue import Filters
from moderation.admin.today_others import other_deeds
from moderation.admin.today_together import first_of_each, together
from moderation.admin.veiling import veil_context
from moderation.models import Decision
from moderation.services.decision_undoing import may_undo

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DAY = timedelta(hours=24)
PAGE = 50


@needs(SEE)
@require_GET
def view(request: HttpRequest) -> HttpResponse:
    """One's own decisions, the newest first."""
    user, now, acts = person(request), timezone.now(), request.user.has_perm(DECIDE)
    rows = own_decisions(user, now, row_id(request.GET.get("before")))
    shown = rows[:PAGE]
    context = {
        **page_context(request, gettext("What I did today")),
        "today": True,
        "filters": Filters(),
        "rows": [(each, acts and _is_newest(each) and may_undo(each, user, now)) for each in shown],
        "bulks": together(shown),
        **veil_context(request, [each.comment for each in shown]),
        "may_act": acts,
        "others": other_deeds(user, now) if not request.GET.get("before") else [],
        "before": shown[-1].pk if len(rows) > PAGE else None,
    }
    return whole(request, "today", context)


def own_decisions(user: User, now: datetime, before: int | None = None) -> list[Decision]:
    """A page of his decisions of the last day and one more, each with `newest`, the last of its comment.

    Of those that were taken together the first stands for all.
    """
    mine = first_of_each(Decision.objects.visible_to(user).filter(by=user, created_at__gt=now - DAY))
    if before is not None:
        mine = mine.filter(pk__lt=before)
    of_comment = Decision.objects.filter(comment=OuterRef("comment")).order_by().values("comment")
    newest = Subquery(of_comment.annotate(last=Max("pk")).values("last"))
    rows = mine.annotate(newest=newest).select_related("comment__site", "reason", "case", "bulk_row")
    rows = rows.defer("comment__folded", "comment__user_agent").prefetch_related("notes")
    return list(rows.order_by("-pk")[: PAGE + 1])


def _is_newest(decision: Decision) -> bool:
    return decision.pk == decision.newest and decision.revision == decision.comment.revision  # type: ignore[attr-defined]
