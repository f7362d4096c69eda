"""Store one chunk of rows, with its counts and its place, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.db import transaction

from comments import bulk
from comments.articles import Disagreement, find_articles, names, put_articles
from comments.drafts import ArticleDraft, CommentDraft, Refused, canonical_url
from comments.formats.base import Notice, Problem, Row, Unreadable
from comments.imports.ledger import Ledger, refusal
from comments.imports.links import Reply, link
from comments.imports.runs import fence
from comments.imports.source import Numbered
from comments.lookup import Found, find_comments
from comments.models import Article, ArticleURL, ImportMark, ImportRun
from comments.services import Arrival, Origin, Outcome, receive
from comments.threads import descends

# A chunk ends with the first of these: rows enough that the round trips cost
# little beside them, and text that fits in memory some times over.
CHUNK_ROWS = 500
CHUNK_CHARACTERS = 2_000_000

TWICE = "an earlier row of the same source has the same id: the first one stands."
NO_ID = "a comment needs its id at the source."
_MOVED = Notice("moved", "It is stored at another article already: it stays there.")


Draft = TypeVar("Draft", ArticleDraft, CommentDraft)


def in_chunks(rows: Iterable[Numbered]) -> Iterator[list[Numbered]]:
    """Rows in chunks whose borders depend on the rows alone.

    What was read before an `Unreadable` is yielded before that is raised.
    """
    chunk: list[Numbered] = []
    size = 0
    try:
        for numbered in rows:
            chunk.append(numbered)
            row = numbered.row
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
    chunk.put(items(rows, ArticleDraft))
    chunk.receive(chunk.first_of_key(items(rows, CommentDraft)))
    chunk.run.position = rows[-1].position + 1
    return chunk.write()


@transaction.atomic
def store_waiting(run: ImportRun, rows: Sequence[Numbered]) -> ImportRun:
    """Settle comments that waited for their article: it is here now, or nowhere."""
    chunk = _Chunk(fence(run), last_call=True)
    chunk.receive(items(rows, CommentDraft))
    ImportMark.objects.filter(
        run=run, article=None, comment=None, position__in=[numbered.position for numbered in rows]
    ).delete()
    return chunk.write()


@dataclass(frozen=True, slots=True)
class Item(Generic[Draft]):
    """A row that holds a draft of one kind, with its place."""

    position: int
    row: Row
    draft: Draft

    @property
    def kind(self) -> str:
        return self.row.kind

    @property
    def place(self) -> str:
        return self.row.place


_Article = Item[ArticleDraft]
_Comment = Item[CommentDraft]


def items(rows: Sequence[Numbered], kind: type[Draft]) -> list[Item[Draft]]:
    return [
        Item(position, row, row.draft)
        for position, row in rows
        if isinstance(row, Row) and isinstance(row.draft, kind)
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
                self._refuse(article, "duplicate-id", TWICE)
                continue
            first.append(article)
            # What is refused names nothing, here as in a later chunk.
            if not isinstance(stored, Disagreement):
                seen |= named
        return first

    def first_of_key(self, comments: Sequence[_Comment]) -> list[_Comment]:
        """The comments without those whose id an earlier row of this run had."""
        keys = {comment.draft.external_id for comment in comments}
        marked = ImportMark.objects.filter(run=self.run, key__in=keys - {""})
        seen = set(marked.values_list("key", flat=True))
        known = find_comments(self.source.site_id, self.source.slug, keys)
        seen |= {key for key, comment in known.items() if comment.import_run_id == self.run.pk}
        first = []
        for comment in comments:
            key = comment.draft.external_id
            if not key:
                self._refuse(comment, "required", NO_ID)
            elif key in seen:
                self._refuse(comment, "duplicate-id", TWICE)
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
        known = find_comments(self.source.site_id, self.source.slug, keys)
        origin = Origin(self.source.site_id, self.source.slug, live=False, import_run_id=self.run.pk)
        arrivals = _arrivals(placed, known)
        received = receive(arrivals, origin, now=self.run.heartbeat_at, known=known)
        replies, new = [], set()
        for arrival, (comment, _), result in zip(arrivals, placed, received, strict=True):
            self.ledger.settle(comment.row, result.outcome)
            if result.outcome == Outcome.CREATED:
                new.add(result.comment_id)
                known[comment.draft.external_id] = Found(result.comment_id, arrival.article_id, self.run.pk)
            else:
                self._note_again(comment, arrival, known)
            if comment.draft.parent and result.parent_id is None:
                replies.append(_reply(comment, known))
        self._note_ids(new)
        for reply in link(replies, known, self.ledger):
            self._mark(reply, comment=reply.comment_id, parent=reply.parent)

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

    def _note_again(self, comment: _Comment, arrival: Arrival, known: Mapping[str, Found]) -> None:
        """Mark a comment that is stored since an earlier run, so that its id is taken for this one."""
        stored = known[comment.draft.external_id]
        if stored.article_id != arrival.article_id:
            self.ledger.notice(comment.kind, comment.place, _MOVED)
        self._mark(comment, key=comment.draft.external_id, comment=stored.id)

    def _note_ids(self, new: set[int]) -> None:
        if new:
            run = self.run
            run.first_comment_id = min(new) if run.first_comment_id is None else run.first_comment_id
            run.last_comment_id = max(new)

    def _refuse(self, item: _Article | _Comment, code: str, reason: str) -> None:
        self.ledger.refuse(refusal(item.row, code, reason), item.row.notices)

    def _mark(
        self,
        at: _Article | _Comment | Reply,
        *,
        key: str = "",
        article: int | None = None,
        comment: int | None = None,
        parent: str = "",
    ) -> None:
        self.marks.append((self.run.pk, at.position, at.kind, at.place[:200], key, article, comment, parent))

    def write(self) -> ImportRun:
        """Store marks, ledger and the run's own figures."""
        bulk.insert("comments_importmark", _MARK_COLUMNS, self.marks)
        self.ledger.write(self.run.pk)
        self.run.counts = self.ledger.counts
        self.run.save(
            update_fields=["counts", "position", "heartbeat_at", "first_comment_id", "last_comment_id"]
        )
        return self.run


