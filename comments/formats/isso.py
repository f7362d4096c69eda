"""Isso's database: one SQLite file with the tables `threads` and `comments`."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import BinaryIO
from urllib.parse import quote, urljoin

from comments.drafts import BODY_LIMIT, TITLE_LIMIT, ArticleDraft, CommentDraft, Refused, SourceState
from comments.formats.base import Notice, Options, Problem, Row, Unreadable
from comments.formats.foreign import Met, deleted, identity, person
from comments.formats.values import cut

_MAGIC = b"SQLite format 3\0"
_PAGE_SIZE_END = 100
# No value of a real database comes near; SQLite refuses to make longer ones.
_VALUE_LIMIT = 2_000_000
_SCHEMA = {
    "threads": {"id", "uri", "title"},
    "comments": {"tid", "id", "parent", "created", "mode", "text", "author", "email", "website"},
}
_ROWS = """
SELECT comments.id, comments.parent, comments.created, comments.mode, comments.text, comments.author,
       comments.email, comments.website, threads.uri, threads.title
FROM comments LEFT JOIN threads ON threads.id = comments.tid ORDER BY comments.rowid
"""
_MODES = {1: SourceState.APPROVED, 2: SourceState.PENDING, 4: SourceState.TRASH}


class Isso:
    """The reader of Isso's databases."""

    slug = "isso"
    title = "Isso database (SQLite)"
    policy = "flag"

    def sniff(self, head: bytes) -> bool:
        """A SQLite file; whether its tables are Isso's is seen when it is read."""
        return head.startswith(_MAGIC)

    def read(self, stream: BinaryIO, options: Options) -> Iterator[Row | Problem]:
        """The comments by id, each page before its first.

        SQLite wants a file that nobody writes to, so the stream is copied to one.
        """
        head = stream.read(_PAGE_SIZE_END)
        if not head.startswith(_MAGIC):
            raise Unreadable("is no SQLite file. Give Isso's comments.db.", "byte 0")
        with tempfile.NamedTemporaryFile(prefix="isso-", suffix=".db") as copy:
            copy.write(head)
            shutil.copyfileobj(stream, copy)
            copy.flush()
            try:
                with closing(_opened(copy.name)) as database:
                    _look_at_tables(database)
                    yield from _rows(database, options)
            except sqlite3.Error as error:
                raise Unreadable(
                    f"SQLite cannot read on: {error}. Mend the database, or give a copy."
                ) from None


def _opened(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(f"file:{quote(path)}?mode=ro&immutable=1", uri=True)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _VALUE_LIMIT)
    # Schemas may hold functions and views of a stranger's making.
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    database.text_factory = bytes
    return database


def _look_at_tables(database: sqlite3.Connection) -> None:
    """Raises `Unreadable` where they are not Isso's: real tables with the columns that are read."""
    real = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    tables = {name.decode("utf-8", "replace") for (name,) in database.execute(real)}
    for table, wanted in _SCHEMA.items():
        columns = database.execute(f"SELECT name FROM pragma_table_info('{table}')")  # noqa: S608
        missing = wanted - {name.decode("utf-8", "replace") for (name,) in columns}
        if table not in tables or missing:
            has = ", ".join(sorted(tables)[:10]) or "none"
            which = f"the columns {', '.join(sorted(missing))} of " if table in tables else ""
            raise Unreadable(
                f"is a SQLite file, but not Isso's: {which}table {table} is missing. It has {has}."
            )


def _rows(database: sqlite3.Connection, options: Options) -> Iterator[Row | Problem]:
    met = Met()
    for values in database.execute(_ROWS):
        place, fields = f"comment {values[0]}", [_shown(value) for value in values]
        try:
            texts = [_text(name, value) for name, value in zip(_NAMES, values, strict=True)]
            article = page(texts[8], texts[9], options)
            name = article.external_id or article.url
            if met.first(name):
                yield Row(place=place, draft=article)
            draft, notices = _comment(texts, name)
        except Refused as refused:
            yield Problem.of(refused, place=place, kind="comments", raw=" | ".join(fields))
            continue
        yield Row(place=place, draft=draft, notices=notices)


_NAMES = ("id", "parent", "created", "mode", "text", "author", "email", "website", "uri", "title")


def _shown(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _text(name: str, value: object) -> str:
    """A value as text, whatever SQLite took in: its columns hold values of any type."""
    if value is None:
        return ""
    if not isinstance(value, bytes):
        return repr(value)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        mend = f"byte {error.start} (0x{value[error.start]:02x}) is not UTF-8."
        raise Refused(name, "", mend, code="encoding") from None


def page(uri: str, title: str, options: Options) -> ArticleDraft:
    """The article of a path on the site that `--url` names; by the path alone where it names none."""
    if not uri:
        raise Refused("uri", "", "is missing: the comment has no thread.", code="no-article")
    title, _ = cut("title", " ".join(title.split()), TITLE_LIMIT)
    if options.url:
        return ArticleDraft(url=urljoin(options.url, uri), title=title, partial=True)
    return ArticleDraft(external_id=identity(uri), title=title, partial=True)


def _comment(texts: list[str], article: str) -> tuple[CommentDraft, tuple[Notice, ...]]:
    number, parent, created, mode, text, name, email, website, _, _ = texts
    body, cut_body = cut("body", text, BODY_LIMIT)
    state, unknown = _state(mode)
    if state is SourceState.TRASH and (refused := deleted(body)):
        raise refused
    who = person(name, email, website)
    draft = CommentDraft(
        external_id=identity(number),
        article=article,
        parent=identity(parent),
        author_name=who.name,
        author_email=who.email,
        author_url=who.site,
        body=body,
        posted_at=_time(created),
        state=state,
    )
    return draft, cut_body + unknown + who.notices


def _state(mode: str) -> tuple[SourceState, tuple[Notice, ...]]:
    state = _MODES.get(int(mode)) if mode.isascii() and mode.isdigit() and len(mode) < 10 else None
    if state is not None:
        return state, ()
    return SourceState.PENDING, (Notice("unknown-state", "mode is unknown: taken as pending."),)


def _time(created: str) -> datetime:
    """Seconds since 1970, with fractions."""
    try:
        return datetime.fromtimestamp(float(created), UTC)
    except (ValueError, OverflowError, OSError):
        raise Refused("created", created[:80], "is no UNIX time.", code="bad-date") from None
