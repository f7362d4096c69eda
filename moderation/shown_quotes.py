"""Which of a quote's source a publisher's readers may see.

The article is the publisher's own, with every text that it had. Of a comment
they see what is published; of any other only the verdict is told. A nearest
passage, a likeness or a difference would spell a hidden text out, one guess
after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """The sources that may be told: `{comment: its public id}`, `{article revision: its number}`."""

    comments: Mapping[int, UUID]
    revisions: Mapping[int, int]

    def source(self, traced: Traced) -> Row | None:
        """The place that a quote was traced to, None if it may not be told."""
        source = traced.source
        if source is None:
            return None
        place: dict[str, Any] = {"field": source.field, "start": traced.start, "end": traced.end}
        if source.is_comment and source.id in self.comments:
            name = {"kind": "comment", "id": self.comments[source.id], "revision": source.revision}
            return name | place
        if not source.is_comment and source.revision in self.revisions:
            return {"kind": "article", "id": None, "revision": self.revisions[source.revision]} | place
        return None


def shown(quotes: Sequence[Traced]) -> Shown:
    """What of the quotes' sources may be told: two queries at most."""
    sources = [traced.source for traced in quotes if traced.source]
    return Shown(
        _published([source for source in sources if source.is_comment]),
        _numbers([source for source in sources if not source.is_comment]),
    )


def _published(sources: Sequence[Source]) -> dict[int, UUID]:
    """The comments whose text is the one that readers see."""
    revisions = {source.id: source.revision for source in sources}
    if not revisions:
        return {}
    rows = Comment.objects.filter(pk__in=revisions, status=Status.PUBLISHED)
    return {
        key: public_id
        for key, public_id, revision, published in rows.values_list(
            "pk", "public_id", "revision", "published_revision"
        )
        if revisions[key] == (published or revision)
    }


def _numbers(sources: Sequence[Source]) -> dict[int, int]:
    keys = {source.revision for source in sources}
    if not keys:
        return {}
    return dict(ArticleRevision.objects.filter(pk__in=keys).values_list("pk", "number"))
