"""What becomes of what a person wants done."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """Done, or why not.

    `stale`: it has changed since he looked. `closed`: somebody was faster.
    `escalated`: his were the first eyes, so another decides. `late`: only a
    Lead takes it back by now. `denied`: it is not his to do.
    """

    DONE = "done"
    STALE = "stale"
    CLOSED = "closed"
    ESCALATED = "escalated"
    LATE = "late"
    DENIED = "denied"
