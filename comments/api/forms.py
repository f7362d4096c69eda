"""`GET /form-token/`: a token for a form that is rendered now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from comments.api import schema
from comments.api.views import SiteView
from comments.form_tokens import LIFETIME, mint

if TYPE_CHECKING:
    from rest_framework.request import Request


class FormTokenOut(serializers.Serializer[Any]):
    """A token that says when your form was rendered."""

    token = serializers.CharField(help_text="Put it into a hidden field, and send it back as `form_token`.")
    expires_at = serializers.DateTimeField(help_text="After that it is told apart from one that is valid.")


class FormTokenView(SiteView):
    """Hands out tokens; stores nothing."""

    @extend_schema(
        operation_id="get_form_token",
        summary="Get a token for a form",
        description="Ask for one whenever your server renders the form, and let no cache keep the page.",
        responses={200: FormTokenOut, **schema.problems()},
    )
    def get(self, request: Request) -> Response:
        now = timezone.now()
        answer = {"token": mint(self.access(request).site_id, now), "expires_at": now + LIFETIME}
        return Response(answer, headers={"Cache-Control": "no-store"})
