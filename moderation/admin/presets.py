"""The presets in the admin: what one would change, then it is put in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from comments.admin.base import member_of_every_site, person
from moderation.admin import again
from moderation.admin.differences import of_params
from moderation.examples import to_lines
from moderation.models import Reason, Rule, WordList
from moderation.presets import PRESETS, preset
from moderation.rule_files.nodes import Faulty
from moderation.rule_files.store import Change, What, compare, in_force, put_in_force

if TYPE_CHECKING:
    from moderation.rule_files.schema import RuleFile

# Each preset's name and what it is for.
TOLD = {
    "balanced": (
        _("Balanced"),
        _("Few moderators, many honest readers: holds what does harm, flags the rest."),
    ),
    "strict": (
        _("Strict"),
        _("Would rather let a reader wait: most of what balanced flags is held, what it observes flagged."),
    ),
}
_SECTIONS = {
    "reasons": (Reason, _("reason")),
    "word_lists": (WordList, _("word list")),
    "rules": (Rule, _("rule")),
}
_WHAT = {What.ADDED: _("new"), What.CHANGED: _("changed")}
# Examples of a file and of the model have other names.
_FIELDS = {"match": "examples_match", "passing": "examples_pass", "check": "check_slug"}
# Of a field that changes no more than so much is shown.
_SHOWN = 120


def may_apply(request: HttpRequest) -> bool:
    """Presets are of all sites."""
    user = request.user
    return user.has_perms(("moderation.add_rule", "moderation.change_rule")) and member_of_every_site(user)


def offered(request: HttpRequest) -> list[dict[str, Any]]:
    """The presets that he may put in force."""
    if not may_apply(request):
        return []
    return [
        {"name": name, "title": TOLD[name][0], "told": TOLD[name][1], "url": _url(name)} for name in PRESETS
    ]


def _url(name: str) -> str:
    return reverse("admin:moderation_rule_preset", args=[name])


def view(request: HttpRequest, name: str) -> HttpResponse:
    """Show what a preset would change, then do it."""
    if not may_apply(request):
        raise PermissionDenied
    if name not in PRESETS:
        raise Http404
    rules = preset(name)
    if request.method == "POST":
        return _apply(request, name, rules)
    changes = compare(in_force(), rules)
    context = {
        **admin.site.each_context(request),
        "title": _("Put the preset “%(name)s” in force?") % {"name": TOLD[name][0]},
        "told": TOLD[name][1],
        "changes": [_row(change, rules) for change in changes if change.writes],
        "same": sum(change.what is What.SAME for change in changes),
        "left": _left(changes),
        "back": reverse("admin:moderation_rule_changelist"),
    }
    return TemplateResponse(request, "admin/moderation/rule/preset.html", context)


def _left(changes: list[Change]) -> list[str]:
    """The names of what the preset does not speak of."""
    slugs = {change.slug for change in changes if change.what is What.LEFT and change.section == "rules"}
    return [str(rule) for rule in Rule.objects.filter(slug__in=slugs).order_by("slug")]


def noted(note: str) -> str:
    """A version's note; that a preset put it in force is told in the reader's language."""
    name = note.removeprefix("preset ")
    return str(_("Preset: %(name)s") % {"name": TOLD[name][0]}) if note != name and name in TOLD else note


def _apply(request: HttpRequest, name: str, rules: RuleFile) -> HttpResponse:
    try:
        changes = put_in_force(rules, by=person(request), note=f"preset {name}")
    except Faulty as faulty:
        messages.error(request, _("Nothing was changed: %(fault)s") % {"fault": faulty})
    else:
        written = sum(change.writes for change in changes)
        told = _("The preset “%(name)s” is in force; %(count)d entries were written.")
        messages.success(request, told % {"name": TOLD[name][0], "count": written})
        again.offer(request)
    return redirect("admin:moderation_rule_changelist")


def _row(change: Change, rules: RuleFile) -> dict[str, Any]:
    model, section = _SECTIONS[change.section]
    entry = rules.section(change.section)[change.slug]
    japanese = (get_language() or "ja").startswith("ja")
    names = ("name_ja", "label_ja") if japanese else ("name_en", "label_en")
    named = next((getattr(entry, each) for each in (*names, "name") if hasattr(entry, each)), change.slug)
    return {
        "section": section,
        "what": _WHAT[change.what],
        "name": named,
        "slug": change.slug,
        "fields": [line for field in change.fields for line in _lines(model, entry, *field)],
    }


def _lines(model: type[Any], entry: Any, name: str, before: Any, after: Any) -> list[tuple[str, str, str]]:
    """A field that changes as `(label, before, after)`, each parameter of a rule by itself."""
    if name == "params":
        found = of_params(entry.check, before or {}, after or {})
        return [(each.label, _shown(each.before), _shown(each.after)) for each in found]
    labels = _choices(model, name)
    old, new = (
        labels.get(value, value) if isinstance(value, (str, int)) else value for value in (before, after)
    )
    return [(_label(model, name), _shown(old), _shown(new))]


def _choices(model: type[Any], name: str) -> dict[Any, Any]:
    try:
        return dict(getattr(model._meta.get_field(_FIELDS.get(name, name)), "flatchoices", ()))
    except FieldDoesNotExist:
        return {}


def _label(model: type[Any], name: str) -> str:
    try:
        return str(model._meta.get_field(_FIELDS.get(name, name)).verbose_name)
    except FieldDoesNotExist:
        return name


def _shown(value: Any) -> str:
    text = to_lines(value) if isinstance(value, (tuple, list)) else str("" if value is None else value)
    return (text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…") or "–"
