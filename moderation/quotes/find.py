"""Find the quoted passages in a body."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quoted:
    """A block of quote lines: its place in the body and the text it quotes.

    `start` and `end` are characters of the ORIGINAL body, from the first
    line's marker to the end of the last line. `text` is the lines without
    their markers, joined by line feeds; `depth` counts the markers of the
    block's first line (1 for `>`).
    """

    start: int
    end: int
    text: str
    depth: int = 1


def find(body: str) -> tuple[Quoted, ...]:
    """The quoted passages of a body, in order."""
    return ()