def _reply(comment: _Comment, known: Mapping[str, Found]) -> Reply:
    stored = known[comment.draft.external_id]
    return Reply(
        comment.position, comment.kind, comment.place, stored.id, stored.article_id, comment.draft.parent
    )


def _arrivals(placed: Sequence[tuple[_Comment, int]], known: Mapping[str, Found]) -> list[Arrival]:
    """Arrivals with the parents that are stored or arrive with them.

    A reply left without one is looked at again when all of them are stored.
    """
    arriving = {comment.draft.external_id: at for at, (comment, _) in enumerate(placed)}
    parent_of: dict[int, int] = {}
    arrivals = []
    for at, (comment, article_id) in enumerate(placed):
        stored, parent = known.get(comment.draft.parent), arriving.get(comment.draft.parent)
        if stored is not None and stored.article_id == article_id:
            arrivals.append(Arrival(comment.draft, article_id, parent_id=stored.id))
            continue
        both_new = stored is None and comment.draft.external_id not in known
        if both_new and parent is not None:
            same_article = placed[parent][1] == article_id
            if same_article and not descends(parent, at, parent_of):
                parent_of[at] = parent
        arrivals.append(Arrival(comment.draft, article_id, parent_at=parent_of.get(at)))
    return arrivals


def article_keys(site_id: int, wanted: Iterable[str]) -> dict[str, int]:
    """`{id or URL as given: article's key}` of the articles that are stored."""
    given = sorted({name for name in wanted if name})
    if not given:
        return {}
    urls = {name: canonical_name(name) for name in given}
    with_id = Article.objects.filter(site=site_id, external_id__in=given)
    by_id = dict(with_id.values_list("external_id", "pk"))
    stored = ArticleURL.objects.filter(site=site_id, url__in=[url for url in urls.values() if "://" in url])
    by_url = dict(stored.values_list("url", "article_id"))
    keys = {name: by_id.get(name) or by_url.get(urls[name]) for name in given}
    return {name: key for name, key in keys.items() if key is not None}


def canonical_name(name: str) -> str:
    """The URL in its one spelling where the name of an article is one, else the name."""
    try:
        return canonical_url(name) if "://" in name else name
    except Refused:
        return name
