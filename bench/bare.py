"""What POST is measured against: a view as the framework's tutorial writes it, that stores the same row.

It knows no keys, throttles, idempotency or moderation: one look for the
article, which the row needs, and one insert in one transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from comments import drafts
from comments.models import Article, Comment

if TYPE_CHECKING:
    from rest_framework.request import Request

# No number that the folder has: nothing takes this row for a folded one.
NO_FOLDER = 0


class CommentSerializer(serializers.Serializer[Any]):
    """The fields of the body, validated as REST framework does."""

    article = serializers.SlugRelatedField(slug_field="external_id", queryset=Article.objects.all())
    author_name = serializers.CharField(max_length=drafts.NAME_LIMIT)
    author_email = serializers.EmailField(max_length=drafts.EMAIL_LIMIT)
    body = serializers.CharField(max_length=drafts.BODY_LIMIT)
    ip = serializers.IPAddressField()


class CommentsView(APIView):
    """POST of a comment."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    parser_classes = (JSONParser,)
    renderer_classes = (JSONRenderer,)

    @transaction.atomic
    def post(self, request: Request) -> Response:
        serializer = CommentSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        now = timezone.now()
        comment = Comment.objects.create(
            site_id=serializer.validated_data["article"].site_id,
            source="bare",
            folded=serializer.validated_data["body"],
            fingerprint=0,
            folder_version=NO_FOLDER,
            posted_at=now,
            received_at=now,
            **serializer.validated_data,
        )
        return Response({"id": comment.public_id, "status": comment.status}, 202)


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n")


urlpatterns = [path("comments/", CommentsView.as_view()), path("healthz", healthz)]
