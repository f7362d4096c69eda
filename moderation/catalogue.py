"""The reference of all checks, as Markdown, made from the checks themselves. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import Field, fields
from inspect import cleandoc
from typing import Any

from moderation.checks.base import Check

HEAD = """# Checks

Made by `manage.py docs` from the code in `moderation/checks/`; do not edit by hand.

A rule is a check with parameters, an action, a mode and a reason. The sentences are what moderators read,
in Japanese and English; `{…}` are counts of the finding.
"""


def reference(checks: Iterable[type[Check]]) -> str:
    """The whole page, a chapter a check, in the order of the catalogue."""
    return "\n".join([HEAD, *("\n".join(_chapter(check)) for check in checks)])


def _chapter(check: type[Check]) -> Iterator[str]:
    yield f"## {check.title['en']} · {check.title['ja']}\n"
    yield f"`{check.slug}`, version {check.version}. {cleandoc(check.__doc__ or '')}\n"
    if check.actions != Check.actions:
        yield f"A rule of it may only {' or '.join(check.actions)}.\n"
    if check.for_staff:
        yield "Its findings are for staff: who asks before sending learns the reason's text alone.\n"
    if parameters := fields(check):
        yield "| parameter | default | may be | help |\n|---|---|---|---|"
        yield from map(_parameter, parameters)
        yield ""
    yield "| finding | English | 日本語 |\n|---|---|---|"
    for code, sentence in check.sentences.items():
        yield f"| `{code}` | {sentence['en']} | {sentence['ja']} |"
    yield ""
    if check.appendix:
        yield check.appendix


def _parameter(each: Field[Any]) -> str:
    default = ", ".join(each.default) if isinstance(each.default, tuple) else str(each.default)
    bounds = "{least:,} – {most:,}".format_map(each.metadata) if "most" in each.metadata else ""
    bounds = bounds or ", ".join(f"`{name}`" for name in each.metadata.get("choices", ()))
    return f"| `{each.name}` | {default} | {bounds} | {each.metadata['en']} {each.metadata['ja']} |"
