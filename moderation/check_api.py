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
from comments.models import ParentHow
from moderation.api import DifferenceOut, QuoteOut, ReasonOut
from moderation.forecast import document
from moderation.models import Action
from moderation.preview import AnotherArticleError, foresee
from moderation.quotes import ReferenceVerdict
from moderation.shown_quotes import PASSAGE

if TYPE_CHECKING:
    from rest_framework.request import Request

# What a comment that is judged can become.
FORESEEN = ["published", "held", "rejected"]
REFERENCE_VERDICTS = list(ReferenceVerdict)


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


class ReferenceOut(serializers.Serializer[Any]):
    """A number that the comment refers to, such as >>12, with its place in `body`."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    number = serializers.IntegerField()
    verdict = serializers.ChoiceField(
        REFERENCE_VERDICTS, help_text="dangling: no comment has it. later: one that is not earlier."
    )
    text = serializers.CharField(help_text="The verdict in words, in the site's language.")
    id = serializers.UUIDField(allow_null=True, help_text="The comment's id; null if it is not published.")


class ParentOut(serializers.Serializer[Any]):
    """The comment that this one would answer."""

    id = serializers.UUIDField()
    how = serializers.ChoiceField(ParentHow.values)
    sure = serializers.IntegerField(
        allow_null=True, min_value=0, max_value=100, help_text="In percent; null for a given parent."
    )


class CheckOut(serializers.Serializer[Any]):
    """What would become of the comment if it were sent now."""

    status = serializers.ChoiceField(FORESEEN)
    causes = serializers.ListField(
        child=serializers.CharField(), help_text="What it stands on: rules, floor, …; empty when published."
    )
    reasons = ReasonOut(many=True, help_text="Empty unless it would be held or rejected.")
    findings = FindingOut(many=True)
    quotes = CheckedQuoteOut(many=True)
    references = ReferenceOut(many=True)
    parent = ParentOut(allow_null=True, help_text="null: none, or it is not published.")


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
        now = timezone.now()
        arrival = arrival_of(asked, look_up(asked.article, access), site_id=access.site_id, now=now)
        try:
            preview = foresee(arrival, access.site_id, now=now)
        except AnotherArticleError:
            raise of_another_article(asked.draft.external_id) from None
        with translation.override(access.language):
            return Response(document(preview, access.language))
