"""Which comment answers which: given by its source, or inferred from what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from comments import bulk
from comments.models import ParentHow


@dataclass(frozen=True, slots=True)
class Parent:
    """The comment that another answers, how we know and, if it was inferred, how sure: in percent."""

    comment_id: int
    how: ParentHow = ParentHow.GIVEN
    sure: int | None = None


# An inferred parent is a comment of the same article that was there before.
_SET_PARENTS = """
UPDATE comments_comment c
SET parent_id = p.parent, parent_how = p.how, parent_sure = p.sure, version = c.version + 1
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::smallint[]) AS p(id, parent, how, sure)
WHERE c.id = p.id AND p.id <> p.parent AND c.parent_how <> 'given'
  AND (c.parent_id, c.parent_how, c.parent_sure) IS DISTINCT FROM (p.parent, p.how, p.sure)
  AND (p.how = 'given' OR EXISTS (
    SELECT 1 FROM comments_comment a
    WHERE a.id = p.parent AND a.article_id = c.article_id AND (a.posted_at, a.id) < (c.posted_at, c.id)))
"""


def set_parents(parents: Mapping[int, Parent]) -> None:
    """Write `{comment id: parent}`. A given parent stays; an inferred one gives way to any other.

    Given ones must close no cycle; of inferred ones those that would are left out.
    """
    wanted = _without_cycles(parents)
    keys = sorted(wanted)
    if not keys:
        return
    rows = [wanted[key] for key in keys]
    columns = [[row.comment_id for row in rows], [row.how for row in rows], [row.sure for row in rows]]
    bulk.execute(_SET_PARENTS, [keys, *columns])


def forget_parents(comments: Sequence[int]) -> None:
    """These comments say no longer whom they answer: inferred parents go, given ones stay."""
    if comments:
        bulk.execute(
            """UPDATE comments_comment
               SET parent_id = NULL, parent_how = '', parent_sure = NULL, version = version + 1
               WHERE id = ANY(%s) AND parent_how NOT IN ('', 'given')""",
            [sorted(comments)],
        )


def _without_cycles(parents: Mapping[int, Parent]) -> dict[int, Parent]:
    """Those that let nobody answer himself. Times alone do not tell: a given parent may be later."""
    inferred = {key for key, parent in parents.items() if parent.how != ParentHow.GIVEN}
    parent_of = ancestors(parents[key].comment_id for key in inferred)
    kept: dict[int, Parent] = {}
    for key, parent in sorted(parents.items()):
        if key not in inferred or not descends(parent.comment_id, key, parent_of):
            kept[key] = parent
            parent_of[key] = parent.comment_id
    return kept


def descends(comment: int | None, ancestor: int, parent_of: Mapping[int, int]) -> bool:
    """Whether a comment is `ancestor` or answers it, directly or not."""
    seen: set[int] = set()
    while comment is not None and comment not in seen:
        if comment == ancestor:
            return True
        seen.add(comment)
        comment = parent_of.get(comment)
    return False


def ancestors(comments: Iterable[int]) -> dict[int, int]:
    """`{comment: parent}` from these comments upwards, as stored."""
    keys = sorted(set(comments))
    if not keys:
        return {}
    rows = bulk.fetch(
        """WITH RECURSIVE up(id, parent_id) AS (
               SELECT id, parent_id FROM comments_comment WHERE id = ANY(%s)
               UNION
               SELECT c.id, c.parent_id FROM comments_comment c JOIN up ON c.id = up.parent_id
           ) SELECT id, parent_id FROM up WHERE parent_id IS NOT NULL""",
        [keys],
    )
    return dict(rows)
