"""YAML as a tree in which everything knows its place. Pure.

Nothing is constructed: a scalar stays the text that was typed, and what reads
it knows what it is to be, so that `mode: off` is no falsehood and `版: 1.10` no
number. Files come from strangers: the size, the depth and the number of nodes
are bounded, and anchors, aliases and tags are refused where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

# 5,000 words and 500 rules with examples take a tenth of it.
MOST_BYTES = 2 << 20
MOST_NODES = 100_000
# A rule's examples lie at the sixth level.
MOST_DEPTH = 12

# libyaml, where it is there, reads a large file some ten times as fast; its events are the same.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What no YAML may hold: libyaml would tell of it by the number of its byte.
_UNPRINTABLE: re.Pattern[str] = yaml.reader.Reader.NON_PRINTABLE


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands; lines and columns are counted from 1, as editors do."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong with a file: where, in which field (`rules › links-many › severity`), how to mend it."""

    place: Place
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.path}: {self.message}" if self.path else f"{self.place}: {self.message}"

    def document(self) -> dict[str, object]:
        """As JSON."""
        place = self.place
        return {
            "file": place.file,
            "line": place.line,
            "column": place.column,
            "field": self.path,
            "message": self.message,
        }


class Faulty(ValueError):
    """A file cannot be used; nothing of it was."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text; `plain` if it stands without quotes."""

    place: Place
    text: str
    plain: bool


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    place: Place
    values: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping; `keys` says where each key stands."""

    place: Place
    values: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)


Node = Scalar | Items | Fields


def read(data: bytes, file: str) -> Fields:
    """The mapping that a file is. Raises `Faulty`."""
    start = Place(file, 1, 1)
    if len(data) > MOST_BYTES:
        raise Faulty([Fault(start, "", f"The file has more than {MOST_BYTES:,} bytes. Part it in several.")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise Faulty([Fault(Place(file, line, column), "", "This is no UTF-8. Save it as UTF-8.")]) from None
    if odd := _UNPRINTABLE.search(text):
        line, column = text.count("\n", 0, odd.start()) + 1, odd.start() - text.rfind("\n", 0, odd.start())
        told = f"The character U+{ord(odd[0]):04X} may not stand in YAML: take it out."
        raise Faulty([Fault(Place(file, line, column), "", told)])
    try:
        root = _build(_events(text, file), file)
    except yaml.MarkedYAMLError as error:
        place = _place(error.problem_mark or error.context_mark, file)
        told = ", ".join(filter(None, (error.context, error.problem)))
        raise Faulty([Fault(place, "", f"This is no YAML: {told}.")]) from None
    except yaml.YAMLError as error:
        raise Faulty([Fault(start, "", f"This is no YAML: {' '.join(str(error).split())}.")]) from None
    if root is None:
        raise Faulty([Fault(start, "", "The file is empty. It needs reasons, word_lists or rules.")])
    if not isinstance(root, Fields):
        raise Faulty([Fault(root.place, "", "The file must be a mapping: reasons, word_lists, rules.")])
    return root


def _place(mark: Any, file: str) -> Place:
    return Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)


def _events(text: str, file: str) -> Iterator[Any]:
    """The events of one document, as long as it is no trap."""
    nodes = depth = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        place = _place(event.start_mark, file)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise Faulty([Fault(place, "", "A second document begins here: one file holds one.")])
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Faulty([Fault(place, "", "Anchors (&) and aliases (*) are not read. Write it out.")])
        tag = getattr(event, "tag", None)
        # The tag ! says no more than that a quoted text is a text.
        if tag and tag != "!":
            raise Faulty([Fault(place, "", f"Tags such as {tag!r} are not read. Leave it out.")])
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        nodes += isinstance(event, yaml.NodeEvent)
        if depth > MOST_DEPTH or nodes > MOST_NODES:
            what = f"deeper than {MOST_DEPTH} levels" if depth > MOST_DEPTH else f"over {MOST_NODES:,} values"
            raise Faulty([Fault(place, "", f"This is {what}, which no rule set needs.")])
        yield event


def _build(events: Iterator[Any], file: str) -> Node | None:
    """The tree, without recursion."""
    open_: list[tuple[Items | Fields, Scalar | None]] = []
    root: Node | None = None
    for event in events:
        node: Node | None = None
        place = _place(event.start_mark, file)
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(place, event.value, event.implicit[0])
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Items(place)
        elif isinstance(event, yaml.MappingStartEvent):
            node = Fields(place)
        elif isinstance(event, yaml.CollectionEndEvent):
            open_.pop()
        if node is None:
            continue
        if open_:
            _put(open_, node)
        else:
            root = node
        if not isinstance(node, Scalar):
            open_.append((node, None))
    return root


def _put(open_: list[tuple[Items | Fields, Scalar | None]], node: Node) -> None:
    """Put a node into what is open: an item, a key, or the value of the last key."""
    parent, key = open_[-1]
    if isinstance(parent, Items):
        parent.values.append(node)
    elif key is None:
        if not isinstance(node, Scalar):
            raise Faulty([Fault(node.place, "", "A key must be a word, such as slug.")])
        if node.text in parent.values:
            first = parent.keys[node.text]
            raise Faulty(
                [Fault(node.place, node.text, f"This key stands twice; first on line {first.line}.")]
            )
        open_[-1] = (parent, node)
    else:
        parent.values[key.text], parent.keys[key.text] = node, key.place
        open_[-1] = (parent, None)
