"""The cases that a person wrote, with the marks and labels of `seeds/corpus/by-hand-*.yaml`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from bench.corpus.cases import Case, Label, Quote, Reference, place, unmarked
from bench.corpus.scenes import FOLDER, LANGUAGES, PRESENT, Scene

_MARK = re.compile("[⟦⟧⟪⟫]")
_SOURCELESS = ("short", "missing")


def written(scenes: Sequence[Scene]) -> Iterator[Case]:
    """All cases by hand, group by group."""
    named = {scene.name: scene for scene in scenes}
    for language in LANGUAGES:
        groups = yaml.safe_load((FOLDER / f"by-hand-{language}.yaml").read_text("utf-8"))
        for group, given in groups.items():
            for number, row in enumerate(given["cases"], start=1):
                name = f"{language}-{group}-{number}"
                yield _case(name, named[row["scene"]], {"reason": given["reason"], **row})


def _case(name: str, scene: Scene, row: Mapping[str, Any]) -> Case:
    body, quotes, references = _marked(row["body"])
    labels, states = row.get("quotes", []), row.get("refs", [])
    if (len(quotes), len(references)) != (len(labels), len(states)):
        raise ValueError(f"{name}: every mark needs a label, and every label a mark.")
    return Case(
        id=name,
        scene=scene,
        body=body,
        quotes=tuple(_quote(scene, body, *span, label) for span, label in zip(quotes, labels, strict=True)),
        reason=row["reason"],
        made="by hand",
        references=tuple(_reference(*span, each) for span, each in zip(references, states, strict=True)),
        parent=row.get("parent"),
        hours=row.get("hours", PRESENT),
    )


def _marked(text: str) -> tuple[str, list[tuple[int, int]], list[tuple[int, int]]]:
    """The text without its marks, and the places of ⟦…⟧ and of ⟪…⟫."""
    opened = 0
    found: dict[str, list[tuple[int, int]]] = {"⟧": [], "⟫": []}
    for removed, mark in enumerate(_MARK.finditer(text)):
        at = mark.start() - removed
        if mark[0] in found:
            found[mark[0]].append((opened, at))
        else:
            opened = at
    return _MARK.sub("", text), found["⟧"], found["⟫"]


def _quote(scene: Scene, body: str, start: int, end: int, given: str | Mapping[str, Any]) -> Quote:
    row: Mapping[str, Any] = {"is": given} if isinstance(given, str) else given
    verdict, _, name = row["is"].partition(" ")
    passage = unmarked(body[start:end])
    label = Label(
        verdict,
        None if verdict in _SOURCELESS else place(scene, name, row.get("from", passage)),
        row.get("misattributed", False),
        row.get("ambiguous", False),
        tuple(row.get("differences", ())),
    )
    return Quote(start, end, passage, label)


def _reference(start: int, end: int, given: str) -> Reference:
    *numbers, state = given.split()
    return Reference(start, end, tuple(map(int, numbers)), (state,) * len(numbers))
