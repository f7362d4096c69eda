"""Where a passage and its source differ, and how grave that is."""

from moderation.quotes.base import Difference, DifferenceKind
from moderation.quotes.changes import Change, Pair, changes, pair
from moderation.quotes.kinds import kind

# Differences that are told one by one; of a passage that has more, the gravest.
MOST_DIFFERENCES = 20
# Units of either text: beyond it one difference stands for all.
_MOST_TOKENS = 12_000
_MOST_CHANGES = 200
_GRAVITY = {each: gravity for gravity, each in enumerate(DifferenceKind)}


def differences(quoted: str, source: str, *, source_start: int = 0) -> tuple[Difference, ...]:
    """How a quoted text differs from a passage, in order; `source_start` is where that begins in its text."""
    both = pair(quoted, source)
    if max(len(both.ours), len(both.theirs)) > _MOST_TOKENS:
        return ()
    moved, others = changes(both)
    others = others[:_MOST_CHANGES]
    found = [_difference(both, change, DifferenceKind.ORDER, source_start) for change in moved]
    found += [_difference(both, change, kind(both, change), source_start) for change in others]
    gravest = sorted(found, key=lambda each: _GRAVITY[each.kind])[:MOST_DIFFERENCES]
    return tuple(sorted(gravest, key=lambda each: (each.start, each.source_start)))


def _difference(both: Pair, change: Change, what: DifferenceKind, source_start: int) -> Difference:
    low, high, source_low, source_high = both.places(change)
    return Difference(
        what,
        both.quoted[low:high],
        both.source[source_low:source_high],
        low,
        high,
        source_start + source_low,
        source_start + source_high,
    )
