"""What the dashboard counts beside cases and decisions, for the seeded newsroom: quotes, and nightly imports.

All hangs on the ids of comments, so it is the same whenever they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from comments import bulk
from comments.models import ImportRun, ImportSource, RunStatus
from moderation.quotes import Verdict

# One comment in so many quotes the article, one came by an import of the night.
QUOTES_EVERY, IMPORTED_EVERY = 12, 40
NIGHTS = 14
_QUOTES = """
INSERT INTO moderation_quote (comment_id, article_id, revision, start, "end", depth, verdict, article_field,
    ambiguous, misattributed, similarity, differences, traced_at)
SELECT c.id, c.article_id, 1, 0, 12, 1, v.verdicts[1 + (c.id / %s) %% cardinality(v.verdicts)], '',
    false, false, 0, '[]', c.received_at
FROM comments_comment c CROSS JOIN (SELECT %s::text[] AS verdicts) v
WHERE c.id %% %s = 0 ORDER BY c.id
"""
_BROUGHT = """
WITH runs AS (
    SELECT s.site_id, array_agg(r.id ORDER BY r.id) AS keys
    FROM comments_importrun r JOIN comments_importsource s ON s.id = r.source_id GROUP BY s.site_id
), brought AS (
    UPDATE comments_comment c SET live = false, import_run_id = keys[1 + (c.id / %s) %% cardinality(keys)]
    FROM runs WHERE runs.site_id = c.site_id AND c.id %% %s = 7
    RETURNING c.id, c.import_run_id
)
UPDATE moderation_decision d SET import_run_id = b.import_run_id
FROM brought b WHERE d.comment_id = b.id AND d.by_id IS NULL
"""


def add_figures(sites: Sequence[int], now: datetime) -> None:
    """Quotes and import runs, where the triggers of the log are at rest."""
    # Most quotes are right.
    verdicts = [*["verbatim"] * 12, *["folded"] * 6, *(str(each) for each in Verdict)]
    bulk.execute(_QUOTES, [QUOTES_EVERY, verdicts, QUOTES_EVERY])
    sources = ImportSource.objects.bulk_create(ImportSource(site_id=site, slug="nightly") for site in sites)
    counts = dict.fromkeys(("updated", "unchanged", "problems", "notices"), 0)
    ImportRun.objects.bulk_create(
        ImportRun(
            source=source,
            path=f"night-{night}.jsonl",
            format="jsonl",
            policy="enforce",
            status=RunStatus.DONE,
            counts={"comments": {**counts, "read": 40 + night, "created": 40 + night}},
            started_at=now - timedelta(days=NIGHTS - night, hours=6),
            finished_at=now - timedelta(days=NIGHTS - night, hours=5),
        )
        for night in range(NIGHTS)
        for source in sources
    )
    bulk.execute(_BROUGHT, [IMPORTED_EVERY, IMPORTED_EVERY])
