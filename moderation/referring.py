"""The comments that a body refers to by their numbers: one query, none where it refers to nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from comments.models import Comment
from moderation.quotes import Moment, Quoted, ReferenceVerdict, find_references, resolve


@dataclass(frozen=True, slots=True)
class Referred:
    """A number that stands at `body[start:end]`, what became of it, and the id of the comment that has it."""

    start: int
    end: int
    number: int
    verdict: ReferenceVerdict
    comment: int | None


def referred(body: str, quoted: Sequence[Quoted], article_id: int, before: Moment) -> list[Referred]:
    """What a body refers to, in its order; `quoted` are its own quotes, `before` is the comment's moment."""
    references = find_references(body, quoted)
    placed = _placed(article_id, {number for each in references for number in each.numbers})
    return [
        Referred(each.start, each.end, found.number, found.verdict, found.comment)
        for each in references
        for found in resolve(each, placed, before)
    ]


def _placed(article_id: int, numbers: Collection[int]) -> dict[int, tuple[Moment, int]]:
    if not numbers:
        return {}
    rows = Comment.objects.filter(article_id=article_id, number__in=numbers).order_by("posted_at", "pk")
    found = rows.values_list("number", "posted_at", "pk")
    return {number: ((at, key), key) for number, at, key in found if number is not None}
