"""Parts of a block put together: those side by side in one source, and those that nothing holds."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from moderation.quotes.altered import reworded
from moderation.quotes.base import Traced, Verdict
from moderation.quotes.elision import LONGEST_GAP, weight
from moderation.quotes.keys import key_of
from moderation.quotes.negation import negations
from moderation.quotes.passages import Passage

# Nothing but lines that are drawn, such as the one before a signature, which is no part of a quote.
_RULES = re.compile(r"[ \t\r]*\n(?:[ \t>＞|]*[-–—_=*~#]*[ \t\r]*\n)*[ \t>＞|]*")
_LETTER = re.compile(r"[^\W_]")
_SENTENCE_END = re.compile(r"(?:[。．.！？!?:：…][」』”\"')）]*|\n[ \t]*\r?\n[>＞| \t]*)\s*$")
_SENTENCE_START = re.compile(r"[。．.！？!?:：]|\s*\n[>＞| \t]*\r?\n")


class Piece(NamedTuple):
    """A part of a block with its place; without one nothing holds it as it is."""

    passage: Passage
    traced: Traced | None

    @property
    def is_lost(self) -> bool:
        """Whether words of it stand nowhere."""
        return self.traced is None


def joined(one: Piece, other: Piece) -> Piece | None:
    """One piece of two neighbours that are both lost, or stand side by side in one source."""
    if one.traced is None and other.traced is None:
        return Piece(one.passage.through(other.passage), None)
    if one.traced is None or other.traced is None or not _adjoin(one.traced, other.traced):
        return None
    passage = one.passage.through(other.passage)
    source = one.traced.source
    if source is None:
        return None
    words = source.text[one.traced.start : other.traced.end]
    between = source.text[one.traced.end : other.traced.start]
    if key_of(words) != passage.key and not _RULES.fullmatch(between):
        return None
    verdict = one.traced.verdict
    if verdict in {Verdict.VERBATIM, Verdict.FOLDED}:
        same = words.replace("\r\n", "\n") == passage.text.strip()
        verdict = Verdict.VERBATIM if same else Verdict.FOLDED
    traced = Traced(
        passage.quoted,
        verdict,
        source,
        one.traced.start,
        other.traced.end,
        one.traced.ambiguous and other.traced.ambiguous,
        1.0,
        one.traced.differences,
        one.traced.misattributed,
    )
    return Piece(passage, traced)


def _adjoin(one: Traced, other: Traced) -> bool:
    """Whether nothing but signs stands between two passages of one source."""
    if one.source is None or one.source != other.source or one.end > other.start:
        return False
    return not _LETTER.search(one.source.text, one.end, other.start)


def is_torn(pieces: Sequence[Piece]) -> bool:
    """Whether a block that is not of one passage changes from one to another inside of a sentence.

    Lines that end with their sentence may be followed by lines from elsewhere.
    """
    for one, other in pairwise([None, *pieces, None]):
        ends = one is None or one.traced is None or _ends_sentence(one.traced)
        starts = other is None or other.traced is None or _starts_sentence(other.traced)
        lost = (one is not None and one.traced is None) or (other is not None and other.traced is None)
        both = one is not None and other is not None
        if (both or lost) and not (ends and starts):
            return True
    return False


def _ends_sentence(traced: Traced) -> bool:
    source = traced.source
    return source is None or bool(
        _SENTENCE_END.search(source.text[traced.start : traced.end])
        or not source.text[traced.end :].strip()
        or _SENTENCE_START.match(source.text, traced.end)
    )


def _starts_sentence(traced: Traced) -> bool:
    source = traced.source
    if source is None:
        return True
    before = source.text[: traced.start]
    return not before.strip() or bool(_SENTENCE_END.search(before[-8:]))


def _is_faulty(one: Piece, other: Piece) -> bool:
    """Whether two neighbours stand apart in one source though the comment has them as one passage."""
    if one.traced is None or other.traced is None or one.traced.source != other.traced.source:
        return False
    return _is_one_line(one, other) or _denies_between(one.traced, other.traced)


def _is_one_line(one: Piece, other: Piece) -> bool:
    """Whether the comment has both on one line, as if the one followed the other."""
    text = one.passage.block.text
    return "\n" not in text[one.passage.start : other.passage.end].strip()


def _denies_between(one: Traced, other: Traced) -> bool:
    """Whether lines were left out, without a mark, from the middle of a sentence that they deny."""
    source = one.source
    if source is None or other.start < one.end:
        return False
    left_out = source.text[one.end : other.start]
    paragraph = left_out.replace("\r", "").lstrip(" \t").startswith("\n\n")
    inside = not paragraph and not _SENTENCE_END.search(source.text[one.start : one.end])
    return inside and weight(left_out) <= LONGEST_GAP and negations(left_out) > 0


def mended(pieces: Sequence[Piece]) -> list[Piece]:
    """The same with those that stand apart in one source though the comment joins them as one, altered."""
    found: list[Piece] = []
    for piece in pieces:
        if found and _is_faulty(found[-1], piece):
            passage = found[-1].passage.through(piece.passage)
            found[-1] = Piece(passage, reworded(passage, found[-1].traced, piece.traced))
        else:
            found.append(piece)
    return found
