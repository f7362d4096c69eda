"""Commento's export (and Commento++'s): one JSON object of comments and commenters.

The commenters stand behind the comments that name them, so the comments are
kept in a temporary file until the commenters have been read.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import BinaryIO
from urllib.parse import urljoin

from comments.drafts import BODY_LIMIT, ArticleDraft, CommentDraft, Refused, SourceState
from comments.formats.base import Notice, Options, Problem, Row, Unreadable
from comments.formats.foreign import Met, Person, deleted, identity, json_object, person, text
from comments.formats.jsonstream import elements
from comments.formats.lines import Line
from comments.formats.plain import plain
from comments.formats.values import cut, iso_time

# `flagged` is what the spam filter suspected and nobody has looked at yet.
_STATES = {
    "": SourceState.NONE,
    "approved": SourceState.APPROVED,
    "unapproved": SourceState.PENDING,
    "flagged": SourceState.PENDING,
}
_NOBODY = {"", "anonymous"}
_TABLES = """
PRAGMA journal_mode = OFF;
CREATE TABLE comment (number INTEGER PRIMARY KEY, start INTEGER, whole INTEGER, data BLOB);
CREATE TABLE commenter (hex TEXT PRIMARY KEY, name TEXT, email TEXT, link TEXT) WITHOUT ROWID;
"""


class Commento:
    """The reader of Commento exports."""

    slug = "commento"
    title = "Commento JSON"
    policy = "flag"

    def sniff(self, head: bytes) -> bool:
        """An object in which comments have Commento's own keys."""
        first = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        return first == b"{" and b'"commentHex"' in head and b'"parentHex"' in head

    def read(self, stream: BinaryIO, options: Options) -> Iterator[Row | Problem]:
        """The comments in their order, each page before its first."""
        # "" is SQLite's name for a private file that is gone when it is closed.
        with closing(sqlite3.connect("")) as spool:
            spool.executescript(_TABLES)
            fault: Unreadable | None = None
            try:
                yield from _spool(stream, spool)
            except Unreadable as met:
                fault = met
            yield from _rows(spool, options)
            if fault:
                raise fault


def _spool(stream: BinaryIO, spool: sqlite3.Connection) -> Iterator[Problem]:
    """Store comments and commenters; those of the latter that are none."""
    for element in elements(stream):
        line = element.line
        if element.key == "comments":
            spool.execute(
                "INSERT OR IGNORE INTO comment VALUES (?, ?, ?, ?)",
                (line.number, line.offset, line.whole, line.data),
            )
        elif element.key == "commenters":
            try:
                row = json_object(line)
                fields = [_given(text(row, key)) for key in ("commenterHex", "name", "email", "link")]
                spool.execute("INSERT OR REPLACE INTO commenter VALUES (?, ?, ?, ?)", _storable(fields))
            except Refused as refused:
                place = f"commenter {line.number}"
                yield Problem.of(refused, place=place, kind="comments", raw=line.raw)


def _given(value: str) -> str:
    return "" if value == "undefined" else value


def _storable(fields: list[str]) -> list[str]:
    """Half a surrogate pair is nothing that SQLite stores."""
    return [field.encode("utf-8", "replace").decode() for field in fields]


def _rows(spool: sqlite3.Connection, options: Options) -> Iterator[Row | Problem]:
    met = Met()
    for number, start, whole, data in spool.execute("SELECT * FROM comment ORDER BY number"):
        line, place = Line(number, start, data, bool(whole)), f"comment {number}"
        try:
            row = json_object(line)
            article = ArticleDraft(url=_url(row, options.url), partial=True)
            if met.first(article.url):
                yield Row(place=place, draft=article, notices=_assumed(options.url))
            draft, notices = _comment(row, article.url, spool, options)
        except Refused as refused:
            yield Problem.of(refused, place=place, kind="comments", raw=line.raw)
            continue
        yield Row(place=place, draft=draft, notices=notices)


def _url(row: dict[str, object], base: str) -> str:
    """The page's address: the export has its domain and path, but not http or https."""
    domain, path = text(row, "domain").strip(), text(row, "url").strip() or text(row, "path").strip()
    if not domain:
        raise Refused("domain", "", "is missing: it names the article.", code="required")
    return urljoin(base, path) if base else f"https://{domain}/{path.removeprefix('/')}"


def _assumed(base: str) -> tuple[Notice, ...]:
    if base:
        return ()
    told = "The export does not say http or https: https was assumed. Say otherwise by --url http://…/."
    return (Notice("assumed-scheme", told),)


def _comment(
    row: dict[str, object], url: str, spool: sqlite3.Connection, options: Options
) -> tuple[CommentDraft, tuple[Notice, ...]]:
    number, parent = text(row, "commentHex").strip(), text(row, "parentHex").strip()
    if not number:
        raise Refused("commentHex", "", "is missing: a second run would double it.", code="required")
    body, cut_body = cut("body", text(row, "markdown") or plain(text(row, "html")), BODY_LIMIT)
    gone = row.get("deleted") is True
    if gone and (refused := deleted(body)):
        raise refused
    posted, assumed = iso_time("creationDate", text(row, "creationDate"), options.zone)
    author = text(row, "commenterHex").strip()
    who, unknown = _author(author, spool)
    state, odd = _state(text(row, "state"))
    draft = CommentDraft(
        external_id=identity(number),
        article=url,
        parent="" if parent == "root" else identity(parent),
        author_name=who.name,
        author_email=who.email,
        author_url=who.site,
        author_id="" if author in _NOBODY else identity("commento", author),
        body=body,
        posted_at=posted,
        state=SourceState.TRASH if gone else state,
    )
    return draft, cut_body + assumed + who.notices + unknown + odd


def _author(key: str, spool: sqlite3.Connection) -> tuple[Person, tuple[Notice, ...]]:
    if key in _NOBODY:
        return person(), ()
    found = spool.execute(
        "SELECT name, email, link FROM commenter WHERE hex = ?", _storable([key])
    ).fetchone()
    if found is None:
        return person(), (Notice("unknown-author", "The export has no commenter of its commenterHex."),)
    return person(*found), ()


def _state(state: str) -> tuple[SourceState, tuple[Notice, ...]]:
    known = _STATES.get(state)
    if known is not None:
        return known, ()
    return SourceState.PENDING, (Notice("unknown-state", "state is unknown: taken as pending."),)
