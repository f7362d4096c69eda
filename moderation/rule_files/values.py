"""How each kind of value of a rule file is read: returned, or `Wrong` says what may stand there. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field
from difflib import get_close_matches
from typing import Any

from moderation.examples import LONGEST, MOST, ORDINARY, Example, shortest
from moderation.rule_files.nodes import Fields, Items, Node, Place, Scalar
from moderation.word_lists import MOST_CHARACTERS, MOST_LINES

_SLUG = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


class Wrong(ValueError):
    """A value is none that may stand there."""

    def __init__(self, place: Place, message: str, name: str = "") -> None:
        super().__init__(message)
        self.place, self.name = place, name


def unknown(key: str, known: Sequence[str]) -> str:
    """That a word is not known, with the nearest that is."""
    near = get_close_matches(key, known, n=1, cutoff=0.5)
    meant = f"Did you mean {near[0]}? " if near else ""
    return f"{key!r} is not known here. {meant}It may be: {', '.join(known)}."


def a_text(node: Node, most: int, *, lines: bool = False, blank: bool = True) -> str:
    if not isinstance(node, Scalar):
        raise Wrong(node.place, "must be a text.")
    text = node.text.strip()
    if not text and not blank:
        raise Wrong(node.place, "must not be empty.")
    if len(text) > most:
        raise Wrong(node.place, f"must have at most {most:,} characters; it has {len(text):,}.")
    if "\0" in text or (not lines and "\n" in text):
        raise Wrong(node.place, "must be one line." if "\n" in text else "must hold no NUL.")
    return text


def _verbatim(node: Node, *, blank: bool = True) -> str:
    """A text whose blanks may matter: an example, a pattern. The end of a block of lines is none of it."""
    a_text(node, LONGEST, lines=True, blank=blank)
    assert isinstance(node, Scalar)
    return node.text.strip("\n")


def a_slug(node: Node) -> str:
    text = a_text(node, 50, blank=False)
    if not _SLUG.issuperset(text):
        raise Wrong(node.place, f"must be of Latin letters, digits, - and _, not {text!r}.")
    return text


def maybe_slug(node: Node) -> str | None:
    return None if _is_none(node) else a_slug(node)


def a_number(node: Node, least: int, most: int) -> int:
    text = node.text if isinstance(node, Scalar) else ""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 12 and least <= int(text) <= most):
        raise Wrong(node.place, f"must be a whole number from {least:,} to {most:,}{_not(node)}.")
    return int(text)


def maybe_number(node: Node, least: int, most: int) -> int | None:
    return None if _is_none(node) else a_number(node, least, most)


def _is_none(node: Node) -> bool:
    return isinstance(node, Scalar) and node.plain and node.text in {"", "null", "~"}


def _not(node: Node) -> str:
    return f", not {node.text[:60]!r}" if isinstance(node, Scalar) else ""


def one_of(node: Node, choices: Sequence[str]) -> str:
    if not isinstance(node, Scalar) or node.text not in choices:
        near = get_close_matches(node.text, choices, n=1) if isinstance(node, Scalar) else []
        meant = f" Did you mean {near[0]}?" if near else ""
        raise Wrong(node.place, f"must be one of {', '.join(choices)}{_not(node)}.{meant}")
    return node.text


def _items(node: Node, most: int) -> list[Node]:
    if not isinstance(node, Items):
        if isinstance(node, Scalar) and node.plain and not node.text:
            return []
        raise Wrong(node.place, "must be a list.")
    if len(node.values) > most:
        raise Wrong(node.place, f"must have at most {most:,} entries; it has {len(node.values):,}.")
    return node.values


def some_words(node: Node) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    for item in _items(node, MOST_LINES):
        word = a_text(item, MOST_CHARACTERS, blank=False)
        if word in seen:
            raise Wrong(item.place, f"{word!r} stands twice; first on line {seen[word]}.")
        seen[word] = item.place.line
    return tuple(seen)


def a_mapping(node: Node) -> Fields:
    if not isinstance(node, Fields):
        if isinstance(node, Scalar) and node.plain and not node.text:
            return Fields(node.place)
        raise Wrong(node.place, "must be a mapping.")
    return node


_KINDS = {"match": "match", "pass": "passing"}


def some_examples(node: Node) -> dict[str, tuple[Example, ...]]:
    found: dict[str, tuple[Example, ...]] = {}
    given = a_mapping(node)
    for kind, listed in given.values.items():
        if kind not in _KINDS:
            raise Wrong(given.keys[kind], unknown(kind, list(_KINDS)), f"examples › {kind}")
        found[_KINDS[kind]] = tuple(_example(item) for item in _items(listed, MOST))
    return found


def _example(node: Node) -> Example:
    if isinstance(node, Scalar):
        return _verbatim(node, blank=False)
    given = a_mapping(node)
    if not given.values:
        raise Wrong(node.place, "must be a text, or a mapping such as author_name: 山田.")
    for key in given.values:
        if key not in ORDINARY:
            raise Wrong(given.keys[key], unknown(key, list(ORDINARY)), f"examples › {key}")
    return shortest({key: _verbatim(value) for key, value in given.values.items()})


def a_parameter(node: Node, known: Field[Any]) -> Any:
    kind: type = type(known.default)
    if kind is bool:
        return a_flag(node)
    if kind is int:
        return a_number(node, known.metadata.get("least", -(10**9)), known.metadata.get("most", 10**9))
    if kind is float:
        return _decimal(node)
    if kind is tuple:
        return [_verbatim(item) for item in _items(node, 20_000)]
    return _verbatim(node)


def a_flag(node: Node) -> bool:
    return one_of(node, ("true", "false")) == "true"


def _decimal(node: Node) -> float:
    try:
        return float(node.text) if isinstance(node, Scalar) else float("nan")
    except ValueError:
        raise Wrong(node.place, f"must be a number{_not(node)}.") from None
