"""What was decided without a person: the log, filtered and searched. Reading only.

A page looks at so many decisions of the machine at most, from the newest
down, on an index; what the filters leave of them is shown. So a page reads as
much with a million comments as with a few thousand, and says where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from comments import bulk
from comments.models import Status
from moderation.text import fold

# Decisions that a page shows, and those that it looks at to find them. Where each body is searched and
# none has the word, that is a quarter of a second for bodies of 280 characters in memory (measured; a
# page of the newest takes 2 ms), and more where they must be read from a disc: some 20,000 pages.
PAGE = 50
LOOKED_AT = 10_000
STATUSES = (Status.REJECTED, Status.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the log is asked for; `sites` are those that may be seen, None for all."""

    sites: Sequence[int] | None
    status: str = Status.REJECTED
    site: int | None = None
    rule: int | None = None
    reason: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Decisions, the newest first.

    `after` is the place to go on from, None at the end of the log. `cut` says
    that the page is not full and there is more to look at: `looked_at`
    decisions were looked at for it, down to the time `back_to`.
    """

    decisions: Sequence[int]
    after: int | None
    cut: bool = False
    looked_at: int = 0
    back_to: datetime | None = None


# Decisions lie in the order of time, save that workers overlap by moments and clocks by minutes.
OVERLAP = timedelta(hours=1)
# The first decision at or after a time, by halving: a look at the primary key each.
_SEEK = """
WITH RECURSIVE s(low, high) AS (
    SELECT min(id), max(id) + 1 FROM moderation_decision
    UNION ALL
    SELECT CASE WHEN d.created_at < %(at)s THEN d.id + 1 ELSE s.low END,
           CASE WHEN d.created_at < %(at)s THEN s.high ELSE (s.low + s.high) / 2 END
    FROM s CROSS JOIN LATERAL (
        SELECT id, created_at FROM moderation_decision WHERE id >= (s.low + s.high) / 2 ORDER BY id LIMIT 1
    ) d
    WHERE s.low < s.high
)
SELECT low FROM s WHERE low >= high
"""
# The places to go on from are ids of decisions, or, of one rule, of its findings.
_ALL = """
SELECT d.id AS place, d.id FROM moderation_decision d
WHERE d.by_id IS NULL AND d.to_status = '{status}' AND d.id < %(after)s
ORDER BY d.id DESC LIMIT %(most)s
"""
_OF_RULE = """
SELECT min(f.id) AS place, f.decision_id AS id
FROM (
    SELECT e.id, e.decision_id FROM moderation_ruleversion v
    CROSS JOIN LATERAL (
        SELECT id, decision_id FROM moderation_finding
        WHERE rule_version_id = v.id AND id < %(after)s ORDER BY id DESC LIMIT %(most)s
    ) e
    WHERE v.rule_id = %(rule)s ORDER BY e.id DESC LIMIT %(most)s
) f
GROUP BY f.decision_id
"""
_PAGE = """
WITH looked AS MATERIALIZED ({looked})
SELECT k.place, d.id, d.created_at FROM looked k
JOIN moderation_decision d ON d.id = k.id
JOIN comments_comment c ON c.id = d.comment_id
WHERE d.by_id IS NULL AND d.to_status = '{status}' AND d.cause NOT IN ('erased', 'import-undo') {where}
ORDER BY k.place DESC LIMIT %(page)s
"""
_LOOKED = """
WITH looked AS MATERIALIZED ({looked})
SELECT (SELECT count(*) FROM looked), k.place, d.created_at
FROM looked k JOIN moderation_decision d ON d.id = k.id ORDER BY k.place LIMIT 1
"""


def look(wanted: Wanted, after: int | None = None) -> Found:
    """The next page of the log after a place, from the newest without one. Three queries at most."""
    if wanted.status not in STATUSES:
        raise ValueError(f"nothing in this log is {wanted.status!r}.")
    if wanted.sites is not None and not wanted.sites:
        return Found((), None)
    looked = (_ALL if wanted.rule is None else _OF_RULE).format(status=wanted.status)
    params = _params(wanted, after)
    sql = _PAGE.format(looked=looked, status=wanted.status, where=_where(wanted))
    rows = bulk.fetch(sql, params)
    if len(rows) > PAGE:
        return Found([key for _, key, _ in rows[:PAGE]], rows[PAGE - 1][0])
    last = bulk.fetch(_LOOKED.format(looked=looked), params)
    count, place, at = last[0] if last else (0, 0, None)
    # Of a rule there are more findings than decisions: the count of these may be less.
    full = count == LOOKED_AT if wanted.rule is None else _is_more(wanted, place)
    too_old = wanted.since is not None and at is not None and at < wanted.since - OVERLAP
    cut = full and not too_old
    return Found([key for _, key, _ in rows], place if cut else None, cut, count, at)


_COMMENTS = """
WITH looked AS MATERIALIZED ({looked})
SELECT DISTINCT c.id FROM looked k
JOIN moderation_decision d ON d.id = k.id
JOIN comments_comment c ON c.id = d.comment_id
WHERE d.by_id IS NULL AND d.to_status = '{status}' AND d.cause NOT IN ('erased', 'import-undo')
  AND c.status = '{status}' {where}
