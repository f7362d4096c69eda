"""JSON as RFC 8259 has it, and nothing that merely looks like it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any, NoReturn

from rest_framework.parsers import BaseParser

from comments.api.problems import Kind, Problem, printable

if TYPE_CHECKING:
    from rest_framework.request import Request


def check_length(request: Request, limit: int) -> None:
    """Refuse a body whose length is not said (411) or over `limit` bytes (413), unread.

    A chunked body says no length; WSGI hands it over as an empty one, so
    without this a comment would seem to have come without a body.
    """
    said = request.META.get("CONTENT_LENGTH") or ""
    if "HTTP_TRANSFER_ENCODING" in request.META or not said.isdecimal():
        raise Problem(Kind.LENGTH_REQUIRED, "Send the body whole, with Content-Length, and not in chunks.")
    if len(said) > 18 or int(said) > limit:
        raise Problem(Kind.TOO_LARGE, f"The body has {said[:20]} bytes; the limit is {limit:,} here.")


def unreadable(detail: str) -> Problem:
    return Problem(Kind.UNREADABLE, detail)


def _no_constant(name: str) -> NoReturn:
    raise unreadable(f"The body is no JSON: {name} is not in it. Leave the field out instead.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise unreadable(f"The field {printable(double)[:80]!r} stands in an object twice. Send it once.")
    return fields


_DECODER = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_object)


def loads(raw: bytes) -> Any:
    """The value that `raw` is. Raises `Problem`."""
    try:
        return _DECODER.decode(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise unreadable(f"The body is not UTF-8: see byte {error.start}.") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise unreadable(f"The body is no JSON: {error.msg} at {place}.") from None
    except RecursionError:
        raise unreadable("The body is nested too deep. Send one flat object.") from None
    except ValueError:
        # An integer beyond Python's limit of digits.
        raise unreadable("The body holds a number with too many digits.") from None


class StrictJSONParser(BaseParser):
    """Reads through `request.body`, which keeps the bytes for the idempotency digest."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],  # noqa: ARG002
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        request: Request = (parser_context or {})["request"]
        return loads(request.body)
