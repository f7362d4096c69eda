"""The request's id: taken from the proxy or made here, on every log line and in the answer."""

import re
import uuid
from collections.abc import Callable

import structlog
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Request-ID"
# What proxies send (UUIDs, hex, ULIDs, trace ids); nothing that could break a
# log line or fill the disk.
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id(given: str | None) -> str:
    """The id as given if it is harmless, else a new one."""
    return given if given and _ACCEPTED.fullmatch(given) else uuid.uuid4().hex


class RequestIdMiddleware:
    """Binds `request_id` to the log's context for the length of a request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        number = request_id(request.headers.get(HEADER))
        with structlog.contextvars.bound_contextvars(request_id=number):
            response = self.get_response(request)
        response[HEADER] = number
        return response


class RefuseNulMiddleware:
    """Answers 400 to a NUL byte in the address: PostgreSQL knows none, and the admin's filters pass it on.

    The API names the parameter itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        nul = "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path_info
        if nul and not request.path_info.startswith("/api/"):
            raise BadRequest("The address holds a NUL byte. Leave it out.")
        return self.get_response(request)
