"""Saved views of the queue: kept, followed, taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from comments.admin.base import person
from comments.models import Site
from moderation.admin.desk import answer
from moderation.admin.filters import Filters
from moderation.admin.pages import DECIDE, SEE, needs
from moderation.admin.ways_back import Back, Ways
from moderation.models import SavedView
from moderation.saved_views import may_remove

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Of one person's; more would be a list to search, not to choose from.
MOST = 50


class SaveForm(forms.Form):
    """A name, and the site at which the view is shared, if it is."""

    name = forms.CharField(
        max_length=60,
        error_messages={
            "required": _("Give the view a name."),
            "max_length": _("A name has at most 60 characters."),
        },
    )
    site = forms.ModelChoiceField(Site.objects.none(), required=False)

    def __init__(self, data: QueryDict, user: User) -> None:
        super().__init__(data)
        field: Any = self.fields["site"]
        field.queryset = Site.objects.visible_to(user)


@needs(SEE)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the address under a name; a name that he has used gets the new ones."""
    user, filters = person(request), Filters.read(request.GET)
    form = SaveForm(request.POST, user)
    if told := _refused(user, filters, form):
        messages.error(request, told)
        return redirect(reverse("desk:queue") + filters.query)
    site = form.cleaned_data["site"]
    if site and not user.has_perm(DECIDE):
        raise PermissionDenied
    before = SavedView.objects.filter(owner=user, name=form.cleaned_data["name"]).first()
    view, _made = SavedView.objects.update_or_create(
        owner=user, name=form.cleaned_data["name"], defaults={"query": filters.query[1:], "site": site}
    )
    back = _saving(before) if before else Back(reverse("desk:remove_view", args=[view.pk]))
    to = reverse("desk:queue") + filters.query
    return answer(request, gettext("The view is saved."), to, good=True, ways=Ways(back))


def _saving(view: SavedView) -> Back:
    """The way to save it as it was; what a Lead took from another becomes his own so."""
    fields = {"name": view.name, "site": str(view.site_id or "")}
    return Back(f"{reverse('desk:save_view')}?{view.query}", fields)


def _refused(user: User, filters: Filters, form: SaveForm) -> str:
    """Why the view is not saved, or nothing."""
    if not filters.given:
        return gettext("Nothing to save: choose some filters first.")
    if not form.is_valid():
        return " ".join(str(error) for errors in form.errors.values() for error in errors)
    others = SavedView.objects.filter(owner=user).exclude(name=form.cleaned_data["name"])
    if others.count() >= MOST:
        return gettext("You have %(most)d views. Take one away before you save another.") % {"most": MOST}
    return ""


@needs(SEE)
@require_GET
def follow(request: HttpRequest, key: int) -> HttpResponse:
    """The queue as the view has it today."""
    return redirect(f"{reverse('desk:queue')}?{_found(request, key).query}")


@needs(SEE)
@require_POST
def remove(request: HttpRequest, key: int) -> HttpResponse:
    """Take a view away: one's own, or as a Lead one that is shared."""
    view, user = _found(request, key), person(request)
    if not may_remove(view, user):
        raise PermissionDenied
    view.delete()
    text = gettext("The view “%(name)s” is gone.") % {"name": view.name}
    to = reverse("desk:queue") + Filters.read(request.GET).query
    return answer(request, text, to, good=True, ways=Ways(_saving(view)))


def _found(request: HttpRequest, key: int) -> SavedView:
    view = SavedView.objects.visible_to(person(request)).filter(pk=key).first()
    if view is None:
        raise Http404(gettext("There is no such view, or it is not shared with you."))
    return view
