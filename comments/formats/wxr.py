"""WordPress WXR 1.0 to 1.2: an RSS file whose items are posts with comments.

Elements are told by their local name, for the namespaces changed with every
version (and are sometimes wrong); `excerpt:encoded` alone is told from
`content:encoded` by its namespace. The parser's events are taken as they
come and no tree is built, so memory is bounded by one item's fields.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO

from lxml import etree

from comments.drafts import ArticleDraft, Refused
from comments.formats.base import Notice, Options, Problem, Row, Unreadable
from comments.formats.wordpress import article_draft, comment_draft, is_article, ping

_CHUNK = 64 * 1024
# Before the root stand comments and white space; anything longer is an attack.
_PROLOGUE_LIMIT = 1024 * 1024
# An article's HTML may be several times its text.
_FIELD_LIMIT = 2_000_000
_STRAY_LIMIT = 64
# The parser keeps the name of every open element; a real export is five deep.
_DEEPEST = 256

_ITEM = {
    *("title", "link", "encoded", "post_id", "post_date", "post_date_gmt"),
    *("comment_status", "status", "post_type"),
}
_COMMENT = {
    *("comment_id", "comment_author", "comment_author_email", "comment_author_url", "comment_author_IP"),
    *("comment_date", "comment_date_gmt", "comment_content", "comment_approved", "comment_type"),
    *("comment_parent", "comment_user_id"),
}
# Other vocabularies use these names for other things (`atom:link`, `media:title`).
_BARE = {"title", "link"}


class Wxr:
    """The reader of WordPress exports."""

    slug = "wxr"
    title = "WordPress WXR"
    policy = "flag"

    def sniff(self, head: bytes) -> bool:
        """XML that names WordPress's export namespace."""
        head = head.replace(b"\0", b"")  # UTF-16 declares itself in two bytes a letter.
        start = head[: head.find(b"<") + 1] if b"<" in head else head[: _STRAY_LIMIT + 1]
        return len(start.strip()) <= _STRAY_LIMIT and b"wordpress.org/export/" in head

    def read(self, stream: BinaryIO, options: Options) -> Iterator[Row | Problem]:
        """Each post or page, then its comments; see `docs/formats.md`."""
        reader = _Reader(options)
        chunk = reader.begin(stream.read(_CHUNK))
        # The stubs want targets to take bytes, which the parser never gives.
        target: Any = reader
        parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, load_dtd=False)
        fed = 0
        while chunk:
            fault = _attempt(partial(parser.feed, chunk))
            yield from reader.drain()
            if fault:
                raise fault
            fed += len(chunk)
            if fed > _PROLOGUE_LIMIT and not reader.rooted:
                raise Unreadable("has no root element within the first MiB. Give a WordPress export.")
            chunk = stream.read(_CHUNK)
        fault = _attempt(parser.close)
        yield from reader.drain()
        if fault:
            raise fault


def _attempt(step: Callable[[], object]) -> Unreadable | None:
    """The fault that a step of the parser met; rows before it are to be given out first."""
    try:
        step()
    except etree.XMLSyntaxError as error:
        return _fault(error)
    except Unreadable as fault:
        return fault
    return None


def _fault(error: etree.XMLSyntaxError) -> Unreadable:
    line, column = error.position
    what = (error.msg or "no XML").split(", line ")[0]
    return Unreadable(
        f"is no well-formed XML: {what}. Mend the file there and import it again.",
        f"line {line}, column {column}",
    )


