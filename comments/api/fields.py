"""Fields that take a value for what it is: 12 is no text, "true" no truth value.

They check types alone. Lengths and characters are refused by the drafts,
where they are refused for every source; what a field says of them here
stands for the OpenAPI document.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from comments.api.addresses import parse_address
from comments.api.problems import FieldError, printable, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

# English whatever the reader's language: programmers read these.
_ERRORS: dict[str, Any] = {
    "required": "is missing: send it.",
    "null": "is null: send a value.",
    "blank": "is empty: send a value.",
    "invalid": "must be a text in quotation marks.",
}


class Text(serializers.CharField):
    """A JSON string, as it stands: not trimmed, nothing turned into one."""

    default_error_messages = _ERRORS

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)

    def run_validators(self, value: Any) -> None:
        """The draft refuses what is too long or cannot be stored."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


@extend_schema_field(OpenApiTypes.DATETIME)
class Time(Text):
    """A time of RFC 3339 with its offset."""

    default_error_messages = _ERRORS | {
        "invalid": "is no time. Write it as 2026-01-10T09:00:00+09:00.",
    }

    def to_internal_value(self, data: Any) -> Any:
        try:
            return datetime.fromisoformat(super().to_internal_value(data))
        except ValueError:
            self.fail("invalid")


@extend_schema_field(OpenApiTypes.UUID)
class PublicId(Text):
    """The id that the API gave a comment."""

    default_error_messages = _ERRORS | {
        "invalid": "is no id of a comment: send the id that the API answered with.",
    }

    def to_internal_value(self, data: Any) -> Any:
        try:
            found = UUID(super().to_internal_value(data))
        except ValueError:
            self.fail("invalid")
        if str(found) != data.lower():
            self.fail("invalid")
        return found


@extend_schema_field({"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]})
class ClientAddress(Text):
    """An IPv4 or IPv6 address."""

    default_error_messages = _ERRORS | {
        "invalid": "is no IPv4 or IPv6 address, such as 192.0.2.7 or 2001:db8::7.",
    }

    def to_internal_value(self, data: Any) -> Any:
        address = parse_address(super().to_internal_value(data))
        if address is None:
            self.fail("invalid")
        return address


class Truth(serializers.BooleanField):
    """JSON's true or false."""

    default_error_messages = _ERRORS | {"invalid": "must be true or false, without quotation marks."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class Texts(serializers.ListField):
    """A JSON array of strings."""

    default_error_messages = _ERRORS | {"not_a_list": 'must be a list of texts, such as ["…"].'}
    child = Text(allow_blank=True)


def read(serializer: serializers.Serializer[Any], data: Any) -> dict[str, Any]:
    """The fields of a body that were given and are not null. Raises `Problem`.

    `serializer` is shared by all requests: making one copies all its fields,
    and reading changes nothing in it.
    """
    if not isinstance(data, dict):
        raise refusal([FieldError("", data, "The body must be one JSON object: {…}.", "not-an-object")])
    fields = serializer.fields
    if unknown := sorted(data.keys() - fields.keys()):
        mend = f"is not known here. Known are: {', '.join(fields)}."
        raise refusal(
            [FieldError(printable(name)[:80], data[name], mend, "unknown-field") for name in unknown[:20]]
        )
    try:
        values: dict[str, Any] = serializer.to_internal_value(data)
    except serializers.ValidationError as error:
        raise refusal(_errors(error.detail, data)) from None
    return {name: value for name, value in values.items() if value is not None}


def _errors(detail: Any, data: Mapping[str, Any]) -> list[FieldError]:
    """REST framework's errors with the values that they are about."""
    found = []
    for name, errors in detail.items():
        # A list's errors stand under the places of its items.
        first = next(iter(errors.values())) if isinstance(errors, dict) else errors
        code = "wrong-type" if first[0].code in {"invalid", "not_a_list"} else first[0].code
        found.append(FieldError(name, data.get(name), str(first[0]), code))
    return found
