"""Store one chunk of rows, with its counts and its place, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import transaction

from comments import bulk
from comments.articles import Disagreement, find_articles, names, put_articles
from comments.drafts import ArticleDraft, CommentDraft, Refused, canonical_url
from comments.formats.base import Notice, Problem, Row, Unreadable
from comments.imports.ledger import Ledger, kind_of, refusal
from comments.imports.links import Known, Reply, known_comments, link
from comments.imports.runs import fence
from comments.models import Article, ArticleURL, ImportMark, ImportRun
from comments.services import Arrival, Origin, Outcome, Received, receive

# A chunk ends with the first of these: rows enough that the round trips cost
# little beside them, and text that fits in memory some times over.
CHUNK_ROWS = 500
CHUNK_CHARACTERS = 2_000_000

_TWICE = "an earlier row of the same source has the same id: the first one stands."
_MOVED = Notice("moved", "It is stored at another article already: it stays there.")


class Numbered(NamedTuple):
    """A row and its place among all rows of the source, from 0."""

    position: int
    row: Row | Problem


def chunks(rows: Iterable[Row | Problem], skip: int = 0) -> Iterator[list[Numbered]]:
    """The rows after the first `skip`, in chunks whose borders depend on the rows alone.

    What was read before an `Unreadable` is yielded before that is raised.
    """
    chunk: list[Numbered] = []
    size = 0
    try:
        for position, row in enumerate(rows):
            if position < skip:
                continue
            chunk.append(Numbered(position, row))
            size += len(row.raw if isinstance(row, Problem) else row.draft.body)
            if len(chunk) == CHUNK_ROWS or size > CHUNK_CHARACTERS:
                yield chunk
                chunk, size = [], 0
    except Unreadable:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


@transaction.atomic
def store(run: ImportRun, rows: Sequence[Numbered]) -> ImportRun:
    """Settle rows on the first way through the source; the run as it then stands.

    A comment whose article is not known yet is marked and settled by
    `store_waiting`. Raises `TakenOver`.
    """
    chunk = _Chunk(fence(run))
    for numbered in rows:
        if isinstance(numbered.row, Problem):
            chunk.ledger.refuse(numbered.row)
    chunk.put(_articles(rows))
    chunk.receive(chunk.first_of_key(_comments(rows)))
    chunk.run.position = rows[-1].position + 1
    return chunk.write()


@transaction.atomic
def store_waiting(run: ImportRun, rows: Sequence[Numbered]) -> ImportRun:
    """Settle comments that waited for their article: it is here now, or nowhere."""
    chunk = _Chunk(fence(run), last_call=True)
    chunk.receive(_comments(rows))
    ImportMark.objects.filter(
        run=run, article=None, comment=None, position__in=[numbered.position for numbered in rows]
    ).delete()
    return chunk.write()


class _Article(NamedTuple):
    position: int
    row: Row
    draft: ArticleDraft


class _Comment(NamedTuple):
    position: int
    row: Row
    draft: CommentDraft


def _articles(rows: Sequence[Numbered]) -> list[_Article]:
    return [
        _Article(position, row, row.draft)
        for position, row in rows
        if isinstance(row, Row) and isinstance(row.draft, ArticleDraft)
    ]


def _comments(rows: Sequence[Numbered]) -> list[_Comment]:
    return [
        _Comment(position, row, row.draft)
        for position, row in rows
        if isinstance(row, Row) and isinstance(row.draft, CommentDraft)
    ]


_MARK_COLUMNS = {
    "run_id": "bigint",
    "position": "bigint",
    "kind": "text",
    "place": "text",
    "key": "text",
    "article": "bigint",
    "comment": "bigint",
    "parent": "text",
}


@dataclass
class _Chunk:
    """What the rows of one chunk do; `run` is its locked row."""

    run: ImportRun
    last_call: bool = False
    marks: list[tuple[object, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.source = self.run.source
        self.ledger = Ledger(self.run.counts)

    def put(self, articles: Sequence[_Article]) -> None:
        """Store articles, except those that an earlier row has named."""
        first = self._first_of_article(articles)
        puts = put_articles([article.draft for article in first], self.source.site)
        for article, put in zip(first, puts, strict=True):
            if isinstance(put, Disagreement):
                self.ledger.refuse(refusal(article.row, "disagreement", str(put)), article.row.notices)
            else:
                self.ledger.settle(article.row, put.outcome)
                self._mark(article, article=put.article.pk)

    def _first_of_article(self, articles: Sequence[_Article]) -> list[_Article]:
        if not articles:
            return []
        found = find_articles([article.draft for article in articles], self.source.site)
        keys = [article.pk for article in found if isinstance(article, Article)]
        marked = ImportMark.objects.filter(run=self.run, article__in=keys)
        seen: set[object] = set(marked.values_list("article", flat=True))
        first = []
        for article, stored in zip(articles, found, strict=True):
            named: set[object] = {*names(article.draft)}
            if isinstance(stored, Article):
                named.add(stored.pk)
            if named & seen:
                self._refuse(article, "duplicate-id", _TWICE)
            else:
                first.append(article)
            seen |= named
        return first

    def first_of_key(self, comments: Sequence[_Comment]) -> list[_Comment]:
        """The comments without those whose id an earlier row of this run had."""
        keys = {comment.draft.external_id for comment in comments}
        marked = ImportMark.objects.filter(run=self.run, key__in=keys - {""})
        seen = set(marked.values_list("key", flat=True))
        known = known_comments(self.source.site_id, self.source.slug, keys)
        seen |= {key for key, comment in known.items() if comment.run_id == self.run.pk}
        first = []
        for comment in comments:
            key = comment.draft.external_id
            if not key:
                self._refuse(comment, "required", "a comment needs its id at the source.")
            elif key in seen:
                self._refuse(comment, "duplicate-id", _TWICE)
            else:
                first.append(comment)
            seen.add(key)
        return first

    def receive(self, comments: Sequence[_Comment]) -> None:
        """Store comments, find their parents, mark what later rows must know."""
        placed = self._placed(comments)
        if not placed:
            return
        drafts = [comment.draft for comment, _ in placed]
        keys = {draft.external_id for draft in drafts} | {draft.parent for draft in drafts}
        known = known_comments(self.source.site_id, self.source.slug, keys)
        arrivals = [
            Arrival(comment.draft, article_id, _parent(known.get(comment.draft.parent), article_id))
            for comment, article_id in placed
        ]
        origin = Origin(self.source.site_id, self.source.slug, live=False, import_run_id=self.run.pk)
        received = receive(arrivals, origin, now=self.run.heartbeat_at)
        self._settle(placed, received, known)

    def _placed(self, comments: Sequence[_Comment]) -> list[tuple[_Comment, int]]:
        """The comments whose article is known, with its key."""
        articles = article_keys(self.source.site_id, (comment.draft.article for comment in comments))
        placed = []
        for comment in comments:
            article_id = articles.get(comment.draft.article)
            if article_id is not None:
                placed.append((comment, article_id))
            elif self.last_call:
                reason = f"there is no article {comment.draft.article!r}, in the source or stored before."
                self._refuse(comment, "unknown-article", reason)
            else:
                self._mark(comment, key=comment.draft.external_id)
        return placed

    def _settle(
        self, placed: Sequence[tuple[_Comment, int]], received: Sequence[Received], known: dict[str, Known]
    ) -> None:
        replies, again, new = [], {}, set()
        for (comment, article_id), result in zip(placed, received, strict=True):
            draft, row = comment.draft, comment.row
            self.ledger.settle(row, result.outcome)
            if result.outcome == Outcome.CREATED:
                known[draft.external_id] = Known(result.comment_id, article_id)
                new.add(result.comment_id)
            else:
                again[comment.position] = comment
                article_id = known[draft.external_id].article_id if draft.external_id in known else article_id
            if draft.parent and result.parent_id is None:
                kind = kind_of(draft)
                replies.append(
                    Reply(comment.position, kind, row.place, result.comment_id, article_id, draft.parent)
                )
        self._note_ids(new)
        waiting = {reply.position: reply for reply in link(replies, known, self.ledger, new)}
        for (comment, article_id), result in zip(placed, received, strict=True):
            position, draft = comment.position, comment.draft
            stored = known.get(draft.external_id)
            if position in again and stored is not None and stored.article_id != article_id:
                self.ledger.notice(kind_of(draft), comment.row.place, _MOVED)
            if position in waiting or (position in again and not self.last_call):
                parent = draft.parent if position in waiting else ""
                self._mark(comment, key=draft.external_id, comment=result.comment_id, parent=parent)

    def _note_ids(self, new: set[int]) -> None:
        if new:
            run = self.run
            run.first_comment_id = min(new) if run.first_comment_id is None else run.first_comment_id
            run.last_comment_id = max(new)

    def _refuse(self, item: _Article | _Comment, code: str, reason: str) -> None:
        self.ledger.refuse(refusal(item.row, code, reason), item.row.notices)

    def _mark(
        self,
        item: _Article | _Comment,
        *,
        key: str = "",
        article: int | None = None,
        comment: int | None = None,
        parent: str = "",
    ) -> None:
        place = item.row.place[:200]
        self.marks.append(
            (self.run.pk, item.position, kind_of(item.draft), place, key, article, comment, parent)
        )

    def write(self) -> ImportRun:
        """Store marks, ledger and the run's own figures."""
        bulk.insert("comments_importmark", _MARK_COLUMNS, self.marks)
        self.ledger.write(self.run.pk)
        self.run.counts = self.ledger.counts
        self.run.save(
            update_fields=["counts", "position", "heartbeat_at", "first_comment_id", "last_comment_id"]
        )
        return self.run


def _parent(known: Known | None, article_id: int) -> int | None:
    return known.id if known and known.article_id == article_id else None


def article_keys(site_id: int, wanted: Iterable[str]) -> dict[str, int]:
    """`{id or URL as given: article's key}` of the articles that are stored."""
    given = sorted({name for name in wanted if name})
    if not given:
        return {}
    urls = {name: url for name in given if (url := _url(name))}
    by_id = dict(
        Article.objects.filter(site=site_id, external_id__in=given).values_list("external_id", "pk")
    )
    by_url: dict[str, int] = {}
    if urls:
        stored = ArticleURL.objects.filter(site=site_id, url__in=set(urls.values()))
        by_url = dict(stored.values_list("url", "article_id"))
    keys = {name: by_id.get(name) or by_url.get(urls.get(name, "")) for name in given}
    return {name: key for name, key in keys.items() if key is not None}


def _url(name: str) -> str:
    if "://" not in name:
        return ""
    try:
        return canonical_url(name)
    except Refused:
        return ""
