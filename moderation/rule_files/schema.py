"""What a rule file may say: a tree of nodes → entries, and all that is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from functools import partial
from typing import Any

from moderation.checks import BY_SLUG
from moderation.checks.base import Check, takes_words
from moderation.examples import Example
from moderation.limits import MINUTES, PAIRS
from moderation.rule_files.nodes import Fault, Faulty, Fields, Items, Node, Place, Scalar
from moderation.rule_files.nodes import read as read_nodes
from moderation.rule_files.values import (
    Wrong,
    a_flag,
    a_mapping,
    a_number,
    a_parameter,
    a_slug,
    a_text,
    maybe_number,
    maybe_slug,
    one_of,
    some_examples,
    some_words,
    unknown,
)

# The format's number: a file of a later one may say what this program does not know.
FORMAT = 1
SECTIONS = ("reasons", "word_lists", "rules")
MODES, ACTIONS = ("off", "observe", "enforce"), ("flag", "hold", "reject")
APPLIES = ("everyone", "not_staff", "new")


@dataclass(frozen=True, slots=True)
class ReasonEntry:
    slug: str
    label_ja: str
    label_en: str
    public_ja: str = ""
    public_en: str = ""
    position: int = 100
    offered: bool = True


@dataclass(frozen=True, slots=True)
class WordListEntry:
    slug: str
    name: str
    words: tuple[str, ...]
    site: str | None = None


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A rule; `site`, `reason` and `word_list` are slugs, `match` and `passing` its examples."""

    slug: str
    name_ja: str
    name_en: str
    check: str
    reason: str
    params: Mapping[str, Any] = field(default_factory=dict)
    word_list: str | None = None
    site: str | None = None
    applies_to: str = "everyone"
    mode: str = "observe"
    action: str = "flag"
    severity: int = 2
    message_ja: str = ""
    message_en: str = ""
    daily_quota: int | None = None
    breaker_pairs: int = PAIRS
    breaker_minutes: int = MINUTES
    match: tuple[Example, ...] = ()
    passing: tuple[Example, ...] = ()


Entry = ReasonEntry | WordListEntry | RuleEntry


@dataclass(slots=True)
class RuleFile:
    """The entries of one or more files, by slug, and where each and each of its fields stands."""

    reasons: dict[str, ReasonEntry] = field(default_factory=dict)
    word_lists: dict[str, WordListEntry] = field(default_factory=dict)
    rules: dict[str, RuleEntry] = field(default_factory=dict)
    places: dict[tuple[str, str, str], Place] = field(default_factory=dict)

    def section(self, name: str) -> dict[str, Any]:
        return getattr(self, name)  # type: ignore[no-any-return]

    def fault(self, section: str, slug: str, name: str, message: str) -> Fault:
        """A fault at an entry's field, or at the entry where it does not have the field."""
        place = self.places.get((section, slug, name)) or self.places[section, slug, ""]
        return Fault(place, " › ".join(filter(None, (section, slug, name))), message)


def read(sources: Sequence[tuple[str, bytes]]) -> RuleFile:
    """The entries of files, given as `(name, bytes)`. Raises `Faulty` with all that is wrong."""
    made, faults = RuleFile(), list[Fault]()
    for name, data in sources:
        try:
            _read_root(read_nodes(data, name), made, faults)
        except Faulty as faulty:
            faults += faulty.faults
    if faults:
        raise Faulty(faults)
    return made


def _read_root(root: Fields, made: RuleFile, faults: list[Fault]) -> None:
    for key, node in root.values.items():
        if key == "format":
            if not isinstance(node, Scalar) or node.text != str(FORMAT):
                faults.append(Fault(node.place, key, f"This program reads format {FORMAT}."))
        elif key not in SECTIONS:
            faults.append(Fault(root.keys[key], key, unknown(key, ("format", *SECTIONS))))
        elif isinstance(node, Scalar) and node.plain and not node.text:
            continue
        elif not isinstance(node, Items):
            faults.append(Fault(node.place, key, "must be a list: each entry begins with a hyphen."))
        else:
            for position, item in enumerate(node.values, 1):
                _read_entry(key, position, item, made, faults)


def _read_entry(section: str, position: int, node: Node, made: RuleFile, faults: list[Fault]) -> None:
    if not isinstance(node, Fields):
        message = "must be a mapping: slug: …, and so on."
        faults.append(Fault(node.place, f"{section} › {position}", message))
        return
    slug_node = node.values.get("slug")
    slug = slug_node.text if isinstance(slug_node, Scalar) else ""
    path, before = f"{section} › {slug or position}", len(faults)
    specs = _SPECS[section]
    values: dict[str, Any] = {}
    for key, value in node.values.items():
        if key not in specs:
            faults.append(Fault(node.keys[key], f"{path} › {key}", unknown(key, list(specs))))
            continue
        try:
            values[key] = specs[key](value)
        except Wrong as wrong:
            faults.append(Fault(wrong.place, f"{path} › {wrong.name or key}", str(wrong)))
    faults += [
        Fault(node.place, path, f"{name} is missing.") for name in _REQUIRED[section] - node.values.keys()
    ]
    if section == "rules" and "check" in values:
        faults += _read_check(values, node, path)
    if slug and slug in made.section(section):
        first = made.places[section, slug, ""]
        faults.append(Fault(node.place, path, f"This slug stands twice; first at {first}."))
    if len(faults) == before:
        _add(section, values, node, made)


