"""A quote then and now: what stays true of it, and what is news to a person. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from moderation.quotes import Verdict

FOUND = frozenset({Verdict.VERBATIM, Verdict.FOLDED, Verdict.ELIDED})
_FINE = FOUND | {Verdict.SHORT}


class QuoteRow(NamedTuple):
    """A quote as its row has it, without whose it is; `differences` as JSON in one spelling."""

    start: int
    end: int
    depth: int
    verdict: str
    ambiguous: bool
    misattributed: bool
    similarity: float
    differences: str
    article_revision: int | None = None
    article_field: str = ""
    source_comment: int | None = None
    source_revision: int | None = None
    source_start: int | None = None
    source_end: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The comment that a quote was traced to, as it is today; `revision` 0 if it was traced to none."""

    revision: int = 0
    rejected: bool = False
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """A quote as it was traced last."""

    row: QuoteRow
    origin: Origin = Origin()


def keep(before: Sequence[Before], now: Sequence[QuoteRow]) -> list[QuoteRow]:
    """The quotes of a comment as they are to stand: as traced now, but no author is wronged.

    Who was quoted word for word and edited his comment since has not been
    misquoted: the quote stays with the text it was taken from and is stale,
    or hidden if that comment was rejected.
    """
    known = {(each.row.start, each.row.end): each for each in before}
    return [_kept(known.get((row.start, row.end)), row) for row in now]


def _kept(before: Before | None, row: QuoteRow) -> QuoteRow:
    if before is None or row.verdict in _FINE | {Verdict.STALE, Verdict.HIDDEN}:
        return row
    was, origin = before.row, before.origin
    quoted = was.verdict in FOUND | {Verdict.STALE, Verdict.HIDDEN} and was.source_revision is not None
    if not quoted or origin.erased or origin.revision <= (was.source_revision or 0):
        return row
    return was._replace(verdict=str(Verdict.HIDDEN if origin.rejected else Verdict.STALE))


def news(before: Sequence[Before], now: Sequence[QuoteRow]) -> list[str]:
    """Why a person should look at a comment again, as kinds of a case's causes.

    `quote-hidden`: what it quotes was rejected since. `quote-erased`: what it
    quotes was erased, and still stands in the quote. `quote-altered`: a text
    that arrived late shows that the words were changed.
    """
    found: dict[str, None] = {}
    for row in now:
        was = [each for each in before if each.row.start < row.end and row.start < each.row.end]
        verdicts = {each.row.verdict for each in was}
        erased = any(each.origin.erased for each in was)
        if row.verdict == Verdict.HIDDEN and Verdict.HIDDEN not in verdicts:
            found["quote-hidden"] = None
        if erased and row.verdict not in FOUND:
            found["quote-erased"] = None
        if row.verdict == Verdict.ALTERED and verdicts and verdicts <= {Verdict.MISSING, Verdict.LATER}:
            found["quote-altered"] = None
    return list(found)


def is_better(before: Sequence[Before], now: Sequence[QuoteRow]) -> bool:
    """Whether some quote has come right, so that a case may be about nothing."""
    wrong = {(each.row.start, each.row.end) for each in before if not _is_fine(each.row)}
    return bool(wrong - {(row.start, row.end) for row in now if not _is_fine(row)})


def is_settled(kind: str, code: str, spans: Sequence[tuple[int, int]], now: Sequence[QuoteRow]) -> bool:
    """Whether a cause of a case is about nothing any more: a finding of the check of quotes at
    these spans of the body, or what `news` told."""
    if kind == "quotes" and code != "untraced":
        return bool(spans) and all(_is_fine(row) for row in _within(spans, now))
    if kind in {"quote-hidden", "quote-altered"}:
        return not any(row.verdict == kind.removeprefix("quote-") for row in now)
    return False


def _within(spans: Sequence[tuple[int, int]], rows: Sequence[QuoteRow]) -> Iterator[QuoteRow]:
    return (row for row in rows if any(start < row.end and row.start < end for start, end in spans))


def _is_fine(row: QuoteRow) -> bool:
    return row.verdict in _FINE and not row.misattributed
