"""What a run has counted so far, whoever settled the rows.

While a run is going on, its own `counts` are what its reader settled and each
of its chunks has those of its rows; at its end its own are all, and the chunks
keep theirs for the record. Whoever shows figures asks here, so that both are
never added up, and neither is left out.
"""

from __future__ import annotations

from collections.abc import Collection

from comments import bulk
from comments.formats.base import KINDS
from comments.imports.ledger import COUNTED, Counts
from comments.models import ImportRun

# One statement sees one state: a run that ends meanwhile is counted before or after it.
_COUNTS = """
SELECT c.run_id, k.kind, n.name, sum(n.number::bigint)::bigint
FROM (
    SELECT id AS run_id, counts FROM comments_importrun WHERE id = ANY(%s)
    UNION ALL
    SELECT c.run_id, c.counts
    FROM comments_importchunk c JOIN comments_importrun r ON r.id = c.run_id
    WHERE r.id = ANY(%s) AND r.finished_at IS NULL
) c
CROSS JOIN LATERAL jsonb_each(c.counts) AS k(kind, numbers)
CROSS JOIN LATERAL jsonb_each_text(k.numbers) AS n(name, number)
GROUP BY 1, 2, 3
"""


def counts_of(run: ImportRun) -> Counts:
    """`{kind: {name: number}}` of a run as the database has it now; one query.

    All of `KINDS` and `COUNTED` are there, whatever was met. For each kind
    read = created + updated + unchanged + problems.
    """
    return counts_of_runs([run.pk])[run.pk]


def counts_of_runs(runs: Collection[int]) -> dict[int, Counts]:
    """The counts of several runs by their keys; one query however many."""
    counts: dict[int, Counts] = {run: no_counts() for run in runs}
    keys = sorted(counts)
    for run, kind, name, number in bulk.fetch(_COUNTS, [keys, keys]) if keys else ():
        counts[run].setdefault(kind, dict.fromkeys(COUNTED, 0))[name] = number
    return counts


def no_counts() -> Counts:
    """The counts of a run that has met nothing yet."""
    return {kind: dict.fromkeys(COUNTED, 0) for kind in KINDS}


def total(counts: Counts, name: str) -> int:
    """One of `COUNTED` over all kinds."""
    return sum(numbers.get(name, 0) for numbers in counts.values())
