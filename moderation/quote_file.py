"""The quotes of a file in our own JSONL, traced without a database. Pure.

The file is read twice. The first time every line is checked, and what is kept
of it is where it stands; the second time the lines of one article are read
together, so that no more than one article's texts are held at once.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, BinaryIO

from comments.drafts import ArticleDraft, CommentDraft, SourceState
from comments.formats.base import Options, Problem, Row
from comments.formats.jsonl import LINE_LIMIT, read_row
from comments.formats.lines import Line, read_lines
from moderation.quotes import Source, Sources, Traced, trace_body

# A time that names no zone can only be compared with others of its file.
_OPTIONS = Options(zone=UTC)
# A comment without a time comes after all that have one, as an import would have it.
_LAST = datetime.max.replace(tzinfo=UTC)
_FIRST = datetime.min.replace(tzinfo=UTC)
_HIDDEN = {SourceState.SPAM, SourceState.TRASH}
# The one article that a thread is about: its texts tell themselves apart by their revision.
_ARTICLE = 0


@dataclass(slots=True)
class _Lines:
    """Where the lines of one article stand in the file, in bytes."""

    first: str
    offsets: "array[int]" = field(default_factory=lambda: array("q"))
    has_text: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A quote of the file, with the file's own ids."""

    comment: str
    traced: Traced
    source_id: str = ""

    def document(self) -> dict[str, Any]:
        """The quote as `manage.py trace_quotes` prints it."""
        traced, source = self.traced, self.traced.source
        place = {"start": traced.start, "end": traced.end}
        return {
            "comment": self.comment,
            "start": traced.quoted.start,
            "end": traced.quoted.end,
            "quote": traced.quoted.text,
            "verdict": traced.verdict,
            "source": source and {"kind": source.kind, "id": self.source_id, **place},
            "similarity": round(traced.similarity, 4),
            "differences": [
                {"kind": each.kind, "quoted": each.quoted, "source": each.source}
                for each in traced.differences
            ],
            "ambiguous": traced.ambiguous,
        }


class QuoteFile:
    """A file that can be read again, in our own JSONL.

    `read` first, then `trace`. Eight bytes a line are kept, and the ids of
    the articles.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._articles: dict[str, _Lines] = {}

    @property
    def articles(self) -> int:
        """How many articles the lines name."""
        return len(self._articles)

    def read(self, step: Callable[[int], None] = lambda _: None) -> Iterator[Problem]:
        """Check every line: those that cannot be taken in, then articles that have none.

        `step` is told of the bytes read. Raises `Unreadable`.
        """
        for line in read_lines(self._stream, LINE_LIMIT):
            step(line.offset)
            if not line.data.strip() and line.whole:
                continue
            row = read_row(line, _OPTIONS)
            if isinstance(row, Problem):
                yield row
            else:
                self._note(row, line.offset)
        for name, lines in self._articles.items():
            if not lines.has_text:
                yield _without_article(name, lines)

    def _note(self, row: Row, offset: int) -> None:
        is_article = isinstance(row.draft, ArticleDraft)
        name = row.draft.external_id if isinstance(row.draft, ArticleDraft) else row.draft.article
        lines = self._articles.setdefault(name, _Lines(row.place))
        lines.offsets.append(offset)
        lines.has_text |= is_article

    def trace(self, *, parents: bool = True, step: Callable[[int], None] = lambda _: None) -> Iterator[Found]:
        """Every quote of the file, article by article, each in the order of its comments.

        Without `parents` the given ones do not help. `step` is told of the
        articles that are done.
        """
        for done, (name, lines) in enumerate(self._articles.items(), start=1):
            yield from trace_thread(name, self._drafts(lines), parents=parents)
            step(done)

    def _drafts(self, lines: _Lines) -> list[ArticleDraft | CommentDraft]:
        drafts: list[ArticleDraft | CommentDraft] = []
        for offset in lines.offsets:
            self._stream.seek(offset)
            row = read_row(Line(0, offset, self._stream.readline().rstrip(b"\r\n")), _OPTIONS)
            assert isinstance(row, Row), "the file has changed since it was checked"
            drafts.append(row.draft)
        return drafts


def _without_article(name: str, lines: _Lines) -> Problem:
    return Problem(
        place=lines.first,
        kind="comments",
        code="no-article",
        reason=f"article: {name!r} is on no line of the file. Its comments are traced to each other alone.",
    )


def trace_thread(
    article_id: str, drafts: Sequence[ArticleDraft | CommentDraft], *, parents: bool = True
) -> Iterator[Found]:
    """The quotes of one article's comments, in the order of their times.

    An article that is there twice has two texts, of which the later replaced
    the former. Of a comment that is there twice the later text counts.
    """
    texts = [draft for draft in drafts if isinstance(draft, ArticleDraft)]
    by_id = {draft.external_id: draft for draft in drafts if isinstance(draft, CommentDraft)}
    comments = sorted(by_id.values(), key=lambda draft: draft.posted_at or _LAST)
    keys = {draft.external_id: key for key, draft in enumerate(comments, start=1)}
    names = [article_id, *keys]
    sources = Sources([])
    sources.extend(_texts(texts))
    sources.extend([_comment(key, draft) for key, draft in enumerate(comments, start=1)])
    for key, draft in enumerate(comments, start=1):
        parent = keys.get(draft.parent) if parents else None
        moment = (draft.posted_at or _LAST, key)
        for traced in trace_body(draft.body, sources, parent=parent, before=moment):
            source = traced.source
            yield Found(draft.external_id, traced, names[source.id] if source else "")


def _comment(key: int, draft: CommentDraft) -> Source:
    """A comment as a source; its number is its place among those of the article."""
    return Source(
        "comment",
        key,
        1,
        "body",
        draft.body,
        posted_at=draft.posted_at or _LAST,
        number=draft.number or key,
        author=draft.author_name,
        hidden=draft.state in _HIDDEN,
    )


def _texts(drafts: Sequence[ArticleDraft]) -> list[Source]:
    """Every text of an article.

    When one took another's place is told by the later one's `published_at`,
    if it is indeed later; otherwise nobody can have seen the former.
    """
    differing = [
        draft
        for at, draft in enumerate(drafts)
        if at == 0 or (draft.title, draft.body) != (drafts[at - 1].title, drafts[at - 1].body)
    ]
    changes = [_changed_at(one, other) for one, other in pairwise(differing)]
    sources: list[Source] = []
    for number, draft in enumerate(differing, start=1):
        since = changes[number - 2] if number > 1 else None
        until = changes[number - 1] if number <= len(changes) else None
        for name, text in (("title", draft.title), ("body", draft.body)):
            sources.append(Source("article", _ARTICLE, number, name, text, posted_at=since, until=until))
    return sources


def _changed_at(one: ArticleDraft, other: ArticleDraft) -> datetime:
    if one.published_at and other.published_at and one.published_at < other.published_at:
        return other.published_at
    return _FIRST
