"""The page on which a person takes back what a rule version did: what would be done, why, how far it is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.admin.base import person, visible
from comments.models import Comment
from moderation import doorbell
from moderation.admin.safety import may_reset
from moderation.admin.veiling import veil_context
from moderation.models import RuleUndo, RuleVersion
from moderation.rule_undoing import Fate, Tally, Window, bounds_of, preview
from moderation.services import begin_rule_undo, cancel_rule_undo, resume_rule_undo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.contrib.auth.models import User

# So long a request may look at what a version did.
PREVIEW_SECONDS = 3.0
# The windows to choose from, in hours; 0 is all that the version ever did.
HOURS: Mapping[int, Any] = {
    1: _("the last hour"),
    24: _("the last day"),
    168: _("the last week"),
    0: _("all of it"),
}
TOLD: Mapping[str, Any] = {
    Fate.PUBLISHED: _("published again"),
    Fate.HELD: _("held for a person, as something else stops it, too"),
    Fate.CLOSED: _("its case closed: nothing else flagged it"),
    Fate.DONE: _("left alone: nothing of it is left to take back"),
    Fate.DECIDED: _("left alone: a person has decided since"),
    Fate.CHANGED: _("left alone: its text or its state is another by now"),
    Fate.ERASED: _("left alone: it was erased"),
    Fate.SAME: _("left alone: without the rule it would have come to the same"),
}


class UndoForm(forms.Form):
    """Why, and the moment up to which the preview looked."""

    reason = forms.CharField(
        max_length=1_000, error_messages={"required": _("Say why: it is kept with the undo.")}
    )
    until = forms.DateTimeField()


def view(request: HttpRequest, version: int) -> HttpResponse:
    """What an undo of the version would do; with a reason it is begun, and the workers do it."""
    rows = visible(RuleVersion, request.user).select_related("rule__site")
    row = get_object_or_404(rows, pk=version)
    if not (may_reset(request, row.rule) and request.user.has_perm("moderation.undo_any")):
        raise PermissionDenied
    now, hours = timezone.now(), _hours(request)
    if request.method == "POST" and request.POST.get("do") in _STEERING:
        return _steer(request, row, now)
    form = UndoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        window = _window(row, hours, max(row.created_at, min(form.cleaned_data["until"], now)))
        with transaction.atomic():
            begin_rule_undo(window, by=person(request), reason=form.cleaned_data["reason"], now=now)
            transaction.on_commit(doorbell.ring_for_undos)
        return redirect("admin:moderation_rule_undo", row.pk)
    undos = _undos(row)
    going = any(each["undo"].finished_at is None for each in undos)
    tally = Tally() if going else preview(_window(row, hours, now), seconds=PREVIEW_SECONDS)
    context = {
        **admin.site.each_context(request),
        "title": _("Take back what version %(number)d of “%(rule)s” did?")
        % {"number": row.number, "rule": row.rule},
        "hours": [(each, told, each == hours) for each, told in HOURS.items()],
        "until": now.isoformat(),
        "undos": undos,
        "going": going,
        "tally": tally,
        **veil_context(request, [key for keys in tally.examples.values() for key in keys]),
        "lines": _lines(tally.counts, tally, person(request)),
        "form": form,
        "back": reverse("admin:moderation_rule_change", args=[row.rule_id]),
    }
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/moderation/rule/undo.html", context, status=status)


# What a person may do with an undo, each with what he is told if it came to nothing.
_STEERING: Mapping[str, Any] = {
    "cancel": _("It was at its end already."),
    "resume": _("Another undo of this version goes on; this one can go on after it."),
}


def _steer(request: HttpRequest, version: RuleVersion, now: datetime) -> HttpResponse:
    """Cancel an undo, or let a cancelled one go on."""
    what, key = request.POST["do"], request.POST.get("undo", "")
    undo = get_object_or_404(version.undos, pk=int(key) if key.isdecimal() and len(key) < 19 else 0)
    with transaction.atomic():
        change = cancel_rule_undo if what == "cancel" else resume_rule_undo
        done = change(undo.pk, by=person(request), now=now)
        if done and what == "resume":
            transaction.on_commit(doorbell.ring_for_undos)
    if not done:
        messages.warning(request, _STEERING[what])
    return redirect("admin:moderation_rule_undo", version.pk)


def _undos(version: RuleVersion) -> list[dict[str, Any]]:
    """The newest undos of a version, with figures in words, and how far those are that have not ended."""
    found = version.undos.select_related("by", "cancelled_by").order_by("-pk")[:20]
    return [{"undo": each, "lines": _lines(each.counts), "percent": _percent(each)} for each in found]


def _percent(undo: RuleUndo) -> int:
    if undo.finished_at is not None and undo.cancelled_at is None:
        return 100
    bounds = bounds_of(Window(undo.rule_version_id, undo.since, undo.until))
    return min(99, int(100 * bounds.share(undo.position)))


def _hours(request: HttpRequest) -> int:
    given = request.GET.get("hours", "")
    return int(given) if given in {str(each) for each in HOURS} else 24


def _window(version: RuleVersion, hours: int, until: datetime) -> Window:
    # What was decided in the moment of the save is the version's, too.
    since = version.created_at - timedelta(seconds=1) if hours == 0 else until - timedelta(hours=hours)
    return Window(version.pk, since, until)


def _lines(
    counts: Mapping[str, int], tally: Tally | None = None, user: User | None = None
) -> list[dict[str, Any]]:
    """Each fate with its number, and a few comments of it that `user` may see."""
    keys = [key for ids in tally.examples.values() for key in ids] if tally else []
    rows = Comment.objects.visible_to(user).in_bulk(keys) if user and keys else {}
    return [
        {
            "told": TOLD[fate],
            "number": counts[fate],
            "examples": [rows[key] for key in (tally.examples[fate] if tally else ()) if key in rows],
        }
        for fate in Fate
        if counts.get(fate)
    ]
