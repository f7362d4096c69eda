"""The language that a person has chosen and the clock of his sites, in whatever browser he logs in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone, translation

from moderation.people import settings_of, zone_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase


class LanguageMiddleware:
    """Behind `LocaleMiddleware` and the one for logins: what the browser asks for gives way to his setting.

    In the admin alone: the API and the figures know no people, and ask for none here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        in_admin = request.path_info.startswith(reverse("admin:index"))
        language = settings_of(request.user).language if in_admin else ""
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = language
        return self.get_response(request)


class ZoneMiddleware:
    """The reader's clock, in the admin alone: see `moderation.admin.times`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        in_admin = request.path_info.startswith(reverse("admin:index"))
        with timezone.override(zone_of(request.user) if in_admin else None):
            return self.get_response(request)
