"""Which comment a comment answers, told by its references and quotes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from moderation.quotes import Traced, Verdict

# How sure a parent is, in percent. They are ranks rather than measured shares: a number that stands
# alone is nearly always an answer; of several comments that are named or quoted the first is taken.
AGREED = 99
REFERRED = 95
QUOTED = 90
# The quote could be of another comment with the same words, or its words are not quite those.
DOUBTFUL = 60
SEVERAL = 50

# An altered quote tells who is answered as well as a true one does; a hidden one does so, too.
_TELLING = {Verdict.VERBATIM, Verdict.FOLDED, Verdict.ELIDED, Verdict.ALTERED, Verdict.HIDDEN}


@dataclass(frozen=True, slots=True)
class Answered:
    """The comment that is answered; `how` is `reference` or `quote`, `sure` in percent."""

    comment: int
    how: str
    sure: int


def infer(quotes: Sequence[Traced], referred: Sequence[int]) -> Answered | None:
    """Whom a comment answers. `referred` are the comments that it refers to, in order, that were there.

    A reference tells more than a quote. Of quotes those of the least depth
    count: who quotes a quote answers the one who quoted it.
    """
    quoted = _quoted(quotes)
    if referred:
        return Answered(referred[0], "reference", _sure_of_reference(referred, quoted))
    if not quoted:
        return None
    first = quoted[0]
    sources = {each.source.id for each in quoted if each.source}
    sure = DOUBTFUL if first.ambiguous or first.verdict is Verdict.ALTERED else QUOTED
    sure = SEVERAL if len(sources) > 1 or first.misattributed else sure
    return Answered(first.source.id, "quote", sure) if first.source else None


def _quoted(quotes: Sequence[Traced]) -> list[Traced]:
    """The quotes that tell, of the least depth that some have, in order."""
    telling = [each for each in quotes if each.source and each.source.is_comment and each.verdict in _TELLING]
    least = min((each.quoted.depth for each in telling), default=0)
    return [each for each in telling if each.quoted.depth == least]


def _sure_of_reference(referred: Sequence[int], quoted: Sequence[Traced]) -> int:
    if len(set(referred)) > 1:
        return SEVERAL
    sources = {each.source.id for each in quoted if each.source}
    if not sources:
        return REFERRED
    return AGREED if sources == set(referred) else DOUBTFUL
