"""The page of what was decided without a person, with a way to let one look at it after all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from comments.admin.base import person
from comments.models import Site, Status
from moderation import services
from moderation.admin.entries import BEGINNING
from moderation.admin.explained import SEE
from moderation.admin.pages import DECIDE, needs, page_context
from moderation.admin.sentences import cause_in_words, sentence
from moderation.admin.times import day, midnight
from moderation.admin.veiling import is_harsh, veil_context
from moderation.machine_log import STATUSES, Wanted, look
from moderation.models import Case, Decision, Evidence, Finding, Reason, Rule
from moderation.services.sending import Sent

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

# Characters of a search, and findings that a row shows.
MOST_TEXT = 100
MOST_FINDINGS = 3


@dataclass(frozen=True, slots=True)
class Filters:
    """What the log is narrowed to, as it stands in the address."""

    status: str = Status.REJECTED
    site: int | None = None
    rule: int | None = None
    reason: int | None = None
    since: date | None = None
    until: date | None = None
    q: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filters:
        """The filters in an address; what cannot be read is no filter."""
        status = query.get("status", "")
        return cls(
            status if status in STATUSES else Status.REJECTED,
            number(query.get("site", "")),
            number(query.get("rule", "")),
            number(query.get("reason", "")),
            day(query.get("since", "")),
            day(query.get("until", "")),
            query.get("q", "").replace("\0", "").strip()[:MOST_TEXT],
        )

    @property
    def query(self) -> str:
        """The filters that are set, as an address has them."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__ if getattr(self, name)}
        return urlencode(given)

    @property
    def any(self) -> bool:
        return replace(self, status=Status.REJECTED) != Filters()

    def wanted(self, user: User) -> Wanted:
        """The same, within the sites that he sees."""
        sites = (
            None if user.is_superuser else list(Site.objects.visible_to(user).values_list("pk", flat=True))
        )
        until = midnight(self.until + timedelta(days=1), self.site) if self.until else None
        since = midnight(self.since, self.site) if self.since else None
        return Wanted(sites, self.status, self.site, self.rule, self.reason, since, until, self.q)


def number(text: str) -> int | None:
    """A row's number in an address."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision as the log shows it: `said` are sentences, what they stand on, and whether that is harsh."""

    decision: Decision
    said: list[tuple[str, list[str], bool]]
    cause: str
    case: int | None


@needs(SEE)
@require_GET
def log(request: HttpRequest) -> HttpResponse:
    """What was rejected, or published, without a person."""
    user, filters = person(request), Filters.read(request.GET)
    found = look(filters.wanted(user), number(request.GET.get("after", "")))
    entries = _entries(found.decisions, (get_language() or "ja")[:2])
    context = {
        **page_context(request, gettext("Decided without a person")),
        **veil_context(request, [each.decision.comment_id for each in entries]),
        "entries": entries,
        "found": found,
        "filters": filters,
        "sites": list(Site.objects.visible_to(user)),
        "rules": rules_seen_by(user),
        "reasons": list(Reason.objects.all()),
        "statuses": [(status, status.label) for status in STATUSES],
        "may_send": user.has_perm(DECIDE),
        "may_screen": user.has_perm("moderation.change_rule"),
        "here": request.get_full_path(),
    }
    return TemplateResponse(request, "moderation/desk/log.html", context)


def rules_seen_by(user: User) -> list[Rule]:
    """The rules of his sites and those of all sites, for a choice."""
    rows: QuerySet[Rule] = Rule.objects.visible_to(user)  # type: ignore[no-untyped-call]
    return list(rows.order_by("slug"))


def _entries(keys: Sequence[int], language: str) -> list[Entry]:
    """The decisions with their findings and evidence, in the order of `keys`; four queries."""
    evidence = Prefetch("evidence", Evidence.objects.order_by("position"))
    findings = (
        Finding.objects.select_related("rule_version__reason").prefetch_related(evidence).order_by("pk")
    )
    rows = (
        Decision.objects.select_related("comment__article", "comment__site", "reason")
        .annotate(beginning=Left("comment__body", BEGINNING))
        .defer("comment__body", "comment__folded", "comment__user_agent", "comment__article__body")
        .prefetch_related(Prefetch("findings", findings))
        .in_bulk(keys)
    )
    comments = [each.comment_id for each in rows.values()]
    cases = Case.objects.filter(comment__in=comments, closed_at=None)
    open_cases: dict[int | None, int] = dict(cases.values_list("comment", "pk"))
    return [_entry(rows[key], open_cases, language) for key in keys]


def _entry(decision: Decision, cases: Mapping[int | None, int], language: str) -> Entry:
    stopping = [each for each in decision.findings.all() if each.mode == "enforce"]
    said = [
        (sentence(each, language), [row.text for row in each.evidence.all()], is_harsh(each.rule_version))
        for each in stopping[:MOST_FINDINGS]
    ]
    cause = "" if decision.cause == "rules" else cause_in_words(decision.cause)
    return Entry(decision, said, cause, cases.get(decision.comment_id))


@needs(DECIDE)
@require_POST
def send(request: HttpRequest, key: int) -> HttpResponse:
    """Let a person look at a comment that none has decided; back to the log, as it was narrowed."""
    result, case = services.send_to_desk(key, by=person(request), now=timezone.now())
    if result is Sent.DENIED:
        raise PermissionDenied
    if result is Sent.OPENED:
        told = gettext("Sent to the desk: case %(case)d. The comment stays as it is until somebody decides.")
        messages.success(request, told % {"case": case})
    elif result is Sent.OPEN_ALREADY:
        messages.info(
            request, gettext("This comment is on the desk already: case %(case)d.") % {"case": case}
        )
    else:
        messages.error(request, gettext("Nothing is left to look at: the text was erased or withdrawn."))
    if case is not None and request.GET.get("to") == "case":
        return redirect("desk:case", case)
    filters, after = Filters.read(request.GET), number(request.GET.get("after", ""))
    query = "&".join(part for part in (filters.query, f"after={after}" if after else "") if part)
    return redirect(reverse("desk:log") + (f"?{query}" if query else ""))
