"""What a comment refers to by number, with the comments that are meant.

Two queries, and none for a comment without references.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comments.models import Comment
from moderation.quote_words import reference_in_words
from moderation.quotes import ReferenceVerdict, find
from moderation.referring import Referred, referred


@dataclass(frozen=True, slots=True)
class Refers:
    """A number that a comment refers to, what became of it, and the comment that has it."""

    number: int
    verdict: str
    good: bool
    comment: Comment | None


def references_of(comment: Comment) -> list[Refers]:
    """What today's text refers to, each number once, in the order of the text."""
    found: dict[int, Referred] = {}
    moment = (comment.posted_at, comment.pk)
    for each in referred(comment.body, find(comment.body), comment.article_id, moment):
        found.setdefault(each.number, each)
    return _with_comments(list(found.values()))


def _with_comments(found: Sequence[Referred]) -> list[Refers]:
    keys = [each.comment for each in found if each.comment is not None]
    rows = Comment.objects.defer("folded", "user_agent").in_bulk(keys) if keys else {}
    return [
        Refers(
            each.number,
            reference_in_words(each.verdict),
            each.verdict is ReferenceVerdict.RESOLVED,
            rows.get(each.comment or 0),
        )
        for each in found
    ]