def _add(section: str, values: dict[str, Any], node: Fields, made: RuleFile) -> None:
    slug = values["slug"]
    if "examples" in values:
        values |= values.pop("examples")
    made.section(section)[slug] = _ENTRIES[section](**values)
    made.places[section, slug, ""] = node.place
    made.places |= {(section, slug, key): value.place for key, value in node.values.items()}
    examples = node.values.get("examples")
    if isinstance(examples, Fields):
        for kind, listed in examples.values.items():
            if isinstance(listed, Items):
                for position, item in enumerate(listed.values):
                    made.places[section, slug, f"examples › {kind} › {position + 1}"] = item.place


def _read_check(values: dict[str, Any], node: Fields, path: str) -> list[Fault]:
    """Make the parameters what their check wants them to be; what is wrong with them."""
    check, given = BY_SLUG[values["check"]], node.values.get("params")
    faults: list[Fault] = []
    if takes_words(check) != bool(values.get("word_list")):
        place = node.values["word_list"].place if "word_list" in node.values else node.place
        told = f"The check {check.slug} needs a word_list." if takes_words(check) else "takes no word list."
        faults.append(Fault(place, f"{path} › word_list", told))
    if values.get("action", "flag") not in check.actions:
        may = ", ".join(check.actions)
        told = f"A rule of the check {check.slug} must not {values['action']}; it may: {may}."
        faults.append(Fault(node.values["action"].place, f"{path} › action", told))
    if given is None or "params" not in values:
        return faults
    try:
        values["params"] = _params(values["params"], check)
    except Wrong as wrong:
        name = " › ".join(filter(None, ("params", wrong.name)))
        faults.append(Fault(wrong.place, f"{path} › {name}", str(wrong)))
    return faults


def _params(given: Fields, check: type[Check]) -> dict[str, Any]:
    known = {each.name: each for each in fields(check)}
    if takes_words(check):
        known = {name: each for name, each in known.items() if name not in {"words", "allow"}}
    params: dict[str, Any] = {}
    for key, node in given.values.items():
        if key not in known:
            raise Wrong(given.keys[key], unknown(key, list(known)), key)
        try:
            params[key] = a_parameter(node, known[key])
        except Wrong as wrong:
            raise Wrong(wrong.place, str(wrong), key) from None
    try:
        check(**{key: tuple(value) if isinstance(value, list) else value for key, value in params.items()})
    except (TypeError, ValueError) as error:
        named = getattr(error, "parameter", str(error).split(" ", 1)[0])
        at = given.values[named].place if named in given.values else given.place
        raise Wrong(at, str(error), named if named in given.values else "") from error
    return params


_Read = Callable[[Node], Any]
_LINE, _LABEL = partial(a_text, most=100, blank=False), partial(a_text, most=10_000, lines=True)
_SPECS: Mapping[str, Mapping[str, _Read]] = {
    "reasons": {
        "slug": a_slug, "position": partial(a_number, least=0, most=32_767),
        "label_ja": _LINE, "label_en": _LINE, "public_ja": _LABEL, "public_en": _LABEL, "offered": a_flag,
    },
    "word_lists": {"slug": a_slug, "name": _LINE, "site": maybe_slug, "words": some_words},
    "rules": {
        "slug": a_slug, "name_ja": _LINE, "name_en": _LINE,
        "check": partial(one_of, choices=tuple(BY_SLUG)), "params": a_mapping,
        "word_list": maybe_slug, "site": maybe_slug, "applies_to": partial(one_of, choices=APPLIES),
        "mode": partial(one_of, choices=MODES), "action": partial(one_of, choices=ACTIONS),
        "severity": partial(a_number, least=1, most=3), "reason": a_slug,
        "message_ja": _LABEL, "message_en": _LABEL,
        "daily_quota": partial(maybe_number, least=0, most=1_000_000),
        "breaker_pairs": partial(a_number, least=1, most=100_000),
        "breaker_minutes": partial(a_number, least=1, most=10_080),
        "examples": some_examples,
    },
}  # fmt: skip
_ENTRIES: Mapping[str, type] = {"reasons": ReasonEntry, "word_lists": WordListEntry, "rules": RuleEntry}
_REQUIRED: Mapping[str, frozenset[str]] = {
    section: frozenset(
        each.name for each in fields(entry) if (each.default, each.default_factory) == (MISSING, MISSING)
    )
    for section, entry in _ENTRIES.items()
}
