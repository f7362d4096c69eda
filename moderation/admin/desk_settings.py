"""A person's own settings: language, keys, what is blurred."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.forms import modelform_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import check_for_language, gettext
from django.views import i18n
from django.views.decorators.http import require_http_methods

from comments.admin.base import person
from moderation.admin.pages import SEE, needs, page_context, whole
from moderation.admin.queue import Filters
from moderation.models import DeskSettings
from moderation.people import settings_of

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

FIELDS = ("language", "has_keys", "blur")


@needs(SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest) -> HttpResponse:
    """All of them as a form; with `only` the one that a switch on another page has changed."""
    own = settings_of(request.user)
    only = request.POST.get("only")
    form = modelform_factory(
        DeskSettings,
        fields=[only] if only in FIELDS else FIELDS,
        widgets={"language": forms.RadioSelect, "blur": forms.RadioSelect},
    )(request.POST if request.method == "POST" else None, instance=own)
    if request.method == "POST" and form.is_valid():
        form.save()
        if only in FIELDS:
            return HttpResponse(status=204)
        with translation.override(own.language or translation.get_language()):
            messages.success(request, gettext("Saved. It holds wherever you log in."))
        return redirect("desk:settings")
    context = {
        **page_context(request, gettext("Settings of the desk")),
        "filters": Filters(),
        "form": form,
        "settings_page": True,
    }
    return whole(request, "settings", context, status=422 if form.errors else 200)


def set_language(request: HttpRequest) -> HttpResponseBase:
    """Django's, which keeps the language in the browser; of who is logged in it is kept with him, too."""
    wanted = request.POST.get("language", "")
    if request.method == "POST" and request.user.is_authenticated and check_for_language(wanted):
        own = settings_of(person(request))
        if wanted in dict(DeskSettings._meta.get_field("language").choices or ()):
            own.language = wanted
            own.save()
    return i18n.set_language(request)