class _Reader:
    """Takes the parser's events and makes rows of them."""

    def __init__(self, options: Options) -> None:
        self.rooted = False
        self._options = options
        self._rows: deque[Row | Problem] = deque()
        self._stray: tuple[Notice, ...] = ()
        self._depth = 0
        self._items = self._comments = 0
        self._item: dict[str, str] | None = None
        self._item_depth = 0
        self._comment: dict[str, str] | None = None
        self._article: ArticleDraft | None = None
        self._article_done = False
        self._field = ""
        self._texts: list[str] = []
        self._size = 0

    def begin(self, head: bytes) -> bytes:
        """The first chunk without what stands before the first `<`."""
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return head
        before, _, _ = head.partition(b"<")
        stray = before.removeprefix(b"\xef\xbb\xbf").strip()
        if b"<" not in head or len(stray) > _STRAY_LIMIT:
            raise Unreadable("is no XML: it does not begin with '<'.", "line 1, column 1")
        if stray:
            text = f"{len(stray)} stray byte(s) before the XML declaration were passed over."
            self._stray = (Notice("stray-start", text),)
        return head[len(before) :]

    def drain(self) -> Iterator[Row | Problem]:
        """The rows made since the last time."""
        while self._rows:
            row = self._rows.popleft()
            if self._stray and isinstance(row, Row):
                row, self._stray = replace(row, notices=self._stray + row.notices), ()
            yield row

    def doctype(self, name: str, _pubid: str | None, _system: str | None) -> None:
        """Entities are a way to bombs and to other files; no WXR declares any."""
        raise Unreadable(f"declares a document type ({name[:40]}). Remove the <!DOCTYPE …> part.", "line 1")

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        name = tag.rpartition("}")[2]
        if self._depth > _DEEPEST:
            raise Unreadable(
                f"nests elements deeper than {_DEEPEST}. Give a WordPress export.", self._place()
            )
        if not self.rooted:
            self.rooted = True
            if name != "rss":
                raise Unreadable(f"is XML of another kind: its root is <{name[:40]}>, not <rss>.", "line 1")
        if self._item is None:
            if name == "item":
                self._open_item()
            return
        level = self._depth - self._item_depth
        if level == 1 and name == "comment":
            self._open_comment()
        elif self._wanted(tag, name, level):
            self._field = name

    def data(self, text: str) -> None:
        if self._field and self._size < _FIELD_LIMIT:
            self._texts.append(text)
            self._size += len(text)

    def end(self, tag: str) -> None:
        level = self._depth - self._item_depth
        self._depth -= 1
        if self._item is None:
            return
        name = tag.rpartition("}")[2]
        if self._field == name and level == (2 if self._comment is not None else 1):
            (self._item if self._comment is None else self._comment)[name] = "".join(self._texts)
            self._field, self._texts, self._size = "", [], 0
        elif level == 1 and name == "comment":
            self._close_comment()
        elif level == 0:
            self._close_item()

    def comment(self, _text: str) -> None:
        """XML comments are the exporter's own remarks."""

    def pi(self, _target: str, _data: str | None = None) -> None:
        """Processing instructions say nothing to us."""

    def close(self) -> None:
        """The parser wants it; rows are taken by `drain`."""

    def _place(self) -> str:
        return f"item {self._items}" if self._items else "before the first item"

    def _wanted(self, tag: str, name: str, level: int) -> bool:
        """Whether an element holds a field; the first of a name counts."""
        if level == 2:
            return self._comment is not None and name in _COMMENT and name not in self._comment
        if level != 1 or name not in _ITEM or self._item is None or name in self._item:
            return False
        return not (name in _BARE and tag != name) and not (name == "encoded" and "/excerpt" in tag)

    def _open_item(self) -> None:
        self._items += 1
        self._comments = 0
        self._item, self._item_depth = {}, self._depth
        self._article, self._article_done = None, False

    def _open_comment(self) -> None:
        self._comments += 1
        self._comment = {}
        if not self._article_done:
            self._make_article()

    def _close_item(self) -> None:
        if self._item is not None and not self._article_done and is_article(self._item):
            self._make_article()
        self._item = None

    def _make_article(self) -> None:
        """The item's article, from what stood before its first comment."""
        self._article_done = True
        item, place = self._item or {}, f"item {self._items}"
        try:
            draft, notices = article_draft(item, self._options.zone)
        except Refused as refused:
            self._rows.append(Problem.of(refused, place=place, kind="articles", raw=_raw(item)))
            return
        self._article = draft
        self._rows.append(Row(place=place, draft=draft, notices=notices))

    def _close_comment(self) -> None:
        fields, self._comment = self._comment or {}, None
        number = fields.get("comment_id", "").strip()[:40]
        place = f"item {self._items}, comment {self._comments}" + (f" (id {number})" if number else "")
        try:
            draft, notices = comment_draft(fields, self._article, self._options.zone)
        except Refused as refused:
            kind = "pings" if ping(fields) else "comments"
            self._rows.append(Problem.of(refused, place=place, kind=kind, raw=_raw(fields)))
            return
        self._rows.append(Row(place=place, draft=draft, notices=notices))


def _raw(fields: dict[str, str]) -> str:
    """The element's fields, for the person who mends it."""
    return json.dumps(fields, ensure_ascii=False)
