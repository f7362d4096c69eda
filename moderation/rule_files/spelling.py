"""Entries → YAML, always spelled alike: the same rules give the same bytes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any

import yaml

from moderation.checks import BY_SLUG
from moderation.rule_files.schema import FORMAT, Entry, RuleEntry, RuleFile

HEAD = """\
# A rule set of Sekisho: `manage.py rules import` reads it, `manage.py rules test` says what is wrong with it.
# What a rule does not say has its default. docs/checks.md tells what each check looks for.
"""
# The order of a rule's fields: who, what it looks for, whom, what it does, what is told, what proves it.
_RULE = (
    "slug", "name_ja", "name_en", "check", "params", "word_list", "site", "applies_to",
    "mode", "action", "severity", "reason", "message_ja", "message_en",
    "daily_quota", "breaker_pairs", "breaker_minutes",
)  # fmt: skip
# Written even where they are the default: a reader should not have to know it.
_ALWAYS = frozenset({"params", "applies_to", "mode", "action", "severity", "position"})
_SECTIONS = {
    "reasons": ("slug", "position", "label_ja", "label_en", "public_ja", "public_en", "offered"),
    "word_lists": ("slug", "name", "site", "words"),
    "rules": _RULE,
}


class _Dumper(yaml.SafeDumper):
    """Block style, lists indented, texts of several lines as blocks."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def spell(rules: RuleFile) -> str:
    """The file that these entries are, in the order of their slugs; reasons in that of the desk."""
    parts = [HEAD, _dump({"format": FORMAT})]
    for section, names in _SECTIONS.items():
        entries = sorted(rules.section(section).values(), key=_order)
        parts.append(f"\n{section}:{'' if entries else ' []'}\n")
        parts.append("\n".join(_dump([dict(_spelled(entry, names))], indent="  ") for entry in entries))
    return "".join(parts)


def _order(entry: Any) -> tuple[int, str]:
    return getattr(entry, "position", 0), entry.slug


def _dump(value: Any, indent: str = "") -> str:
    text: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=False, width=10**6
    )
    return "\n".join(f"{indent}{line}" if line.strip() else line for line in text.split("\n"))


def _spelled(entry: Entry, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    defaults = {each.name: each.default for each in fields(entry) if each.default is not MISSING}
    for name in names:
        value = getattr(entry, name)
        if name == "params":
            value = _in_order(value, entry.check) if isinstance(entry, RuleEntry) else value
        if name in _ALWAYS or value != defaults.get(name, MISSING):
            yield name, list(value) if isinstance(value, tuple) else value
    if isinstance(entry, RuleEntry) and (entry.match or entry.passing):
        kinds = {"match": entry.match, "pass": entry.passing}
        yield "examples", {kind: list(examples) for kind, examples in kinds.items() if examples}


def _in_order(params: Mapping[str, Any], slug: str) -> dict[str, Any]:
    """Parameters in the order of their check, and what it does not know after them."""
    known = [each.name for each in fields(BY_SLUG[slug])] if slug in BY_SLUG else []
    return {name: params[name] for name in [*known, *sorted(params.keys() - set(known))] if name in params}
