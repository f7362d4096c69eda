"""What every transaction of a worker holds to: how long it may last, how it reads, when it is tried again."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError

from comments import bulk

# A claim lasts two seconds at most: past this, the rest is left to the next.
CLAIM_SECONDS = 1.5
# A frozen worker must not keep its rows: past this PostgreSQL ends its transaction.
TIMEOUT = "10s"
# Who waits this long for a lock waits for somebody else, and is told so by an
# error of its own, before the statement itself passes for one that takes too long.
LOCK_TIMEOUT = "5s"
# PostgreSQL's codes for a statement that took too long and for one that passes
# its limits: errors of operation too, but the comment's own.
_OWN_FAULTS = ("57014", "54")


def is_passing(error: Exception) -> bool:
    """Whether the same may go well a moment later: the database was away, busy, or broke a deadlock."""
    code = getattr(error.__cause__, "sqlstate", None) or ""
    return isinstance(error, (OperationalError, InterfaceError)) and not code.startswith(_OWN_FAULTS)


# Every statement of a claim finds its few rows by one index each. A planner
# whose statistics are behind a table that has grown would read the table, or
# add an index of thousands of entries: 28 ms a claim at 8,000 comments that
# were never analysed (measured), and more with each further one.
_BY_INDEX = "".join(
    f"SET LOCAL enable_{plan} = off; " for plan in ("seqscan", "bitmapscan", "hashjoin", "mergejoin")
)


def guard() -> None:
    bulk.execute(
        f"{_BY_INDEX}SET LOCAL statement_timeout = '{TIMEOUT}'; SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'; "
        f"SET LOCAL idle_in_transaction_session_timeout = '{TIMEOUT}'"
    )
