"""The words of quotes: what a quoted passage, a source and a traced quote are."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple

# A comment's place in time, `(posted_at, id)`, and [start, end) places of a text.
Moment = tuple[datetime, int]
Spans = Sequence[tuple[int, int]]


# What `Quoted.attribution` says where the comment names the article and not a person. No reader has
# this name, for what stands in angle brackets is an address and is cut from names.
ARTICLE = "<article>"


class Line(NamedTuple):
    """A quote line: its place in the body, in characters.

    The first marker stands at `mark`, and `body[start:end]` is the text
    without markers, the one blank behind them, and the line end. Where that
    holds more than the text, such as a tag or `&amp;`, `jumps` are pairs of an
    offset in the line's text and the place in the body from which on it goes
    character by character.
    """

    mark: int
    start: int
    end: int
    jumps: tuple[tuple[int, int], ...] = ()

    @property
    def length(self) -> int:
        """The characters of its text."""
        offset, place = self.jumps[-1] if self.jumps else (0, self.start)
        return offset + self.end - place

    def place(self, offset: int) -> int:
        """The place in the body of the character at `offset` of its text; of the text's end the line's."""
        if offset >= self.length:
            return self.end
        number = bisect_right(self.jumps, offset, key=itemgetter(0)) - 1
        at, place = self.jumps[number] if number >= 0 else (0, self.start)
        return place + offset - at

    def cut(self, start: int, end: int) -> "Line":
        """The part of the line that has these characters of its text; the first keeps the marker."""
        if (start, end) == (0, self.length):
            return self
        begin = self.place(start)
        jumps = tuple((offset - start, place) for offset, place in self.jumps if start < offset < end)
        last = self.place(end - 1) + 1 if end > start else begin
        return Line(begin if start else self.mark, begin, last, jumps)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A block of quote lines: its place in the body and the text it quotes.

    `start` and `end` are characters of the ORIGINAL body, from the first
    line's marker to the end of the last line. `text` is the lines without
    their markers, joined by line feeds; `depth` counts the markers of each
    line (1 for `>`) or the tags around it. `lines` leads from a place in `text`
    back to the body. `attribution` is whom a line before it names as its author
    (`松田さんは書きました:` names 松田), or `ARTICLE`; `numbers` are the comments
    that a reference just before it names.
    """

    start: int
    end: int
    text: str
    depth: int = 1
    lines: tuple[Line, ...] = ()
    attribution: str = ""
    numbers: tuple[int, ...] = ()

    def place(self, offset: int) -> int:
        """The place in the body of the character at `offset` of `text`.

        The offset of a line feed, and the text's own end, give the end of a line.
        """
        number = self.text.count("\n", 0, offset)
        return self.lines[number].place(offset - self.text.rfind("\n", 0, offset) - 1)

    def cut(self, start: int, end: int) -> "Quoted":
        """The part `text[start:end]` as a block of its own; from its line's marker, if a line begins there.

        A block without `lines` stands for itself in its body.
        """
        text = self.text[start:end]
        if (start, end) == (0, len(self.text)):
            return self
        if not self.lines:
            return replace(self, start=self.start + start, end=self.start + end, text=text)
        # Counted and not gone through: of a long block each line is cut out.
        first, last = self.text.count("\n", 0, start), self.text.count("\n", 0, end)
        begin, stop = (at - self.text.rfind("\n", 0, at) - 1 for at in (start, end))
        lines = list(self.lines[first : last + 1])
        if first == last:
            lines = [lines[0].cut(begin, stop)]
        else:
            lines[0], lines[-1] = lines[0].cut(begin, lines[0].length), lines[-1].cut(0, stop)
        return replace(self, start=lines[0].mark, end=lines[-1].end, text=text, lines=tuple(lines))

    def split(self) -> "list[Quoted]":
        """A block for each line; an empty quote line gives one without text."""
        texts = self.text.split("\n")
        return [
            Quoted(line.mark, line.end, text, self.depth, (line,), self.attribution, self.numbers)
            for line, text in zip(self.lines, texts, strict=True)
        ]


def join(parts: Sequence[Quoted]) -> Quoted:
    """One block of parts that follow one another: undoes `Quoted.split`."""
    first = parts[0]
    return Quoted(
        first.start,
        parts[-1].end,
        "\n".join(part.text for part in parts),
        first.depth,
        tuple(line for part in parts for line in part.lines),
        first.attribution,
        first.numbers,
    )


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to comments by their numbers, such as `>>12` or `>>1,2-10`, at `body[start:end]`."""

    start: int
    end: int
    numbers: tuple[int, ...]


class ReferenceVerdict(StrEnum):
    """What became of a number that a comment refers to."""

    RESOLVED = "resolved"
    DANGLING = "dangling"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A number that a comment refers to; `comment` is the id of the comment that has it, if one has."""

    number: int
    verdict: ReferenceVerdict
    comment: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A text that a quote may have been taken from.

    `kind` is `article` or `comment`, `id` the row's id (for an article the
    article's, with `revision` telling which text), `field` `title` or `body`.
    `folded` is the stored folded text if today's folder made it, else empty.
    `posted_at` is needed of comments where quotes are traced `before` a time;
    of an article's text it is when the text came up, if it was not the first,
    and `until` when another took its place. `number` and `author` are a
    comment's, for references and attributions. A comment that readers must not
    see (it was rejected) is `hidden`.
    """

    kind: str
    id: int
    revision: int
    field: str
    text: str
    folded: str = ""
    posted_at: datetime | None = None
    until: datetime | None = None
    number: int | None = None
    author: str = ""
    hidden: bool = False

    @property
    def is_comment(self) -> bool:
        """Whether a reader wrote it, and not the publisher."""
        return self.kind == "comment"


class Verdict(StrEnum):
    """What became of a quoted passage; the first that fits, in the design's order."""

    SHORT = "short"
    VERBATIM = "verbatim"
    FOLDED = "folded"
    ELIDED = "elided"
    STALE = "stale"
    HIDDEN = "hidden"
    LATER = "later"
    ALTERED = "altered"
    MISSING = "missing"


class DifferenceKind(StrEnum):
    """How a passage differs from its source, the gravest first."""

    NEGATION = "negation"
    NUMBER = "number"
    NAME = "name"
    ORDER = "order"
    ELISION = "elision"
    ADDED = "added"
    OMITTED = "omitted"
    WORDING = "wording"
    ATTRIBUTION = "attribution"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where passage and source differ: the words of each; an empty text where one has none.

    Of an attribution they are whom the comment names and who wrote it.
    `start` and `end` are its place in `Quoted.text`, `source_start` and
    `source_end` in `Source.text`.
    """

    kind: DifferenceKind
    quoted: str
    source: str
    start: int = 0
    end: int = 0
    source_start: int = 0
    source_end: int = 0


@dataclass(frozen=True, slots=True)
class Traced:
    """A quote with its verdict; `start` and `end` are places in `source.text`.

    Of an altered passage they are the nearest one's. `similarity` is from 0
    to 1 over the quote keys: 1 of what is the same after folding.
    `ambiguous` says that the own words of several comments, or of a comment
    and the article, hold the passage, so that `source` is a choice.
    `misattributed` says that the comment names another source than the one
    that holds it.
    """

    quoted: Quoted
    verdict: Verdict
    source: Source | None = None
    start: int = 0
    end: int = 0
    ambiguous: bool = False
    similarity: float = 0.0
    differences: tuple[Difference, ...] = ()
    misattributed: bool = False
