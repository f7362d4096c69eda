"""Who wrote nearly the same before, in two queries for a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from comments import bulk
from moderation.checks.facts import NearCopy
from moderation.near_text import BANDS, band_keys, own_text, similarity
from moderation.text import FOLDER_VERSION

if TYPE_CHECKING:
    from moderation.facts import Row

# Below this, in per cent, two texts are not nearly the same for any rule: see `NearDuplicate.percent`.
LEAST_ALIKE = 70

# Those that share a key, the newest of each key.
_OF_KEY = """
(SELECT o.comment_id FROM moderation_nearkeys o JOIN comments_comment c ON c.id = o.comment_id
WHERE o.key{0} = k.key{0} AND o.site_id = k.site_id AND c.withdrawn_at IS NULL
  AND o.posted_at > k.posted_at - %(window)b AND (o.posted_at, o.comment_id) < (k.posted_at, k.id)
ORDER BY o.posted_at DESC, o.comment_id DESC LIMIT %(limit)b)
"""
_KEYS = [f"key{number}" for number in range(1, BANDS + 1)]
_SHARING = f"""
SELECT k.id, array_agg(DISTINCT e.comment_id)
FROM unnest(%(id)b::bigint[], %(site_id)b::bigint[], %(posted_at)b::timestamptz[],
    {", ".join(f"%({key})b::bigint[]" for key in _KEYS)}) AS k(id, site_id, posted_at, {", ".join(_KEYS)})
CROSS JOIN LATERAL ({" UNION ALL ".join(_OF_KEY.format(number) for number in range(1, BANDS + 1))}) e
GROUP BY k.id
"""  # noqa: S608
_TEXTS = f"""
SELECT c.id, c.posted_at, c.received_at, c.live, c.author_key, coalesce(c.author_key::text, host(c.ip), ''),
    c.fingerprint, c.body, CASE WHEN c.folder_version = {FOLDER_VERSION} THEN c.folded ELSE '' END
FROM comments_comment c WHERE c.id = ANY(%s)
"""  # noqa: S608


class _Earlier(NamedTuple):
    id: int
    posted_at: datetime
    received_at: datetime
    live: bool
    author_key: Any
    writer: str
    fingerprint: int
    text: str


def near_before(rows: Sequence[Row], seconds: int, limit: int) -> dict[int, list[NearCopy]]:
    """`{comment: earlier comments that say nearly the same or the same, newest first}`, `limit` at most.

    Each writer gets a number, which means nothing beyond this batch.
    """
    near: dict[int, list[NearCopy]] = defaultdict(list)
    if not (seconds and limit):
        return near
    texts = {row.id: own_text(row.body, row.folded) for row in rows}
    sharing = _sharing(rows, band_keys(list(texts.values())), seconds, limit)
    if not sharing:
        return near
    earlier = _earlier(key for keys in sharing.values() for key in keys)
    writers: dict[str, int] = {}
    for row in rows:
        candidates = [earlier[key] for key in sharing.get(row.id, ())]
        for each in sorted(candidates, key=lambda each: (each.posted_at, each.id), reverse=True):
            percent = similarity(texts[row.id], each.text)
            if percent >= LEAST_ALIKE and len(near[row.id]) < limit:
                number = writers.setdefault(each.writer, len(writers) + 1)
                near[row.id].append(_near_copy(row, each, number, percent))
    return near


def _sharing(
    rows: Sequence[Row], keys: Sequence[Sequence[int]], seconds: int, limit: int
) -> Mapping[int, list[int]]:
    asked = [
        (row.id, row.site_id, row.posted_at, *of_row)
        for row, of_row in zip(rows, keys, strict=True)
        if of_row
    ]
    if not asked:
        return {}
    columns = dict(
        zip(("id", "site_id", "posted_at", *_KEYS), map(list, zip(*asked, strict=True)), strict=True)
    )
    return dict(bulk.fetch(_SHARING, columns | {"window": timedelta(seconds=seconds), "limit": limit}))


def _earlier(keys: Iterable[int]) -> dict[int, _Earlier]:
    return {
        values[0]: _Earlier._make([*values, own_text(body, folded)])
        for *values, body, folded in bulk.fetch(_TEXTS, [sorted(set(keys))])
    }


def _near_copy(row: Row, each: _Earlier, number: int, percent: int) -> NearCopy:
    return NearCopy(
        comment=each.id,
        posted_at=each.received_at if row.live and each.live else each.posted_at,
        same_author=row.author_key is not None and each.author_key == row.author_key,
        author=number,
        percent=percent,
        exact=bool(row.fingerprint) and each.fingerprint == row.fingerprint,
        text=each.text,
    )
