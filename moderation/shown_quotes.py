"""Which of a quote's source a publisher's readers may see.

The article is the publisher's own, with every text that it had. Of a comment
they see what is published; of any other only the verdict is told. A nearest
passage, a likeness or a difference would spell a hidden text out, one guess
after the other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comments.models import ArticleRevision, Comment, Status

if TYPE_CHECKING:
    from uuid import UUID

    from moderation.quotes import Source, Traced

Row = Mapping[str, Any]

# Characters of a nearest passage that are told.
PASSAGE = 1_000


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be told: the public ids of `{comment: id}`, the numbers of `{article revision: number}`.

    Of the comments in `hidden` readers see another text than the one that was traced to.
    """

    comments: Mapping[int, UUID]
    revisions: Mapping[int, int]
    hidden: Collection[int] = ()

    def conceals(self, traced: Traced) -> bool:
        """Whether the quote has a source that may not be told."""
        return traced.source is not None and self.source(traced) is None

    def source(self, traced: Traced) -> Row | None:
        """The place that a quote was traced to, None if it may not be told."""
        source = traced.source
        if source is None:
            return None
        place: dict[str, Any] = {"field": source.field, "start": traced.start, "end": traced.end}
        if source.is_comment and source.id in self.comments and source.id not in self.hidden:
            name = {"kind": "comment", "id": self.comments[source.id], "revision": source.revision}
            return name | place
        if not source.is_comment and source.revision in self.revisions:
            return {"kind": "article", "id": None, "revision": self.revisions[source.revision]} | place
        return None


def shown(quotes: Sequence[Traced], others: Collection[int] = ()) -> Shown:
    """What of the quotes' sources, and which of `others`, may be told: two queries at most."""
    sources = [traced.source for traced in quotes if traced.source]
    revisions = {source.id: source.revision for source in sources if source.is_comment}
    published = _published({*revisions, *others})
    return Shown(
        {key: public_id for key, (public_id, _) in published.items()},
        _numbers([source for source in sources if not source.is_comment]),
        {key for key, (_, seen) in published.items() if revisions.get(key, seen) != seen},
    )


def _published(keys: Collection[int]) -> dict[int, tuple[UUID, int]]:
    """`{comment: its public id and the revision that readers see}`."""
    if not keys:
        return {}
    rows = Comment.objects.filter(pk__in=keys, status=Status.PUBLISHED)
    return {
        key: (public_id, published or revision)
        for key, public_id, revision, published in rows.values_list(
            "pk", "public_id", "revision", "published_revision"
        )
    }


def _numbers(sources: Sequence[Source]) -> dict[int, int]:
    keys = {source.revision for source in sources}
    if not keys:
        return {}
    return dict(ArticleRevision.objects.filter(pk__in=keys).values_list("pk", "number"))
