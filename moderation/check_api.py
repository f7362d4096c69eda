"""`POST /comments/check/`: what the rules and the quotes would say, before a comment is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone, translation
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from comments.api import schema
from comments.api.intake import arrival_of, look_up, of_another_article
from comments.api.problems import Kind
from comments.api.serializers import CommentIn, comment_asked
from comments.api.throttles import Throttle
from comments.api.views import CommentBodyView
from moderation import reading
from moderation.api import DifferenceOut, QuoteOut, ReasonOut
from moderation.models import Action, Reason
from moderation.preview import AnotherArticleError, Preview, foresee
from moderation.quote_words import difference_in_words, quote_in_words
from moderation.quotes import Difference, Traced
from moderation.shown_quotes import PASSAGE, Shown, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

    from moderation.engine import Hit


class SpanOut(serializers.Serializer[Any]):
    """A place in what was sent, in characters: [start, end)."""

    field = serializers.CharField(help_text="body, author_name, …")
    start = serializers.IntegerField()
    end = serializers.IntegerField()


class FindingOut(serializers.Serializer[Any]):
    """What a rule saw, in words for the author."""

    reason = serializers.CharField(help_text="The code of the rule's reason.")
    code = serializers.CharField(help_text="A stable name of what was seen.")
    text = serializers.CharField(help_text="In the site's language.")
    action = serializers.ChoiceField(Action.values, help_text="flag: published, and a person looks at it.")
    spans = SpanOut(many=True)


class CheckedDifferenceOut(DifferenceOut):
    """One place where a quote differs from its source, with the place in `body`."""

    text = serializers.CharField(help_text="The kind in words, in the site's language.")
    start = serializers.IntegerField(help_text="In characters of `body`.")
    end = serializers.IntegerField()


class CheckedQuoteOut(QuoteOut):
    """A quoted passage with its verdict and the nearest passage."""

    text = serializers.CharField(help_text="The verdict in words, in the site's language.")
    passage = serializers.CharField(
        allow_null=True, help_text=f"The source's own words, cut to {PASSAGE:,} characters."
    )
    differences = CheckedDifferenceOut(many=True)


class CheckOut(serializers.Serializer[Any]):
    """What would become of the comment if it were sent now."""

    status = serializers.ChoiceField(["published", "held", "rejected"])
    causes = serializers.ListField(
        child=serializers.CharField(), help_text="What it stands on: rules, floor, …; empty when published."
    )
    reasons = ReasonOut(many=True, help_text="Empty unless it would be held or rejected.")
    findings = FindingOut(many=True)
    quotes = CheckedQuoteOut(many=True)


class CheckView(CommentBodyView):
    """Says what would become of a comment; stores nothing."""

    throttle = Throttle.CHECK

    @extend_schema(
        operation_id="check_comment",
        summary="Ask what would become of a comment",
        description="The same body as for handing it over. Nothing is stored, so a form can ask "
        "before it sends. The answer is a forecast: what others send meanwhile may change it.",
        request=CommentIn,
        responses={
            200: CheckOut,
            **schema.problems(Kind.CLOSED, Kind.DISAGREEMENT, *schema.WITH_BODY),
        },
        examples=[
            OpenApiExample(
                "A comment with a misquote",
                request_only=True,
                value={
                    "article": "2026-0417",
                    "author_name": "松田",
                    "author_email": "matsuda@mail.example",
                    "body": "> 午後十時まで延ばす\n十時は遅すぎませんか。",
                },
            )
        ],
    )
    def post(self, request: Request) -> Response:
        access = self.access(request)
        asked = comment_asked(request.data)
        arrival = arrival_of(asked, look_up(asked.article, access))
        try:
            preview = foresee(arrival, access.site_id, now=timezone.now())
        except AnotherArticleError:
            raise of_another_article(asked.draft.external_id) from None
        with translation.override(access.language):
            return Response(document(preview, access.language))


def document(preview: Preview, language: str) -> dict[str, Any]:
    """The answer, in `language` where it has words."""
    verdict, quotes = preview.verdict, preview.claimed.submission.quotes
    hits = [hit for hit in verdict.hits if hit.rule.enforced]
    wanted = {hit.rule.reason for hit in hits} | ({verdict.reason} if verdict.reason else set())
    reasons = {
        reason.pk: (reason, text)
        for reason, text in reading.public(Reason.objects.filter(pk__in=wanted), language)
    }
    stopping = reading.stopping(preview.status)
    stopped_by = {hit.rule.reason for hit in hits if hit.rule.action in stopping}
    if stopping and verdict.reason:
        stopped_by.add(verdict.reason)
    told = shown(quotes)
    return {
        "status": preview.status,
        "causes": [str(cause) for cause in verdict.causes],
        "reasons": [
            {"code": reason.slug, "text": text}
            for key, (reason, text) in reasons.items()
            if key in stopped_by
        ],
        "findings": [
            _finding(hit, reasons[hit.rule.reason][0], language) for hit in hits if hit.rule.reason in reasons
        ],
        "quotes": [_quote(traced, told) for traced in quotes],
    }


def _finding(hit: Hit, reason: Reason, language: str) -> dict[str, Any]:
    finding = hit.finding
    return {
        "reason": reason.slug,
        "code": finding.code,
        "text": hit.rule.check.sentence(finding.code, finding.data, language),
        "action": hit.rule.action,
        "spans": [{"field": span.field, "start": span.start, "end": span.end} for span in finding.spans],
    }


def _quote(traced: Traced, told: Shown) -> Mapping[str, Any]:
    quoted, source = traced.quoted, told.source(traced)
    known = traced.source if source else None
    return {
        "start": quoted.start,
        "end": quoted.end,
        "verdict": traced.verdict,
        "text": quote_in_words(traced.verdict),
        "source": source,
        "passage": known and known.text[traced.start : traced.end][:PASSAGE],
        "similarity": round(traced.similarity, 4) if known else None,
        "differences": [_difference(each, traced) for each in traced.differences] if known else [],
        "ambiguous": traced.ambiguous,
        "misattributed": traced.misattributed,
    }


def _difference(each: Difference, traced: Traced) -> dict[str, Any]:
    quoted = traced.quoted
    start = quoted.place(each.start)
    return {
        "kind": each.kind,
        "text": difference_in_words(each.kind),
        "quoted": each.quoted,
        "source": each.source,
        "start": start,
        # Of the last character, for the place behind it may lie on the next line.
        "end": quoted.place(each.end - 1) + 1 if each.end > each.start else start,
    }
