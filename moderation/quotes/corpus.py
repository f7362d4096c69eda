"""The labelled corpus of `seeds/corpus/`: read it, and examine the finder and the tracer with it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moderation.quotes.base import Moment, Reference, Source, Traced, Verdict
from moderation.quotes.find import find
from moderation.quotes.references import find_references, resolve
from moderation.quotes.sources import Sources
from moderation.quotes.trace import trace_body
from moderation.text import bare, fold

# The verdicts that let a passage pass as what its source says.
ACCEPTED = frozenset({Verdict.VERBATIM, Verdict.FOLDED, Verdict.ELIDED})
# Verdicts whose place is a matter of fact; the nearest passage of an altered one has blurred edges.
_PLACED = ACCEPTED | {Verdict.STALE, Verdict.HIDDEN, Verdict.LATER}


@dataclass(frozen=True, slots=True)
class Scene:
    """What some cases may quote from; `placed` is each comment's moment and id by its number."""

    sources: Sources
    placed: Mapping[int, tuple[Moment, int]]


@dataclass(frozen=True, slots=True)
class Case:
    """One comment; `expected` and `references` are as `seeds/corpus/README.md` tells."""

    id: str
    language: str
    scene: Scene
    body: str
    moment: Moment
    parent: int | None
    expected: Sequence[Mapping[str, Any]]
    references: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was made of one quote of a case.

    `taken` is `right` or in a word what is wrong: another verdict, `wrong
    place`, `in pieces`, … `accepted` says that all of it passed as what its
    source says, `exact` that the place in the source is the expected one.
    """

    case: str
    language: str
    expected: Verdict
    taken: str
    accepted: bool
    exact: bool


@dataclass(frozen=True, slots=True)
class Examination:
    """What the finder and the tracer made of the corpus.

    `strays` are the ids of cases where something was taken for a quote that is
    none, `plain` counts the cases without any quote. `references` are
    (case, right or wrong) of each reference expected or found.
    """

    answers: tuple[Answer, ...]
    strays: tuple[str, ...]
    plain: int
    references: tuple[tuple[str, bool], ...]

    def altered_accepted(self) -> list[str]:
        """The cases whose altered quote passed as verbatim, folded or elided: there must be none."""
        return [each.case for each in self.answers if each.expected is Verdict.ALTERED and each.accepted]

    def true_quotes(self) -> tuple[int, list[str]]:
        """How many quotes are true, and the cases where one was not accepted with its exact place."""
        true = [each for each in self.answers if each.expected in ACCEPTED]
        return len(true), [each.case for each in true if not (each.accepted and each.exact)]


def read(lines: Iterable[str]) -> Iterator[Case]:
    """The cases of a corpus, as `seeds/corpus/README.md` tells; a scene comes before its cases."""
    scenes: dict[str, Scene] = {}
    for line in lines:
        row = json.loads(line)
        if row["type"] == "scene":
            scenes[row["scene"]] = _scene(row)
        else:
            yield _case(row, scenes[row["scene"]])


def examine(cases: Iterable[Case]) -> Examination:
    """Find, trace and resolve everything in the cases, and compare."""
    answers: list[Answer] = []
    strays: list[str] = []
    references: list[tuple[str, bool]] = []
    plain = 0
    for case in cases:
        traced = trace_body(case.body, case.scene.sources, parent=case.parent, before=case.moment)
        answers += [_answer(case, quote, _meeting(quote, traced)) for quote in case.expected]
        if any(not any(_meeting(quote, [each]) for quote in case.expected) for each in traced):
            strays.append(case.id)
        plain += not case.expected
        references += [(case.id, right) for right in _references(case)]
    return Examination(tuple(answers), tuple(strays), plain, tuple(references))


def _scene(row: Mapping[str, Any]) -> Scene:
    article = row["article"]
    revisions = [{**each, "at": datetime.fromisoformat(each["at"])} for each in article["revisions"]]
    ends = [*(each["at"] for each in revisions[1:]), None]
    sources = [
        Source(
            "article",
            article["id"],
            each["revision"],
            field,
            each[field],
            posted_at=each["at"] if each is not revisions[0] else None,
            until=until,
        )
        for each, until in zip(revisions, ends, strict=True)
        for field in ("title", "body")
    ]
    placed: dict[int, tuple[Moment, int]] = {}
    for each in row["comments"]:
        posted_at = datetime.fromisoformat(each["posted_at"])
        placed[each["number"]] = (posted_at, each["id"]), each["id"]
        sources.append(
            Source(
                "comment",
                each["id"],
                1,
                "body",
                each["body"],
                posted_at=posted_at,
                number=each["number"],
                author=each["author"],
                hidden=each["hidden"],
            )
        )
    return Scene(Sources(sources), placed)


def _case(row: Mapping[str, Any], scene: Scene) -> Case:
    comment = row["comment"]
    return Case(
        id=row["id"],
        language=row["language"],
        scene=scene,
        body=comment["body"],
        moment=(datetime.fromisoformat(comment["posted_at"]), comment["id"]),
        parent=comment["parent"],
        expected=row["expected"],
        references=row["references"],
    )


def _meeting(quote: Mapping[str, Any], traced: Sequence[Traced]) -> list[Traced]:
    """Those of `traced` that share characters of the body with a quote of the case."""
    return [each for each in traced if each.quoted.start < quote["end"] and quote["start"] < each.quoted.end]


def _answer(case: Case, quote: Mapping[str, Any], traced: Sequence[Traced]) -> Answer:
    return Answer(
        case.id,
        case.language,
        Verdict(quote["verdict"]),
        taken=_taken(quote, traced),
        accepted=bool(traced) and all(each.verdict in ACCEPTED for each in traced),
        exact=len(traced) == 1 and _is_exact(quote["source"], traced[0]),
    )


def _taken(quote: Mapping[str, Any], traced: Sequence[Traced]) -> str:
    expected = Verdict(quote["verdict"])
    if not traced:
        return "not found"
    if _letters("".join(each.quoted.text for each in traced)) != _letters(quote["passage"]):
        return "wrong extent"
    if expected is Verdict.ALTERED:
        return _taken_of_altered(quote, traced)
    if wrong := [each.verdict.value for each in traced if each.verdict is not expected]:
        return wrong[0]
    return _taken_of_place(quote, traced) if expected in _PLACED else "right"


def _taken_of_place(quote: Mapping[str, Any], traced: Sequence[Traced]) -> str:
    if len(traced) > 1:
        return "in pieces"
    one = traced[0]
    if not _is_exact(quote["source"], one):
        return "wrong place"
    if quote.get("misattributed", one.misattributed) != one.misattributed:
        return "misattributed" if one.misattributed else "not misattributed"
    if quote.get("ambiguous", one.ambiguous) != one.ambiguous:
        return "ambiguous" if one.ambiguous else "not ambiguous"
    return "right"


def _taken_of_altered(quote: Mapping[str, Any], traced: Sequence[Traced]) -> str:
    """Of an altered passage what was not altered may be traced for itself, in the same source."""
    altered = [each for each in traced if each.verdict is Verdict.ALTERED]
    if not altered:
        return traced[0].verdict.value
    wanted = quote["source"]
    touching = (
        _is_of(wanted, each) and each.start < wanted["end"] and wanted["start"] < each.end for each in altered
    )
    return "right" if all(touching) else "wrong place"


def _is_of(wanted: Mapping[str, Any], traced: Traced) -> bool:
    source = traced.source
    return source is not None and (source.kind, source.id) == (wanted["kind"], wanted["id"])


def _is_exact(wanted: Mapping[str, Any] | None, traced: Traced) -> bool:
    source = traced.source
    if wanted is None or source is None:
        return wanted is None and source is None
    text = wanted.get("revision", source.revision), wanted.get("field", source.field)
    place = wanted["start"], wanted["end"]
    return _is_of(wanted, traced) and (source.revision, source.field, traced.start, traced.end) == (
        *text,
        *place,
    )


def _letters(text: str) -> str:
    return bare(fold(text).text)


def _references(case: Case) -> Iterator[bool]:
    """Of each reference expected whether it was found with what became of it; False for each one too many."""
    found = list(find_references(case.body, find(case.body)))
    for wanted in case.references:
        met = [each for each in found if each.start < wanted["end"] and wanted["start"] < each.end]
        yield len(met) == 1 and _became(case, met[0]) == list(
            zip(wanted["numbers"], wanted["states"], strict=True)
        )
        found = [each for each in found if each not in met]
    yield from (False for _ in found)


def _became(case: Case, reference: Reference) -> list[tuple[int, str]]:
    resolved = resolve(reference, case.scene.placed, case.moment)
    return [(each.number, each.verdict.value) for each in resolved]
