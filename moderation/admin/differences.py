"""How one version of a rule differs from another, for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import Field as Parameter
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from django.db.models import Field
from django.utils.translation import gettext

from moderation.admin.labels import label_and_help, named
from moderation.checks import BY_SLUG
from moderation.examples import to_lines
from moderation.models import Rule, RuleVersion

if TYPE_CHECKING:
    from moderation.models import RuleTerms

TERMS = (
    "name_ja", "name_en", "site", "check_slug", "mode", "action", "severity", "reason", "applies_to",
    "daily_quota", "breaker_pairs", "breaker_minutes", "message_ja", "message_en",
    "examples_match", "examples_pass",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One term: what it is called, what it was and what it is."""

    label: str
    before: str
    after: str


def differences(before: RuleTerms, after: RuleTerms) -> list[Difference]:
    """The terms in which two versions differ, or two states of a rule, with their word lists.

    Of versions these are compared with their words, of rules the lists alone.
    """
    found = [
        Difference(str(_field(name).verbose_name), _shown(before, name), _shown(after, name))
        for name in TERMS
        if _value(before, name) != _value(after, name)
    ]
    lists = _list(before), _list(after)
    if lists[0] != lists[1]:
        found.append(Difference(gettext("word list"), lists[0], f"{lists[1]}{_words(before, after)}"))
    return [*found, *of_params(after.check_slug, before.params, after.params)]


def of_params(check_slug: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The parameters in which two rules of a check differ; one that is not given has the check's default."""
    known, found = _parameters(check_slug), []
    for name in sorted(before.keys() | after.keys()):
        field = known.get(name)
        default = _default(field)
        old, new = before.get(name, default), after.get(name, default)
        if old != new:
            found.append(Difference(_label(name, field), _plain(old, field), _plain(new, field)))
    return found


def in_words(check_slug: str, params: Mapping[str, Any]) -> list[str]:
    """The parameters of a rule as its form shows them, in the form's order: `label: value`."""
    known = _parameters(check_slug)
    order = [name for name in known if name in params] + sorted(params.keys() - known.keys())
    told = gettext("%(label)s: %(value)s")
    return [
        told % {"label": _label(name, known.get(name)), "value": _plain(params[name], known.get(name))}
        for name in order
    ]


def _parameters(check_slug: str) -> dict[str, Parameter[Any]]:
    check = BY_SLUG.get(check_slug)
    return {field.name: field for field in fields(check)} if check else {}


def _default(field: Parameter[Any] | None) -> Any:
    """As JSON has it; None for what the check does not have."""
    found = field.default if field else None
    return list(found) if isinstance(found, tuple) else found


def _label(name: str, field: Parameter[Any] | None) -> str:
    return label_and_help(field)[0] if field else name


def _field(name: str) -> Field[Any, Any]:
    field = Rule._meta.get_field(name)
    assert isinstance(field, Field)
    return field


def _value(terms: RuleTerms, name: str) -> Any:
    return getattr(terms, _field(name).attname)


def _shown(terms: RuleTerms, name: str) -> str:
    if _field(name).choices:
        return str(getattr(terms, f"get_{name}_display")())
    value = getattr(terms, name)
    if isinstance(value, list):
        value = to_lines(value)
    return "–" if value in {None, ""} else str(value)


def _plain(value: Any, field: Parameter[Any] | None = None) -> str:
    """A value as JSON has it, its choices by their names in the reader's language."""
    names = dict(named(field.metadata.get("choices", {}))) if field else {}
    match value:
        case None:
            return "–"
        case bool():
            return gettext("yes") if value else gettext("no")
        case list():
            return gettext(", ").join(names.get(str(each), str(each)) for each in value) or "–"
        case str():
            return names.get(value, value)
    return json.dumps(value, ensure_ascii=False)


def _list(terms: RuleTerms) -> str:
    if isinstance(terms, Rule):
        return str(terms.word_list or "–")
    assert isinstance(terms, RuleVersion)
    words = terms.word_list_version
    return f"{words.word_list} v{words.number}" if words else "–"


# Words of a list that are told as added, and as taken out.
_SHOWN_WORDS = 10


def _words(before: RuleTerms, after: RuleTerms) -> str:
    """What the same list has more and what less, `: +a −b`; nothing of two different ones."""
    old, new = (each.word_list_version if isinstance(each, RuleVersion) else None for each in (before, after))
    if not (old and new) or old.word_list_id != new.word_list_id:
        return ""
    had, has = set(old.words), set(new.words)
    more, less = (
        [word for word in new.words if word not in had],
        [word for word in old.words if word not in has],
    )
    told = [f"+{word}" for word in more[:_SHOWN_WORDS]] + [f"−{word}" for word in less[:_SHOWN_WORDS]]
    left = max(0, len(more) - _SHOWN_WORDS) + max(0, len(less) - _SHOWN_WORDS)
    return ": " + " ".join([*told, *([f"… ({left})"] if left else [])]) if told else ""
