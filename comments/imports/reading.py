"""The reader of a run: articles are stored, comments handed on, all in the order of the source.

All that depends on the order of rows is settled here, where the order is
known: which of two rows with one id stands, which article a comment belongs
to, which key it gets, whether its parent stands before it. So the handed-on
chunks may be stored by anybody in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from comments.articles import Disagreement, find_articles, names, put_articles
from comments.drafts import ArticleDraft, CommentDraft
from comments.formats.base import Problem, Row
from comments.imports import marks
from comments.imports.chunks import NO_ID, TWICE, Item, article_keys, items
from comments.imports.handing import Handed, pack
from comments.imports.ledger import Ledger, refusal
from comments.imports.marks import Mark
from comments.imports.runs import fence
from comments.imports.seen import Seen
from comments.imports.source import Numbered
from comments.models import Article, ImportChunk, ImportMark, ImportRun
from comments.services import new_keys

_Article = Item[ArticleDraft]
_Comment = Item[CommentDraft]


def unread(rows: Iterable[Numbered], position: int, seen: Seen) -> Iterator[Numbered]:
    """The rows from `position` on; the ids of those before it are noted as read."""
    for numbered in rows:
        if numbered.position >= position:
            yield numbered
        elif isinstance(numbered.row, Row) and isinstance(numbered.row.draft, CommentDraft):
            seen.add(numbered.row.draft.external_id)


@transaction.atomic
def read(run: ImportRun, rows: Sequence[Numbered], seen: Seen) -> ImportRun:
    """Settle a chunk of rows on the first way through the source; the run as it then stands.

    A comment whose article is not known yet is marked and settled by
    `read_waiting`. Raises `TakenOver`.
    """
    step = _Step(fence(run))
    for position, row in rows:
        if isinstance(row, Problem):
            step.ledger.refuse(position, row)
    step.put(items(rows, ArticleDraft))
    step.hand_on(step.first_of_key(items(rows, CommentDraft), seen))
    step.run.position = rows[-1].position + 1
    return step.write()


@transaction.atomic
def read_waiting(run: ImportRun, rows: Sequence[Numbered]) -> ImportRun:
    """Settle comments that waited for their article: it is here now, or nowhere."""
    step = _Step(fence(run), last_call=True)
    waited = ImportMark.objects.filter(
        run=run, article=None, comment=None, position__in=[numbered.position for numbered in rows]
    )
    forward = dict(waited.values_list("position", "forward"))
    step.hand_on([(comment, forward[comment.position]) for comment in items(rows, CommentDraft)])
    waited.delete()
    return step.write()


@dataclass
class _Step:
    """What the rows of one chunk do; `run` is its locked row."""

    run: ImportRun
    last_call: bool = False
    marks: list[Mark] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site = self.run.source.site_id
        self.ledger = Ledger(self.run.counts)

    def put(self, articles: Sequence[_Article]) -> None:
        """Store articles, except those that an earlier row has named."""
        first = self._first_of_article(articles)
        puts = put_articles([article.draft for article in first], self.run.source.site)
        for article, put in zip(first, puts, strict=True):
            if isinstance(put, Disagreement):
                self._refuse(article, "disagreement", str(put))
            else:
                self.ledger.settle(article.position, article.row, put.outcome)
                self._mark(article, article=put.article.pk)

    def _first_of_article(self, articles: Sequence[_Article]) -> list[_Article]:
        if not articles:
            return []
        found = find_articles([article.draft for article in articles], self.run.source.site)
        keys = [article.pk for article in found if isinstance(article, Article)]
        marked = ImportMark.objects.filter(run=self.run, article__in=keys)
        taken: set[object] = set(marked.values_list("article", flat=True))
        first = []
        for article, stored in zip(articles, found, strict=True):
            named: set[object] = {*names(article.draft)}
            if isinstance(stored, Article):
                named.add(stored.pk)
            if named & taken:
                self._refuse(article, "duplicate-id", TWICE)
                continue
            first.append(article)
            # What is refused names nothing, here as in a later chunk.
            if not isinstance(stored, Disagreement):
                taken |= named
        return first

    def first_of_key(self, comments: Sequence[_Comment], seen: Seen) -> list[tuple[_Comment, bool]]:
        """The comments without those whose id an earlier row had.

        With each, whether no earlier row is the parent that it names.
        """
        taken = seen.among([key for each in comments for key in (each.draft.external_id, each.draft.parent)])
        first = []
        for comment in comments:
            key, parent = comment.draft.external_id, comment.draft.parent
            if not key:
                self._refuse(comment, "required", NO_ID)
            elif key in taken:
                self._refuse(comment, "duplicate-id", TWICE)
            else:
                first.append((comment, bool(parent) and parent not in taken))
                taken.add(key)
                seen.add(key)
        return first

    def hand_on(self, comments: Sequence[tuple[_Comment, bool]]) -> None:
        """Hand on the comments whose article is known; mark or refuse the others."""
        articles = article_keys(self.site, (comment.draft.article for comment, _ in comments))
        placed = []
        for comment, forward in comments:
            article = articles.get(comment.draft.article)
            if article is not None:
                placed.append((comment, forward, article))
            elif self.last_call:
                reason = f"there is no article {comment.draft.article!r}, in the source or stored before."
                self._refuse(comment, "unknown-article", reason)
            else:
                self._mark(comment, forward=forward)
        if not placed:
            return
        keys = new_keys(len(placed))
        handed = [
            Handed(comment.position, key, article, forward, comment.row, comment.draft)
            for key, (comment, forward, article) in zip(keys, placed, strict=True)
        ]
        number = ImportChunk.objects.filter(run=self.run).count()
        ImportChunk.objects.create(run=self.run, number=number, payload=pack(handed))
        self.run.first_comment_id = self.run.first_comment_id or keys[0]
        self.run.last_comment_id = keys[-1]

    def _mark(self, item: _Article | _Comment, *, article: int | None = None, forward: bool = False) -> None:
        self.marks.append(
            Mark(self.run.pk, item.position, item.kind, item.place, article=article, forward=forward)
        )

    def _refuse(self, item: _Article | _Comment, code: str, reason: str) -> None:
        self.ledger.refuse(item.position, refusal(item.row, code, reason), item.row.notices)

    def write(self) -> ImportRun:
        """Store marks, ledger and the run's own figures."""
        marks.write(self.marks)
        self.ledger.write(self.run.pk)
        self.run.counts = self.ledger.counts
        self.run.save(
            update_fields=["counts", "position", "heartbeat_at", "first_comment_id", "last_comment_id"]
        )
        return self.run
