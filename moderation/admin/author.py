"""What is known of the author of a comment: counts, rates, what was decided and noted before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comments import bulk
from comments.models import Comment
from moderation.models import Decision, Note

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SHOWN = 10
# His newest comments that are counted by status, and those whose decisions and notes are looked for.
COUNTED, LOOKED_AT = 1000, 200


@dataclass(frozen=True, slots=True)
class History:
    """What else the author wrote here, the newest first. Unknown (None) where nothing identifies him."""

    comments: list[Comment]
    counts: Mapping[str, int]
    decisions: list[Decision]
    notes: list[Note]

    @property
    def log(self) -> list[Decision | Note]:
        """What people decided and noted, the newest first."""
        return newest_first(self.decisions, self.notes)

    @property
    def total(self) -> int:
        """His other comments, as many as are counted."""
        return sum(self.counts.values())

    @property
    def rates(self) -> list[tuple[str, int, int]]:
        """Each status with how many have it and their share in percent, the most frequent first."""
        return [(status, count, round(100 * count / self.total)) for status, count in self._ranked]

    @property
    def _ranked(self) -> list[tuple[str, int]]:
        return sorted(self.counts.items(), key=lambda each: (-each[1], each[0]))

    @property
    def is_capped(self) -> bool:
        """Whether there are more of them than were counted."""
        return self.total >= COUNTED


def newest_first(decisions: Iterable[Decision], notes: Iterable[Note]) -> list[Decision | Note]:
    """Both as one log."""
    return sorted([*decisions, *notes], key=lambda each: each.created_at, reverse=True)


# A range of one key, see `CommentSet.newest_of`. A key is of one site: asked for inside, it would be looked
# for by an index of its own.
_COUNTED = """
SELECT status, count(*), coalesce(array_agg(id) FILTER (WHERE place <= %s), '{}') FROM (
    SELECT id, status, row_number() OVER () AS place FROM (
        SELECT id, status, site_id FROM comments_comment
        WHERE author_key >= %s AND author_key <= %s AND id <> %s
        ORDER BY author_key DESC, posted_at DESC LIMIT %s
    ) newest WHERE site_id = %s
) placed
GROUP BY status
"""


def history_of(comment: Comment, user: User) -> History | None:
    """The history of a comment's author, in four queries however much he wrote."""
    if comment.author_key is None:
        return None
    rows = Comment.objects.visible_to(user).newest_of(comment.author_key).exclude(pk=comment.pk)
    key = comment.author_key
    counted = bulk.fetch(_COUNTED, [LOOKED_AT, key, key, comment.pk, COUNTED, comment.site_id])
    keys = [each for _, _, newest in counted for each in newest]
    decisions = Decision.objects.filter(comment__in=keys, by__isnull=False).select_related("by", "reason")
    decisions = decisions.prefetch_related("notes")
    return History(
        comments=list(rows.select_related("article").defer("folded", "user_agent", "article__body")[:SHOWN]),
        counts={status: number for status, number, _ in counted},
        decisions=list(decisions.order_by("-pk")[:SHOWN]),
        notes=list(Note.objects.filter(comment__in=keys).select_related("by").order_by("-pk")[:SHOWN]),
    )
