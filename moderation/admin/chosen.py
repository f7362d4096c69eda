"""Which comments are to be screened again: waiting cases, comments of the log, or of the archive's list."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from comments.admin.base import person
from comments.models import Comment
from moderation.admin import machine_log as log_page
from moderation.admin.foreseeing import touched_by
from moderation.admin.machine_log import number
from moderation.admin.queue import Filters, cases_of, record_search
from moderation.admin.times import day, midnight
from moderation.machine_log import comments_of
from moderation.models import Case

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.http import HttpRequest

# So many comments are asked for at once.
MOST = 50_000
# Characters of an article's address that may be typed.
MOST_ARTICLE = 2_000
# Where the comments are taken from, beside the queue: `of` in the address.
LOG, ARCHIVE = "log", "comments"
OF: Mapping[str, Any] = {
    LOG: _("What the rules decided without a person, as the log was narrowed."),
    ARCHIVE: _("Comments of the archive, as its list was narrowed."),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The waiting cases that are meant, as they stand in the address.

    Narrowed as the queue is; `article` is an article's number, its address,
    or the publisher's own id of it; the days are those on which a case was
    opened.
    """

    queue: Filters = Filters()  # noqa: RUF009 - frozen
    article: str = ""
    since: date | None = None
    until: date | None = None
    # The cases that a sanction finds.
    sanction: int | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Chosen:
        """What is chosen in an address; what cannot be read is no choice."""
        return cls(
            Filters.read(query).without("article"),
            query.get("article", "").replace("\0", "").strip()[:MOST_ARTICLE],
            day(query.get("since", "")),
            day(query.get("until", "")),
            number(query.get("sanction", "")),
        )

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What narrows the queue and has no field in the page's own form."""
        shown = {"site", "severity", "rule", "check"}
        return [(name, value) for name, value in self.queue.given.items() if name not in shown]

    def comments(self, user: User) -> list[int]:
        """The comments of the cases that he sees and means."""
        found = cases_of(user, self.queue, MOST)
        record_search(user, self.queue, found)
        rows = Case.objects.visible_to(user).filter(pk__in=found, comment__isnull=False)
        if self.article:
            rows = rows.filter(self._of_article())
        if self.since:
            rows = rows.filter(opened_at__gte=midnight(self.since, self.queue.site))
        if self.until:
            rows = rows.filter(opened_at__lt=midnight(self.until + timedelta(days=1), self.queue.site))
        if self.sanction:
            rows = rows.filter(comment__in=touched_by(user, self.sanction))
        return [key for key in rows.values_list("comment", flat=True) if key is not None]

    def _of_article(self) -> Q:
        named = Q(comment__article__external_id=self.article) | Q(comment__article__url=self.article)
        key = number(self.article)
        return named | Q(comment__article=key) if key else named


def comments_for(request: HttpRequest, of: str, chosen: Chosen) -> list[int]:
    """The ids of at most `MOST` comments that he sees and means."""
    user = person(request)
    match of:
        case "log":
            return comments_of(log_page.Filters.read(request.GET).wanted(user), MOST)
        case "comments":
            return _of_archive(request)
    return chosen.comments(user)


def _of_archive(request: HttpRequest) -> list[int]:
    """Comments as the archive's list shows them for the rest of the address."""
    model_admin = admin.site.get_model_admin(Comment)
    if not model_admin.has_view_permission(request):
        return []
    asked = copy.copy(request)
    asked.GET = _without_of(request.GET)  # type: ignore[assignment]
    try:
        listed = model_admin.get_changelist_instance(asked).get_queryset(asked)
    except IncorrectLookupParameters:
        # The list itself shows nothing for such an address.
        return []
    return list(listed.order_by("-pk").values_list("pk", flat=True)[:MOST])


def _without_of(given: QueryDict) -> QueryDict:
    query = given.copy()
    for name in ("of", "p", "o"):
        query.pop(name, None)
    return query


def back_to(request: HttpRequest, of: str, chosen: Chosen) -> str:
    """The list that the choice was made in."""
    if of == LOG:
        return f"{reverse('desk:log')}?{log_page.Filters.read(request.GET).query}"
    if of == ARCHIVE:
        return f"{reverse('admin:comments_comment_changelist')}?{_without_of(request.GET).urlencode()}"
    given = chosen.queue.given
    if number(chosen.article):
        given["article"] = chosen.article
    return reverse("desk:queue") + (f"?{urlencode(given)}" if given else "")
