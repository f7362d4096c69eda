"""Every error of the API, as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.http.request import UnreadablePostError
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from comments.drafts import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/"
VALUE_LIMIT = 80


class Kind(Enum):
    """The kinds of problem: status, and a title that never varies."""

    UNREADABLE = HTTPStatus.BAD_REQUEST, "The request could not be read."
    BAD_PARAMETER = HTTPStatus.BAD_REQUEST, "A parameter or header of the request is refused."
    NO_KEY = HTTPStatus.UNAUTHORIZED, "A valid site key is needed."
    FORBIDDEN = HTTPStatus.FORBIDDEN, "This is not allowed."
    NOT_FOUND = HTTPStatus.NOT_FOUND, "There is no such thing."
    METHOD = HTTPStatus.METHOD_NOT_ALLOWED, "The method is not allowed here."
    NOT_ACCEPTABLE = HTTPStatus.NOT_ACCEPTABLE, "No acceptable form of the answer."
    CLOSED = HTTPStatus.CONFLICT, "The comments of this article are closed."
    DISAGREEMENT = HTTPStatus.CONFLICT, "Two names in the request stand for two different things."
    LENGTH_REQUIRED = HTTPStatus.LENGTH_REQUIRED, "The length of the body is needed."
    TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large."
    MEDIA_TYPE = HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body is of another type than JSON."
    REFUSED = HTTPStatus.UNPROCESSABLE_ENTITY, "A field is refused."
    KEY_REUSED = HTTPStatus.UNPROCESSABLE_ENTITY, "The Idempotency-Key was used for another request."
    THROTTLED = HTTPStatus.TOO_MANY_REQUESTS, "Too many requests."
    INTERNAL = HTTPStatus.INTERNAL_SERVER_ERROR, "Something broke on our side."
    UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE, "The service cannot answer at the moment."

    @property
    def status(self) -> int:
        return int(self.value[0])

    @property
    def title(self) -> str:
        return self.value[1]

    @property
    def uri(self) -> str:
        """The problem's `type`: a stable name for programs."""
        return f"urn:sekisho:problem:{self.name.lower().replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: its `value`, cut, and the `mend`, a sentence for people."""

    field: str
    value: object
    mend: str
    code: str


class Problem(exceptions.APIException):
    """Ends a request with a problem; `detail` says what to do."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.status_code = kind.status
        self.sentence = detail
        self.errors = errors
        self.headers = dict(headers or {})

    def document(self) -> dict[str, Any]:
        """The problem as it goes over the wire."""
        document: dict[str, Any] = {
            "type": self.kind.uri,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": printable(self.sentence),
        }
        if self.errors:
            document["errors"] = [
                {
                    "field": printable(error.field),
                    "value": shown(error.value),
                    "mend": error.mend,
                    "code": error.code,
                }
                for error in self.errors
            ]
        return document


def printable(text: str) -> str:
    """`text` without the halves of surrogate pairs, which UTF-8 cannot carry."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def shown(value: object) -> object:
    """A refused value as it is safe to repeat: what it was, cut to 80 characters."""
    if value is None or isinstance(value, bool):
        return value
    text = value if isinstance(value, str) else _as_json(value)
    return printable(text if len(text) <= VALUE_LIMIT else text[: VALUE_LIMIT - 1] + "…")


def _as_json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except RecursionError:
        # Reading stands nearer to the end of the stack than writing does here.
        return "{…}" if isinstance(value, dict) else "[…]"


def refusal(errors: Sequence[FieldError]) -> Problem:
    """Fields of a body that are refused."""
    told = (f"{error.field}: {error.mend}" if error.field else error.mend for error in errors)
    return Problem(Kind.REFUSED, " ".join(told), errors=errors)


def refused(error: Refused, field: str | None = None) -> Problem:
    """A draft's refusal; `field` is its name in the API where that is another."""
    return refusal([FieldError(field or error.field, error.value, error.mend, error.code)])


def parameter(name: str, value: object, mend: str, code: str = "invalid") -> Problem:
    """A query parameter or header that is refused."""
    return Problem(Kind.BAD_PARAMETER, f"{name}: {mend}", errors=[FieldError(name, value, mend, code)])


