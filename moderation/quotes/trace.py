"""Trace a quoted passage to its source."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from moderation.quotes.find import Quoted


class Verdict(StrEnum):
    """What became of a quoted passage. The order of the design."""

    VERBATIM = "verbatim"
    FOLDED = "folded"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Source:
    """A text that a quote may have been taken from.

    `kind` is `article` or `comment`, `id` the row's id (for an article the
    article's, with `revision` telling which text), `field` `title` or `body`.
    `folded` is the stored folded text where there is one, else empty.
    """

    kind: str
    id: int
    revision: int
    field: str
    text: str
    folded: str = ""


@dataclass(frozen=True, slots=True)
class Traced:
    """A quote with its verdict; `start` and `end` are places in `source.text`."""

    quoted: Quoted
    verdict: Verdict
    source: Source | None = None
    start: int = 0
    end: int = 0
    ambiguous: bool = False


def trace(quoted: Quoted, sources: Sequence[Source], *, parent: int | None = None) -> Traced:
    """Where `quoted` stands in `sources`, which are in the order of time.

    `parent` is the id of the comment that this one answers, if it was given.
    """
    return Traced(quoted, Verdict.MISSING)
