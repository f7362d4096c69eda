"""What the OpenAPI document needs beyond the views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

from comments.api.problems import MEDIA_TYPE, Kind

if TYPE_CHECKING:
    from drf_spectacular.openapi import AutoSchema


class SiteKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "comments.api.authentication.SiteKeyAuthentication"
    match_subclasses = True
    name = "siteKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        return {"type": "http", "scheme": "bearer", "description": "The key of your site: sk_…"}


class FieldErrorOut(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField(
        allow_blank=True, help_text="The field, parameter or header; empty: the body."
    )
    value = serializers.JSONField(allow_null=True, help_text="What was sent, cut to 80 characters.")
    mend = serializers.CharField(help_text="What would be accepted.")
    code = serializers.CharField(help_text="A stable name of the fault.")


class ProblemOut(serializers.Serializer[Any]):
    """An error (RFC 9457)."""

    type = serializers.CharField(help_text="A stable name of the kind of problem.")
    title = serializers.CharField()
    status = serializers.IntegerField(min_value=400, max_value=599)
    detail = serializers.CharField(help_text="What happened and how to mend it.")
    errors = FieldErrorOut(many=True, required=False)  # type: ignore[assignment]


_ANYWHERE = (Kind.UNREADABLE, Kind.NO_KEY, Kind.NOT_FOUND, Kind.METHOD, Kind.NOT_ACCEPTABLE)
_LATER = (Kind.THROTTLED, Kind.INTERNAL, Kind.UNAVAILABLE)
WITH_BODY = (Kind.LENGTH_REQUIRED, Kind.TOO_LARGE, Kind.MEDIA_TYPE, Kind.REFUSED)


def problems(*kinds: Kind) -> dict[tuple[int, str], OpenApiResponse]:
    """The problem responses of an operation: its own `kinds`, and those that any may give."""
    by_status: dict[int, list[Kind]] = {}
    for kind in (*_ANYWHERE, *kinds, *_LATER):
        by_status.setdefault(kind.status, []).append(kind)
    return {(status, MEDIA_TYPE): _response(by_status[status]) for status in sorted(by_status)}


def _response(kinds: list[Kind]) -> OpenApiResponse:
    return OpenApiResponse(
        ProblemOut,
        description=" ".join(kind.title for kind in kinds),
        examples=[
            OpenApiExample(
                kind.name.lower(),
                value={"type": kind.uri, "title": kind.title, "status": kind.status, "detail": "…"},
            )
            for kind in kinds
        ],
    )