_BY_EXCEPTION: tuple[tuple[type[Exception], Kind, str], ...] = (
    (
        exceptions.NotAuthenticated,
        Kind.NO_KEY,
        "Send the header Authorization: Bearer sk_… with the key of your site.",
    ),
    (
        exceptions.AuthenticationFailed,
        Kind.NO_KEY,
        "The key is unknown or was revoked. Send Authorization: Bearer sk_… with a key in force.",
    ),
    (
        exceptions.NotAcceptable,
        Kind.NOT_ACCEPTABLE,
        "Answers are application/json: leave Accept out, or name that type in it.",
    ),
    (
        exceptions.UnsupportedMediaType,
        Kind.MEDIA_TYPE,
        "Send the body as JSON, with Content-Type: application/json.",
    ),
    (
        Http404,
        Kind.NOT_FOUND,
        "Nothing is at this address, or it belongs to another site. Paths end with a slash.",
    ),
    (exceptions.NotFound, Kind.NOT_FOUND, "Nothing is at this address, or it belongs to another site."),
    ((PermissionDenied), Kind.FORBIDDEN, "The site key does not allow this."),
    (exceptions.PermissionDenied, Kind.FORBIDDEN, "The site key does not allow this."),
    (RequestDataTooBig, Kind.TOO_LARGE, "Send a smaller body."),
    (UnreadablePostError, Kind.UNREADABLE, "The body broke off before its end. Send it again."),
)


def as_problem(error: Exception) -> Problem | None:
    """The problem that an exception means; None for one that nobody foresaw."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Refused):
        return refused(error)
    if isinstance(error, exceptions.MethodNotAllowed):
        return Problem(Kind.METHOD, "Use one of the methods that the header Allow names.")
    if isinstance(error, OperationalError | InterfaceError):
        # The database is away, restarting or found a deadlock: nothing was
        # stored, and the same request may succeed soon.
        log.exception("The database did not answer")
        return Problem(
            Kind.UNAVAILABLE, "Nothing was stored. Send the same again soon.", headers={"Retry-After": "2"}
        )
    for kind, problem, detail in _BY_EXCEPTION:
        if isinstance(error, kind):
            return Problem(problem, detail)
    return None


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's hook. An unforeseen exception goes on to Django's logging."""
    problem = as_problem(error)
    if problem is None:
        return None
    headers = {"Content-Language": "en", **problem.headers}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if problem.kind is Kind.METHOD:
        headers["Allow"] = ", ".join(context["view"].allowed_methods)
    return Response(problem.document(), problem.kind.status, headers=headers, content_type=MEDIA_TYPE)


# --- errors outside of REST framework's views --------------------------------


def _plain(kind: Kind, detail: str) -> HttpResponse:
    document = Problem(kind, detail).document()
    return HttpResponse(
        json.dumps(document), status=kind.status, content_type=MEDIA_TYPE, headers={"Content-Language": "en"}
    )


def _handler(
    kind: Kind, detail: str, default: Callable[..., HttpResponseBase]
) -> Callable[..., HttpResponseBase]:
    def handler(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.path_info.startswith(PREFIX):
            return _plain(kind, detail)
        return default(request, *args, **kwargs)

    return handler


# Named by `config.urls`, for what Django itself refuses (a wrong Host, a
# malformed request) and for exceptions that nobody foresaw.
bad_request = _handler(
    Kind.UNREADABLE, "The request is malformed, or its Host is not one of ours.", defaults.bad_request
)
permission_denied = _handler(Kind.FORBIDDEN, "This is not allowed.", defaults.permission_denied)
page_not_found = _handler(
    Kind.NOT_FOUND, "Nothing is at this address. Paths end with a slash.", defaults.page_not_found
)
server_error = _handler(
    Kind.INTERNAL,
    "Nothing was stored. The error is in our log; send the same again later.",
    defaults.server_error,
)


def unknown_path(request: HttpRequest, **_: object) -> HttpResponse:  # noqa: ARG001
    """Whatever no other path of the API matched; also with DEBUG on."""
    return _plain(Kind.NOT_FOUND, "Nothing is at this address. Paths end with a slash.")
