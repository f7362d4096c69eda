"""How one version of a rule differs from another, for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from django.db.models import Field
from django.utils.translation import gettext

from moderation.admin.rule_form import label_and_help
from moderation.checks import BY_SLUG
from moderation.examples import to_lines
from moderation.models import Rule

if TYPE_CHECKING:
    from moderation.models import RuleTerms, RuleVersion

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
    """The terms in which two versions differ, or a version and the rule of today.

    Of the word lists only the numbers of their versions are compared.
    """
    found = [
        Difference(str(_field(name).verbose_name), _shown(before, name), _shown(after, name))
        for name in TERMS
        if _value(before, name) != _value(after, name)
    ]
    return [*found, *of_params(after.check_slug, before.params, after.params)]


def of_params(check_slug: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The parameters in which two rules of a check differ; one that is not given has the check's default."""
    labels, found = _labels(check_slug), []
    for name in sorted(before.keys() | after.keys()):
        default = _default(check_slug, name)
        old, new = before.get(name, default), after.get(name, default)
        if old != new:
            found.append(Difference(labels.get(name, name), _plain(old), _plain(new)))
    return found


def with_words(before: RuleVersion, after: RuleVersion) -> list[Difference]:
    """As `differences`, with the word list's version."""
    found = differences(before, after)
    if before.word_list_version_id != after.word_list_version_id:
        found.append(
            Difference(gettext("word list"), _list(before), _list(after)),
        )
    return found


def _default(check_slug: str, name: str) -> Any:
    """As JSON has it; None for what the check does not have."""
    check = BY_SLUG.get(check_slug)
    found = next((field.default for field in fields(check) if field.name == name), None) if check else None
    return list(found) if isinstance(found, tuple) else found


def _labels(check_slug: str) -> dict[str, str]:
    check = BY_SLUG.get(check_slug)
    return {field.name: label_and_help(field)[0] for field in fields(check)} if check else {}


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


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _list(version: RuleVersion) -> str:
    words = version.word_list_version
    return f"{words.word_list} v{words.number}" if words else "–"
