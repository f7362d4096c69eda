"""Saved views of the queue: kept, followed, taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core import signing
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
from moderation.services.escalating import OWN_UNDO

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Of one person's; more would be a list to search, not to choose from.
MOST = 50
_SALT = "moderation.saved_views"
_COLUMNS = ("owner_id", "name", "query", "site_id")


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
    """The way to save one's own as it was."""
    fields = {"name": view.name, "site": str(view.site_id or "")}
    return Back(f"{reverse('desk:save_view')}?{view.query}", fields)


def _refused(user: User, filters: Filters, form: SaveForm) -> str:
    """Why the view is not saved, or nothing."""
    if not filters.given:
        return gettext("Nothing to save: choose some filters first.")
    if not form.is_valid():
        return " ".join(str(error) for errors in form.errors.values() for error in errors)
    if len(filters.query) > SavedView.QUERY_LIMIT:
        return gettext("What is searched for is too long to be kept in a view: search for less.")
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
    back = Back(reverse("desk:restore_view"), {"kept": _kept(view, user)})
    view.delete()
    text = gettext("The view “%(name)s” is gone.") % {"name": view.name}
    to = reverse("desk:queue") + Filters.read(request.GET).query
    return answer(request, text, to, good=True, ways=Ways(back))


def _kept(view: SavedView, user: User) -> str:
    """A view that is taken away, for whoever takes it away and for nobody else to bring back as it was."""
    told = {"by": user.pk, **{name: getattr(view, name) for name in _COLUMNS}}
    return signing.dumps(told, salt=_SALT, compress=True)


@needs(SEE)
@require_POST
def restore(request: HttpRequest) -> HttpResponse:
    """Bring a view back that one took away: its owner's again, unless he has another of the name by now."""
    user = person(request)
    try:
        kept = signing.loads(request.POST.get("kept", ""), salt=_SALT, max_age=OWN_UNDO)
    except signing.BadSignature:
        raise PermissionDenied from None
    if kept.pop("by") != user.pk:
        raise PermissionDenied
    if kept["site_id"] and not Site.objects.visible_to(user).filter(pk=kept["site_id"]).exists():
        raise PermissionDenied
    name = {each: kept.pop(each) for each in ("owner_id", "name")}
    _view, made = SavedView.objects.get_or_create(**name, defaults=kept)
    text = gettext("The view is saved.") if made else gettext("Not taken back: it is no longer as it was.")
    return answer(request, text, reverse("desk:queue"), good=made)


def _found(request: HttpRequest, key: int) -> SavedView:
    view = SavedView.objects.visible_to(person(request)).filter(pk=key).first()
    if view is None:
        raise Http404(gettext("There is no such view, or it is not shared with you."))
    return view
