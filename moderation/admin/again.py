"""The page on which waiting cases are screened again: which of them, and what would change first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from comments.admin.base import person
from comments.models import Comment, Site, Status
from moderation import services
from moderation.admin.foreseeing import touched_by
from moderation.admin.machine_log import day, midnight, number, rules_seen_by
from moderation.admin.pages import needs, page_context
from moderation.admin.queue import Filters, waiting
from moderation.checks import CHECKS
from moderation.models import CaseCause, Severity

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from moderation.models import Case
    from moderation.services.rescreening import Rehearsal

AGAIN = "moderation.change_rule"
# So long a request may find out what would change, and so many comments it asks for at once.
PREVIEW_SECONDS = 3.0
MOST = 50_000
# Characters of an article's address that may be typed.
MOST_ARTICLE = 2_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """The waiting cases that are meant, as they stand in the address.

    `article` is an article's number, its address, or the publisher's own id
    of it; the days are those on which a case was opened.
    """

    site: int | None = None
    severity: int | None = None
    rule: int | None = None
    check: str = ""
    article: str = ""
    since: date | None = None
    until: date | None = None
    # A sanction: the cases that it finds.
    sanction: int | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Chosen:
        """What is chosen in an address; what cannot be read is no choice."""
        queue = Filters.read(query)
        return cls(
            queue.site,
            queue.severity,
            number(query.get("rule", "")),
            query.get("check", "") if query.get("check") in {check.slug for check in CHECKS} else "",
            query.get("article", "").replace("\0", "").strip()[:MOST_ARTICLE],
            day(query.get("since", "")),
            day(query.get("until", "")),
            number(query.get("sanction", "")),
        )

    @property
    def query(self) -> str:
        """`?site=…`, or nothing."""
        given = {each.name: getattr(self, each.name) for each in fields(self) if getattr(self, each.name)}
        return f"?{urlencode(given)}" if given else ""

    @property
    def queue(self) -> Filters:
        """What of it the queue can be narrowed to."""
        return Filters(self.site, self.severity)

    def cases(self, user: User) -> QuerySet[Case]:
        """The open cases of comments that he sees and means, by due time."""
        rows = waiting(user, self.queue).filter(comment__isnull=False)
        causes = CaseCause.objects.filter(case=OuterRef("pk"))
        if self.rule:
            rows = rows.filter(Exists(causes.filter(finding__rule_version__rule=self.rule)))
        if self.check:
            of_check = Q(finding__rule_version__check_slug=self.check) | Q(finding=None, kind=self.check)
            rows = rows.filter(Exists(causes.filter(of_check)))
        if self.article:
            rows = rows.filter(self._of_article())
        if self.since:
            rows = rows.filter(opened_at__gte=midnight(self.since))
        if self.until:
            rows = rows.filter(opened_at__lt=midnight(self.until + timedelta(days=1)))
        if self.sanction:
            rows = rows.filter(comment__in=touched_by(user, self.sanction))
        return rows

    def _of_article(self) -> Q:
        named = Q(comment__article__external_id=self.article) | Q(comment__article__url=self.article)
        key = number(self.article)
        return named | Q(comment__article=key) if key else named


@needs(AGAIN)
@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest) -> HttpResponse:
    """What screening these cases again would change; then it is asked of the workers."""
    user, chosen = person(request), Chosen.read(request.GET)
    keys = [key for key in chosen.cases(user).values_list("comment", flat=True)[:MOST] if key is not None]
    if request.method == "POST":
        enlisted = services.screen_again(keys)
        told = gettext("%(count)d comments are screened again. The queue follows within moments.")
        messages.success(request, told % {"count": enlisted})
        return redirect(reverse("desk:queue") + chosen.queue.query)
    found = services.rehearse_again(keys, timezone.now(), seconds=PREVIEW_SECONDS)
    language = (get_language() or "ja")[:2]
    context = {
        **page_context(request, gettext("Screen the waiting cases again?")),
        "filters": chosen,
        "back": chosen.queue.query,
        "found": found,
        "changes": _changes(found, user),
        "sanction": chosen.sanction,
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
