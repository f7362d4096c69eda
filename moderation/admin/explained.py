"""The page that says why a comment was stopped, or why not. It shows matched words: it is for staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET

from comments.admin.base import person
from comments.models import Comment
from moderation.admin.differences import in_words
from moderation.admin.highlight import VEIL, Mark, Segment, highlight
from moderation.admin.pages import needs, page_context
from moderation.admin.sentences import cause_in_words
from moderation.admin.veiling import Veils, is_harsh, veil_context
from moderation.explained_words import (
    WHATS,
    because_in_words,
    check_title,
    did_in_words,
    doubts_in_words,
    fact_in_words,
    facts_in_words,
    told_in_words,
)
from moderation.explaining import Explanation, NoSuchDecision, RuleAnswer, What, explain
from moderation.models import Case

if TYPE_CHECKING:
    from collections.abc import Sequence

SEE = "moderation.view_decision"
# Characters of a rule's parameters that its line shows; the rule's own page has all.
SHOWN = 120


@dataclass(frozen=True, slots=True)
class Line:
    """A rule in words."""

    answer: RuleAnswer
    label: str
    check: str
    said: list[tuple[str, list[str]]]
    because: str
    did: str
    facts: list[str]
    doubts: list[str]
    parameters: str

    @property
    def is_harsh(self) -> bool:
        return is_harsh(self.answer.version)

    @property
    def tag(self) -> str:
        """The class of its mark."""
        if self.answer.what is not What.HIT:
            return "late" if self.answer.what is What.FAILED else ""
        return f"mark-{self.answer.did}" if self.answer.did != "publish" else "mark-observe"


@needs(SEE)
@require_GET
def why(request: HttpRequest, key: int) -> HttpResponse:
    """What each rule did about a comment, at its newest decision or the one in `?decision=`."""
    language = (get_language() or "ja")[:2]
    rows = Comment.objects.visible_to(person(request)).select_related("site", "article")
    comment = rows.filter(pk=key).first()
    if comment is None:
        raise Http404(gettext("There is no such comment at your sites."))
    wanted = request.GET.get("decision", "")
    try:
        found = explain(comment, int(wanted) if wanted.isdecimal() and len(wanted) < 19 else None)
    except NoSuchDecision:
        raise Http404(gettext("This comment has no such decision.")) from None
    lines = [_line(answer, language) for answer in found.rules]
    # What is blurred is told by the rules of this page: no query is needed for it.
    veiling = veil_context(request, [])
    veils: Veils = veiling["veils"]
    context = {
        **veiling,
        **page_context(request, gettext("Why? Comment %(number)d") % {"number": comment.pk}),
        "found": found,
        "comment": comment,
        "zone": comment.site.zone,
        "cause": cause_in_words(found.decision.cause) if found.decision else "",
        "machine_cause": cause_in_words(found.machine.cause) if found.machine else "",
        "facts": list(facts_in_words(found.machine.facts)) if found.machine else [],
        "groups": [
            (str(WHATS[what]), what, shown)
            for what in What
            if (shown := [line for line in lines if line.answer.what is what])
        ],
        "body": _marked(found, "body", found.body, veils),
        "name": _marked(found, "author_name", found.author_name, veils),
        "decisions": [(each, cause_in_words(each.cause)) for each in found.decisions],
        "case": Case.objects.filter(comment=comment, closed_at=None).first(),
    }
    return TemplateResponse(request, "moderation/desk/why.html", context)


def _line(answer: RuleAnswer, language: str) -> Line:
    parameters = " / ".join(in_words(answer.version.check_slug, answer.version.params))
    return Line(
        answer,
        str(WHATS[answer.what]),
        check_title(answer, language),
        [(told_in_words(answer, told, language), told.evidence) for told in answer.told],
        because_in_words(answer),
        did_in_words(answer),
        [fact_in_words(fact) for fact in answer.facts],
        doubts_in_words(answer),
        parameters if len(parameters) <= SHOWN else f"{parameters[:SHOWN]}…",
    )


def _marked(found: Explanation, name: str, text: str, veils: Veils) -> Sequence[Segment]:
    """The text as it was judged, with what the rules saw, and what of it is blurred."""
    marks = [
        Mark(start, end, kind, str(answer.version))
        for answer in found.rules
        if answer.what is What.HIT
        for each in answer.told
        for where, start, end in each.spans
        if where == name
        for kind in (
            each.action if each.mode == "enforce" else "observe",
            *((VEIL,) if veils and not veils.whole and is_harsh(answer.version) else ()),
        )
    ]
    return highlight(text, marks)
