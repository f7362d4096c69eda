"""What decisions leave behind: the status of a comment, and the version of what can be quoted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from comments import bulk


def touch_sources(article_ids: Collection[int]) -> None:
    """Raise the version of what quotes at these articles may be traced to."""
    if not article_ids:
        return
    # Locked by a statement of its own: an UPDATE that locks in a subquery sees
    # the row as it was before it had to wait, locks it a second time, and is
    # then in the way of those who wait behind it.
    ids = sorted(set(article_ids))
    bulk.fetch("SELECT FROM comments_article WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])
    bulk.execute(
        "UPDATE comments_article SET sources_version = sources_version + 1 WHERE id = ANY(%s)", [ids]
    )


_SET_STATUS = """
UPDATE comments_comment c
SET status = s.status,
    version = c.version + 1,
    number = coalesce(c.number, s.place),
    withdrawn_at = CASE WHEN s.status = 'rejected' THEN coalesce(%s::timestamptz, c.withdrawn_at) END,
    published_revision = CASE WHEN s.status = 'published' THEN c.revision ELSE c.published_revision END
FROM unnest(%s::bigint[], %s::text[], %s::int[]) AS s(id, status, place)
WHERE c.id = s.id
"""


def set_status(
    statuses: Mapping[int, str],
    *,
    places: Mapping[int, int] = MappingProxyType({}),
    hidden_or_shown: Sequence[int] = (),
    withdrawn_at: datetime | None = None,
) -> None:
    """Write the shadow of decisions: `{comment id: status}`, rows locked by the caller.

    `places` are the numbers of comments that have none yet; `withdrawn_at` is
    of those that go with the import that brought them; `hidden_or_shown` are
    the articles at which a comment that readers could see is hidden, or one
    that they could not see is shown again.
    """
    ids = sorted(statuses)
    if not ids:
        return
    columns = [ids, [statuses[key] for key in ids], [places.get(key) for key in ids]]
    bulk.execute(_SET_STATUS, [withdrawn_at, *columns])
    if hidden_or_shown:
        touch_sources(hidden_or_shown)
