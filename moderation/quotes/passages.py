"""Passages: blocks of quotes and the parts of them that are traced by themselves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from moderation.quotes.base import ARTICLE, Quoted
from moderation.quotes.dates import Dated
from moderation.quotes.edges import Cut, leads_otherwise, whole
from moderation.quotes.elision import weight
from moderation.quotes.keys import key_of
from moderation.quotes.sight import Held

# Below it a passage stands in many texts by chance: はい and `I see.` are too short, なるほど is not.
MEANINGFUL = 8
# Characters beside a part that are looked at, to see what its block goes on with.
_BESIDE = 40

_SENTENCE = re.compile(r"[^。！？!?]*[。！？!?]+[」』”\"')）]*|[^。！？!?]+")
_ENGLISH_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"'(])")


@dataclass(slots=True)
class Passage:
    """`block.text[start:end]`, its key, what the comment says of its source, and who holds it.

    `named` are the comments that it names by author or number, `dated` the time
    that it names. `is_wrapped` says that the block may be what was left of a
    deeper quote's line when a program wrapped it.
    """

    block: Quoted
    start: int
    end: int
    named: frozenset[int] = frozenset()
    dated: Dated | None = None
    is_wrapped: bool = False
    held: list[Held] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words as they stand in the block."""
        return self.block.text[self.start : self.end]

    @property
    def key(self) -> str:
        """The quote key."""
        return key_of(self.text)

    @property
    def quoted(self) -> Quoted:
        """The passage as a block of its own."""
        return self.block.cut(self.start, self.end)

    @property
    def names_article(self) -> bool:
        """Whether the comment says that it quotes the article."""
        return self.block.attribution == ARTICLE

    @property
    def is_short(self) -> bool:
        """Whether it is too short to tell where it comes from."""
        return is_short(self.key)

    def is_whole(self, source: str, start: int, end: int) -> bool:
        """Whether `source[start:end]`, which has its characters, cuts no number and no denied word."""
        if leads_otherwise(self.text, source[start:end]):
            return False
        before = self.block.text[max(0, self.start - _BESIDE) : self.start]
        return whole(Cut(self.text, before), source, start, end) == (start, end)

    def part(self, start: int, end: int) -> "Passage":
        """A part of the same block."""
        return Passage(self.block, start, end, self.named, self.dated, self.is_wrapped)

    def through(self, last: "Passage") -> "Passage":
        """From the start of this to the end of a later one."""
        return self.part(self.start, last.end)

    def parts(self) -> "list[Passage]":
        """Its lines, each with the short ones that follow it; of a single line the sentences."""
        lines = [self.part(start, end) for start, end in _lines(self.block.text, self.start, self.end)]
        whole = [each for each in lines if weight(each.text)]
        if len(whole) == 1:
            return _gathered([whole[0].part(start, end) for start, end in _sentences(whole[0])])
        parts = _gathered(whole)
        if len(parts) > 1 or len(whole) < 2:
            return parts
        return [whole[0], whole[1].through(whole[-1])]


@lru_cache(maxsize=1024)
def is_short(key: str) -> bool:
    """Whether a passage with this key is too short to tell where it comes from."""
    # Signs alone never fill it: runs of them are one sign in a key.
    return weight(key[: 4 * MEANINGFUL]) < MEANINGFUL and weight(key) < MEANINGFUL


def _gathered(parts: list[Passage]) -> list[Passage]:
    """Each part with the short ones that follow it, such as the last word of a wrapped paragraph."""
    gathered: list[Passage] = []
    for part in parts:
        if gathered and (part.is_short or gathered[-1].is_short):
            gathered[-1] = gathered[-1].through(part)
        else:
            gathered.append(part)
    return gathered


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start <= end:
        stop = text.find("\n", start, end)
        yield start, stop if stop >= 0 else end
        if stop < 0:
            return
        start = stop + 1


def _sentences(line: Passage) -> list[tuple[int, int]]:
    found = []
    for match in _SENTENCE.finditer(line.text):
        at = match.start()
        for pause in _ENGLISH_END.finditer(match[0]):
            found.append((line.start + at, line.start + match.start() + pause.start()))
            at = match.start() + pause.end()
        found.append((line.start + at, line.start + match.end()))
    return found
