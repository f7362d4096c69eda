"""Where the comments of a source are stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from comments import bulk


class Found(NamedTuple):
    """Where a comment is stored."""

    id: int
    article_id: int
    import_run_id: int | None


def find_comments(site_id: int, source: str, external_ids: Iterable[str]) -> dict[str, Found]:
    """`{id at the source: comment}` of those that are stored.

    One look into the unique index an id, whatever the planner thinks of a
    table that grew a hundredfold since it was last analysed.
    """
    wanted = sorted({key for key in external_ids if key})
    if not wanted:
        return {}
    rows = bulk.fetch(
        """SELECT c.* FROM unnest(%s::text[]) AS wanted(key) CROSS JOIN LATERAL (
               SELECT external_id, id, article_id, import_run_id FROM comments_comment
               WHERE site_id = %s AND source = %s AND external_id = wanted.key LIMIT 1) c""",
        [wanted, site_id, source],
    )
    return {key: Found(*rest) for key, *rest in rows}
