"""The page of what a rule hit and a person published: where a rule that observes would have been wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Prefetch
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from comments.admin.base import person, row_id
from comments.models import Comment, Site, Status
from moderation.admin.entries import BEGINNING
from moderation.admin.explained import SEE
from moderation.admin.machine_log import number, rules_seen_by
from moderation.admin.pages import language, needs, page_context
from moderation.admin.sentences import sentence
from moderation.admin.veiling import is_harsh, veil_context
from moderation.disagreements import PAGE, Disagreement, disagreements
from moderation.models import Case, Decision, Evidence, Finding, RuleVersion

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True, slots=True)
class Line:
    """A disagreement as the page shows it: `said` are as in `machine_log.Entry`."""

    version: RuleVersion
    comment: Comment
    decision: Decision | None
    said: list[tuple[str, list[str], bool]]
    case: int | None
    edited: bool


@needs(SEE)
@require_GET
def view(request: HttpRequest) -> HttpResponse:
    """The newest first, of one rule or of all that observe."""
    user = person(request)
    sites, rules = list(Site.objects.visible_to(user)), rules_seen_by(user)
    site, rule = number(request.GET.get("site", "")), number(request.GET.get("rule", ""))
    rule = rule if rule in {each.pk for each in rules} else None
    asked = [each.pk for each in sites if site in {None, each.pk}]
    found = disagreements(asked, rule, row_id(request.GET.get("after")), most=PAGE + 1)
    query = "&".join(f"{name}={value}" for name, value in (("site", site), ("rule", rule)) if value)
    lines = lines_of(found[:PAGE], user, language())
    context = {
        **page_context(request, gettext("Where rules and people disagree")),
        **veil_context(request, [each.comment for each in lines]),
        "lines": lines,
        "sites": sites,
        "site": site,
        "rules": rules,
        "rule": next((each for each in rules if each.pk == rule), None),
        "query": query,
        "after": found[PAGE - 1].id if len(found) > PAGE else None,
    }
    return TemplateResponse(request, "moderation/desk/disagreements.html", context)


def lines_of(found: Sequence[Disagreement], user: User, spoken: str) -> list[Line]:
    """The same with all that is shown, in six queries."""
    keys, versions = {each.comment for each in found}, {each.rule_version for each in found}
    comments = (
        Comment.objects.visible_to(user)
        .select_related("article", "site")
        .annotate(beginning=Left("body", BEGINNING))
        .defer("body", "folded", "user_agent", "article__body")
        .in_bulk(keys)
    )
    of_rule = RuleVersion.objects.select_related("rule").in_bulk(versions)
    said = _said(keys, versions, spoken)
    decisions = _published(keys)
    cases = dict(Case.objects.filter(comment__in=keys).order_by("pk").values_list("comment", "pk"))
    return [
        Line(
            of_rule[each.rule_version],
            comment,
            decisions.get((each.comment, each.revision)),
            said.get((each.comment, each.revision, each.rule_version), []),
            cases.get(each.comment),
            comment.revision != each.revision,
        )
        for each in found
        if (comment := comments.get(each.comment)) is not None
    ]


def _said(
    comments: set[int], versions: set[int], spoken: str
) -> dict[tuple[int, int, int], list[tuple[str, list[str], bool]]]:
    """`{(comment, revision, version): what it said}`; each sentence once, though screened again."""
    evidence = Prefetch("evidence", Evidence.objects.order_by("position"))
    rows = Finding.objects.filter(decision__comment__in=comments, rule_version__in=versions).order_by("pk")
    found: dict[tuple[int, int, int], list[tuple[str, list[str], bool]]] = {}
    for each in rows.select_related("decision", "rule_version__reason").prefetch_related(evidence):
        key = each.decision.comment_id, each.decision.revision, each.rule_version_id
        evidence_of = [row.text for row in each.evidence.all()]
        said = sentence(each, spoken), evidence_of, is_harsh(each.rule_version)
        if said not in found.setdefault(key, []):
            found[key].append(said)
    return found


def _published(comments: set[int]) -> dict[tuple[int, int], Decision]:
    """`{(comment, revision): the last decision of a person that published it}`."""
    rows = Decision.objects.filter(comment__in=comments, by__isnull=False, to_status=Status.PUBLISHED)
    rows = rows.exclude(cause="undo").select_related("by", "reason").order_by("pk")
    return {(each.comment_id, each.revision): each for each in rows}
