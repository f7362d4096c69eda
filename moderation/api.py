"""The reading half of the API: every answer that shows a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from comments.api import schema
from comments.api.intake import look_up
from comments.api.problems import parameter
from comments.api.views import ARTICLE_PARAMETERS, CommentIntake, SiteView, named_article
from comments.drafts import Kind
from comments.models import ParentHow, Status
from moderation import reading
from moderation.quotes import DifferenceKind, Verdict

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request

# A page's default and largest number of comments.
PAGE, PAGE_LIMIT = 50, 100

# Named in the settings, where the document gets its names from.
SOURCE_KINDS = ["article", "comment"]
VERDICTS, DIFFERENCE_KINDS, KINDS = list(Verdict), list(DifferenceKind), list(Kind)


class ReasonOut(serializers.Serializer[Any]):
    """Why the comment was stopped, in words for its author."""

    code = serializers.CharField()
    text = serializers.CharField(help_text="In the site's language.")


class StatusOut(serializers.Serializer[Any]):
    """Where a comment stands."""

    id = serializers.UUIDField()
    external_id = serializers.CharField(allow_null=True, help_text="Your own id of it, if you sent one.")
    article = serializers.CharField(allow_null=True, help_text="Your own id of its article.")
    article_url = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(Status.values)
    revision = serializers.IntegerField(min_value=1, help_text="Counts its texts.")
    decided_revision = serializers.IntegerField(
        allow_null=True, help_text="The text that the decision is about; less than revision: an edit waits."
    )
    decided_at = serializers.DateTimeField(allow_null=True)
    reasons = ReasonOut(many=True, help_text="Empty unless the comment is held or rejected.")
    posted_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()


class SourceOut(serializers.Serializer[Any]):
    """The passage that a quote was traced to, in characters of the source's text."""

    kind = serializers.ChoiceField(SOURCE_KINDS)
    id = serializers.UUIDField(allow_null=True, help_text="The comment's id; null for the article.")
    field = serializers.CharField(help_text="title or body.")
    revision = serializers.IntegerField(allow_null=True)
    start = serializers.IntegerField(allow_null=True)
    end = serializers.IntegerField(allow_null=True)


class DifferenceOut(serializers.Serializer[Any]):
    """One place where a quote differs from its source."""

    kind = serializers.ChoiceField(DIFFERENCE_KINDS)
    quoted = serializers.CharField(allow_blank=True, help_text="The quote's words; empty: it has none here.")
    source = serializers.CharField(allow_blank=True, help_text="The source's words.")  # type: ignore[assignment]


class QuoteOut(serializers.Serializer[Any]):
    """A quoted passage, in characters (Unicode code points) of `body`: [start, end)."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    verdict = serializers.ChoiceField(VERDICTS)
    source = SourceOut(allow_null=True, help_text="null: none, or a comment that is not published.")  # type: ignore[assignment]
    similarity = serializers.FloatField(
        allow_null=True, min_value=0, max_value=1, help_text="To the source's passage; null without a source."
    )
    differences = DifferenceOut(many=True, help_text="What was altered, the gravest first.")
    ambiguous = serializers.BooleanField(help_text="Several sources hold the passage; this is the likeliest.")
    misattributed = serializers.BooleanField(help_text="The comment names another source than this one.")


class CommentOut(serializers.Serializer[Any]):
    """A published comment as readers may see it."""

    id = serializers.UUIDField()
    external_id = serializers.CharField(allow_null=True)
    number = serializers.IntegerField(allow_null=True, help_text="Its number at the article, for >>12.")
    kind = serializers.ChoiceField(KINDS)
    parent = serializers.UUIDField(allow_null=True, help_text="null: none, or it is not published.")  # type: ignore[assignment]
    parent_how = serializers.ChoiceField(
        ParentHow.values,
        allow_null=True,
        help_text="given by you, or inferred from a reference such as >>12, or from a quote.",
    )
    parent_sure = serializers.IntegerField(
        allow_null=True, min_value=0, max_value=100, help_text="In percent; null for a given parent."
    )
    author_name = serializers.CharField(allow_blank=True)
    author_url = serializers.CharField(allow_blank=True)
    author_verified = serializers.BooleanField()
    body = serializers.CharField(help_text="The text last published. Not escaped: escape it for HTML.")
    posted_at = serializers.DateTimeField()
    quotes = QuoteOut(many=True)


class PageOut(serializers.Serializer[Any]):
    """A page of comments."""

    results = CommentOut(many=True)
    next = serializers.CharField(allow_null=True, help_text="The URL of the next page; null on the last one.")


class CommentView(SiteView):
    """One comment's status."""

    @extend_schema(
        operation_id="get_comment",
        summary="Ask for a comment's status",
        responses={200: StatusOut, **schema.problems()},
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        access = self.access(request)
        found = reading.status_of(public_id, access.site_id, access.language)
        if found is None:
            raise NotFound
        return Response(found)


class CommentsView(CommentIntake):
    """Comments: POST takes one in, GET lists the published ones of an article."""

    @extend_schema(
        operation_id="list_comments",
        summary="List an article's published comments",
        parameters=[
            *ARTICLE_PARAMETERS,
            OpenApiParameter(
                "order", str, enum=list(reading.Order), description="By posted_at; oldest first."
            ),
            OpenApiParameter(
                "limit", {"type": "integer", "minimum": 1, "maximum": PAGE_LIMIT, "default": PAGE}
            ),
            OpenApiParameter("cursor", str, description="From `next` of the page before."),
        ],
        responses={200: PageOut, **schema.problems()},
    )
    def get(self, request: Request) -> Response:
        query = request.query_params
        name = named_article(query, "order", "limit", "cursor")
        order, limit = _order(query.get("order", "oldest")), _limit(query.get("limit", str(PAGE)))
        after = _cursor(query.get("cursor"), order)
        article = look_up(name, self.access(request))
        if article is None:
            raise NotFound
        page = reading.published(article[0], order, after, limit)
        return Response({"results": page.comments, "next": _next(request, page.last, order)})


def _order(text: str) -> reading.Order:
    try:
        return reading.Order(text)
    except ValueError:
        raise parameter("order", text, "must be oldest or newest.") from None


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 4 and 1 <= int(text) <= PAGE_LIMIT):
        raise parameter("limit", text, f"must be a whole number from 1 to {PAGE_LIMIT}.")
    return int(text)


def _cursor(text: str | None, order: reading.Order) -> reading.Place | None:
    if text is None:
        return None
    place = reading.Place.parse(text, order)
    if place is None:
        raise parameter("cursor", text, f"is none of ours for the order {order}: take it from next.")
    return place


def _next(request: Request, last: reading.Place | None, order: reading.Order) -> str | None:
    if last is None:
        return None
    query = request.query_params.copy()
    query["cursor"] = last.cursor(order)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
