"""A draft rule, or a rule set, tried on stored comments and scored by what people decided on them.

It writes nothing but the try-out itself. The rules run by the engine of the
screening, over submissions with the facts as of the time that each comment
was sent: quotes, windows of author, address and copies by what stood before
it, and the author's reputation as it is stored with the decision.
"""

from moderation.backtest.asking import (
    DAYS,
    OPEN,
    Period,
    cancel,
    go_on,
    in_force_of,
    pause,
    try_drafts,
    try_rule,
    try_rule_set,
    try_version,
)
from moderation.backtest.counts import Counts
from moderation.backtest.known import score_of_tryouts
from moderation.backtest.running import CHUNK, SAMPLES, counts_of, run_next

__all__ = [
    "CHUNK",
    "DAYS",
    "OPEN",
    "SAMPLES",
    "Counts",
    "Period",
    "cancel",
    "counts_of",
    "go_on",
    "in_force_of",
    "pause",
    "run_next",
    "score_of_tryouts",
    "try_drafts",
    "try_rule",
    "try_rule_set",
    "try_version",
]
