"""Remark42's own backup: a line about users and posts, then a comment a line, as JSON."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from comments.drafts import (
    BODY_LIMIT,
    TITLE_LIMIT,
    ArticleDraft,
    CommentDraft,
    Refused,
    SourceState,
    canonical_url,
)
from comments.formats.base import Notice, Options, Problem, Row
from comments.formats.foreign import Met, deleted, identity, json_object, nested, person, text
from comments.formats.jsonl import LINE_LIMIT
from comments.formats.lines import Line, read_lines
from comments.formats.plain import one_line, plain
from comments.formats.values import cut, iso_time

_META = re.compile(rb'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"(users|posts)"\s*:')
_COMMENT = (b'"locator"', b'"pid"')


class Remark42:
    """The reader of Remark42 backups."""

    slug = "remark42"
    title = "Remark42 backup"
    policy = "flag"

    def sniff(self, head: bytes) -> bool:
        """The line that every backup begins with, or a comment's own fields."""
        first = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
        return bool(_META.match(first)) or (first[:1] == b"{" and all(key in first for key in _COMMENT))

    def read(self, stream: BinaryIO, options: Options) -> Iterator[Row | Problem]:
        """Each page when it is first named, and each comment."""
        reader = _Reader(options)
        for line in read_lines(stream, LINE_LIMIT):
            if line.data.strip() or not line.whole:
                yield from reader.line(line)


class _Reader:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._met = Met()
        self._read_only: set[str] = set()
        self._first: tuple[Notice, ...] = ()

    def line(self, line: Line) -> Iterator[Row | Problem]:
        place = f"line {line.number}"
        try:
            row = json_object(line)
            if line.number == 1 and "locator" not in row and "users" in row:
                self._about(row)
                return
            article = self._article(row)
            if self._met.first(article.url):
                yield self._row(place, article, ())
            draft, notices = self._comment(row, article.url)
        except Refused as refused:
            yield Problem.of(refused, place=place, kind="comments", raw=line.raw)
            return
        yield self._row(place, draft, notices)

    def _row(self, place: str, draft: ArticleDraft | CommentDraft, notices: tuple[Notice, ...]) -> Row:
        notices, self._first = self._first + notices, ()
        return Row(place=place, draft=draft, notices=notices)

    def _about(self, row: dict[str, object]) -> None:
        """What the first line says: closed posts are kept, blocked users only told of."""
        users, posts = row.get("users"), row.get("posts")
        for post in posts if isinstance(posts, list) else []:
            if isinstance(post, dict) and post.get("read_only") is True:
                self._read_only.add(_url(str(post.get("url"))))
        blocked = sum(_blocked(user) for user in users) if isinstance(users, list) else 0
        if blocked:
            told = f"{blocked} blocked user(s) were not taken over: people here block for themselves."
            self._first = (Notice("dropped-blocks", told),)

    def _article(self, row: dict[str, object]) -> ArticleDraft:
        url = text(nested(row, "locator"), "url").strip()
        if not url:
            raise Refused("locator.url", "", "is missing: it names the article.", code="required")
        title, _ = cut("title", one_line(text(row, "title")), TITLE_LIMIT)
        draft = ArticleDraft(url=url, title=title, partial=True)
        if draft.url not in self._read_only:
            return draft
        return ArticleDraft(url=url, title=title, partial=True, closed=True)

    def _comment(self, row: dict[str, object], url: str) -> tuple[CommentDraft, tuple[Notice, ...]]:
        number, user = text(row, "id").strip(), nested(row, "user")
        if not number:
            raise Refused("id", "", "is missing: without it a second run would double it.", code="required")
        # `orig` is what the reader typed, `text` the HTML made of it; imported comments have no `orig`.
        body, cut_body = cut("body", text(row, "orig") or plain(text(row, "text")), BODY_LIMIT)
        gone = row.get("delete") is True
        if gone and (refused := deleted(body)):
            raise refused
        if not text(row, "time"):
            raise Refused("time", "", "is missing.", code="bad-date")
        posted, assumed = iso_time("time", text(row, "time"), self._options.zone)
        who = person(text(user, "name"), html=True)
        author = text(user, "id").strip()
        draft = CommentDraft(
            external_id=identity(number),
            article=url,
            parent=identity(text(row, "pid").strip()),
            author_name=who.name,
            author_id=identity("remark42", author) if author else "",
            body=body,
            posted_at=posted,
            state=SourceState.TRASH if gone else SourceState.APPROVED,
        )
        return draft, cut_body + assumed + who.notices


def _blocked(user: object) -> bool:
    blocked = user.get("blocked") if isinstance(user, dict) else None
    return isinstance(blocked, dict) and blocked.get("status") is True


def _url(url: str) -> str:
    try:
        return canonical_url(url)
    except Refused:
        return url
