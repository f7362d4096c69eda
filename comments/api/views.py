"""The writing half of the API."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound
from rest_framework.response import Response
from rest_framework.views import APIView

from comments.api import idempotency, intake, schema, throttles
from comments.api.addresses import Address, client_address, parse_address
from comments.api.authentication import SeenSiteKeyAuthentication
from comments.api.parsers import check_length
from comments.api.problems import Kind, Problem, parameter
from comments.api.serializers import (
    Accepted,
    ArticleIn,
    ArticleName,
    ArticleOut,
    CommentIn,
    article_draft,
    article_out,
    comment_asked,
)
from comments.api.throttles import Throttle
from comments.articles import Disagreement, put_article
from comments.drafts import Refused
from comments.models import Article, Site
from comments.services import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.authentication import BaseAuthentication
    from rest_framework.request import Request

    from comments.api.authentication import Access


class SiteView(APIView):
    """A view of one site, the one that the key opens."""

    metadata_class = None
    http_method_names = ["get", "head", "post", "put"]
    format_kwarg = None
    # The largest body that is read, in bytes: 20,000 characters as escaped
    # surrogate pairs (\\uXXXX\\uXXXX) are 240,000, and the other fields are short.
    body_limit = 524_288
    throttle = Throttle.ANY

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """As the base's, without versions, and with the length of the body before the throttles.

        The throttle of a client's address needs the body, which nobody should
        have to send without a key or past the limit.
        """
        negotiated = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = negotiated
        self.perform_authentication(request)
        self.check_permissions(request)
        if request.method in {"POST", "PUT"} & set(self.allowed_methods):
            check_length(request, self.body_limit)
        self.check_throttles(request)

    def access(self, request: Request) -> Access:
        """What the request's key opens."""
        return cast("Access", request.auth)

    def client_address(self, request: Request) -> Address | None:  # noqa: ARG002
        """The reader for whom the site asks, if it asks for one."""
        return None

    def check_throttles(self, request: Request) -> None:
        """Also a body that cannot be read counts for the key."""
        try:
            address = self.client_address(request)
        except APIException:
            throttles.spend(self.access(request), None, self.throttle)
            raise
        throttles.spend(self.access(request), address, self.throttle)


def named_article(query: Mapping[str, str], *others: str) -> ArticleName:
    """The article that the query parameters `article` or `article_url` name. Raises `Problem`.

    `others` are the further parameters that the view knows.
    """
    known = ("article", "article_url", *others)
    for name in query:
        if name not in known:
            raise parameter(name, query[name], f"is not known here. Known are: {', '.join(known)}.")
    try:
        return ArticleName.of(query.get("article", ""), query.get("article_url", ""))
    except Refused as error:
        raise parameter(error.field, error.value, error.mend, error.code) from None


ARTICLE_PARAMETERS = [
    OpenApiParameter("article", str, description="Your own id of the article. Give it or `article_url`."),
    OpenApiParameter("article_url", str, description="Any URL that the article has or had."),
]


class ArticleView(SiteView):
    """An article, known by your own id or by any URL it has had."""

    # 500,000 characters, each escaped as a surrogate pair.
    body_limit = 6_291_456

    @extend_schema(
        operation_id="put_article",
        summary="Create or replace an article",
        request=ArticleIn,
        responses={
            200: OpenApiResponse(ArticleOut, description="It was there; what differed was changed."),
            201: OpenApiResponse(ArticleOut, description="It is new."),
            **schema.problems(Kind.DISAGREEMENT, *schema.WITH_BODY),
        },
        examples=[
            OpenApiExample(
                "An article",
                request_only=True,
                value={
                    "id": "2026-0417",
                    "url": "https://news.example/town/2026-0417",
                    "title": "駅前の図書館、夜九時まで開館へ",
                    "body": "市は四月から、駅前の図書館の開館時間を午後九時まで延ばす。",
                    "published_at": "2026-04-01T06:00:00+09:00",
                },
            )
        ],
    )
    def put(self, request: Request) -> Response:
        draft = article_draft(request.data)
        site = Site.objects.get(pk=self.access(request).site_id)
        try:
            put = put_article(draft, site)
        except Disagreement:
            raise Problem(
                Kind.DISAGREEMENT,
                f"The id {draft.external_id!r} and the URL {draft.url!r} are those of two articles. "
                "Send the id that the URL belongs to, or leave one of them out.",
            ) from None
        code = status.HTTP_201_CREATED if put.outcome is Outcome.CREATED else status.HTTP_200_OK
        return Response(article_out(put.article), code)

    @extend_schema(
        operation_id="get_article",
        summary="Show an article as it is kept",
        parameters=ARTICLE_PARAMETERS,
        responses={200: ArticleOut, **schema.problems()},
    )
    def get(self, request: Request) -> Response:
        found = intake.look_up(named_article(request.query_params), self.access(request))
        if found is None:
            raise NotFound
        return Response(article_out(Article.objects.get(pk=found[0])))


@cache
def _comments_path() -> str:
    """Where comments are; resolving it anew costs each POST more than its validation."""
    return reverse("api-comments")


class CommentBodyView(SiteView):
    """A POST whose body is a reader's comment."""

    def get_authenticators(self) -> list[BaseAuthentication]:
        """A POST asks for its key and its article in one query; the document knows one scheme only."""
        documented = getattr(self, "swagger_fake_view", False)
        if getattr(self.request, "method", None) == "POST" and not documented:
            return [SeenSiteKeyAuthentication()]
        return super().get_authenticators()

    def client_address(self, request: Request) -> Address | None:
        """The address in the body, which a site key vouches for, else the connection's."""
        if request.method != "POST":
            return None
        said = request.data.get("ip") if isinstance(request.data, dict) else None
        return (parse_address(said) if isinstance(said, str) else None) or client_address(request.META)


class CommentIntake(CommentBodyView):
    """Takes comments in. Routed by `moderation`, which adds the reading."""

    @extend_schema(
        operation_id="post_comment",
        summary="Hand over a comment",
        description="Stored at once, checked in the background: ask at `status_url` for the decision.",
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
                OpenApiParameter.HEADER,
                description="The same key with the same body within 24 hours gets the first answer again.",
            )
        ],
        request=CommentIn,
        responses={
            202: Accepted,
            **schema.problems(Kind.CLOSED, Kind.DISAGREEMENT, *schema.WITH_BODY, Kind.KEY_REUSED),
        },
        examples=[
            OpenApiExample(
                "A comment",
                request_only=True,
                value={
                    "article": "2026-0417",
                    "author_name": "松田",
                    "author_email": "matsuda@mail.example",
                    "body": "> 午後九時まで延ばす\n仕事の帰りに寄れるのは助かります。",
                    "ip": "192.0.2.17",
                },
            )
        ],
    )
    def post(self, request: Request) -> Response:
        answer = intake.submit(
            comment_asked(request.data),
            self.access(request),
            idempotency.retry_of(request),
            now=timezone.now(),
            status_url=lambda key: f"{request.scheme}://{request.get_host()}{_comments_path()}{key}/",
        )
        headers = {"Location": answer.document["status_url"]}
        if answer.replayed:
            headers["Idempotency-Replayed"] = "true"
        return Response(answer.document, status.HTTP_202_ACCEPTED, headers=headers)