"""


def comments_of(wanted: Wanted, most: int) -> list[int]:
    """The comments of the newest `most` decisions of the log that still stand as they were decided."""
    if wanted.sites is not None and not wanted.sites:
        return []
    looked = (_ALL if wanted.rule is None else _OF_RULE).format(status=wanted.status)
    sql = _COMMENTS.format(looked=looked, status=wanted.status, where=_where(wanted))
    return [key for (key,) in bulk.fetch(sql, {**_params(wanted, None), "most": most})]


def _is_more(wanted: Wanted, place: int) -> bool:
    sql = """
    SELECT EXISTS (SELECT FROM moderation_finding f JOIN moderation_ruleversion v ON v.id = f.rule_version_id
        WHERE v.rule_id = %s AND f.id < %s)"""
    return bool(bulk.fetch(sql, [wanted.rule, place])[0][0])


def place_of(at: datetime) -> int | None:
    """A decision's id, before which all stand that were made until then; None where there is none."""
    found = bulk.fetch(_SEEK, {"at": at + OVERLAP})
    return found[0][0] if found else None


_NEWEST = 2**63 - 1


def _params(wanted: Wanted, after: int | None) -> dict[str, Any]:
    place = after
    if place is None and wanted.until is not None and wanted.rule is None:
        place = place_of(wanted.until)
    return {
        "after": _NEWEST if place is None else place,
        "most": LOOKED_AT,
        "page": PAGE + 1,
        "rule": wanted.rule,
        "sites": list(wanted.sites or ()),
        "site": wanted.site,
        "reason": wanted.reason,
        "since": wanted.since,
        "until": wanted.until,
        "text": wanted.text.casefold(),
        "folded": fold(wanted.text).text.strip(),
    }


# The folded text finds a word however it was typed; one that another folder stored is searched as it is.
_SEARCH = """AND (strpos(c.folded, %(folded)s) > 0 OR strpos(lower(c.body), %(text)s) > 0
    OR strpos(lower(c.author_name), %(text)s) > 0)"""


def _where(wanted: Wanted) -> str:
    parts = (
        (wanted.sites is not None, "AND c.site_id = ANY(%(sites)s)"),
        (wanted.site is not None, "AND c.site_id = %(site)s"),
        (wanted.reason is not None, "AND d.reason_id = %(reason)s"),
        (wanted.since is not None, "AND d.created_at >= %(since)s"),
        (wanted.until is not None, "AND d.created_at < %(until)s"),
        (bool(wanted.text), _SEARCH),
    )
    return " ".join(sql for given, sql in parts if given)
