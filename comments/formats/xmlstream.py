"""XML as a stream of events, for the formats that are made of it.

No tree is built, no document type and hence no entity is accepted, nothing is
fetched; depth and the size of a field are bounded. What the encoding does not
know is marked, so that it costs its row and not the file.
"""

import io
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any, BinaryIO, cast

from lxml import etree

from comments.formats.base import Notice, Options, Problem, Row, Unreadable
from comments.formats.encoding import MARK_BYTE, codec, undecodable, utf8_stream, xml_encoding

_CHUNK = 64 * 1024
# Before the root stand comments and white space; anything longer is an attack.
_PROLOGUE_LIMIT = 1024 * 1024
# An article's HTML may be several times its text.
_FIELD_LIMIT = 2_000_000
_STRAY_LIMIT = 64
# The parser takes a tag, comment or CDATA section in at once, and refuses one
# above 10 MB only when it has it all: a gigabyte would be held until then.
_PIECE_LIMIT = 12 * 1024 * 1024
# The parser keeps the name of every open element; a real export is five deep.
_DEEPEST = 256
# Tags of which it is remembered what they are; an export has some fifty.
_NAMES_LIMIT = 1_000


def looks_like_xml(head: bytes) -> bool:
    """Whether the first `<` stands at the beginning, or behind a few stray bytes."""
    start = head[: head.find(b"<") + 1] if b"<" in head else head[: _STRAY_LIMIT + 1]
    return len(start.strip()) <= _STRAY_LIMIT


class Names(dict[str, str]):
    """What the tags within a record are to its reader, `""` for nothing.

    `find` tells it of a tag with its namespace and its local name; it is asked once.
    """

    def __init__(self, find: Callable[[str, str], str]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, tag: str) -> str:
        if len(self) > _NAMES_LIMIT:
            self.clear()
        found = self[tag] = self._find(tag, tag.rpartition("}")[2])
        return found


_NO_NAMES = Names(lambda _tag, _name: "")


def nothing() -> None:
    """For a record whose end says nothing."""


class Elements:
    """Takes the parser's events; a format makes rows of them.

    A format looks for the element that is a record (`found`) and enters it.
    The texts of its children are then collected under the names that `Names`
    gives them, the first of a name, whatever stands nested in it. A child
    whose name is one of `groups` is told to `opened`, which may enter it.

    `root` is the local name that the root must have, `title` what a person
    would call such a file. `encoding` is set before the first event.
    """

    root: str
    title: str
    groups: frozenset[str]

    def __init__(self, options: Options) -> None:
        self.options = options
        self.encoding = ""
        self.depth = 0
        self.rooted = False
        # Set by every event of the parser but a text and an end: there are no more ends than starts.
        self.moved = False
        # Whether a byte that means nothing can have been in what was read.
        self.marked = False
        self._rows: deque[Row | Problem] = deque()
        self._stray: tuple[Notice, ...] = ()
        # All text since a child of the record began. The parser calls the list's own
        # method: most texts are the white space between elements.
        self._texts: list[str] = []
        self.data: Callable[[str], None] = self._texts.append
        self._names = _NO_NAMES
        self._record: dict[str, str] = {}
        # The depth of the record's children; 0 outside of all records.
        self._inside = 0
        self._closed: Callable[[], None] = nothing
        self._outer: list[tuple[Names, dict[str, str], int, Callable[[], None]]] = []

    def found(self, name: str, attributes: dict[str, str], /) -> None:
        """An element outside of all records begins; `depth` is its own."""
        raise NotImplementedError

    def opened(self, name: str, attributes: dict[str, str], /) -> None:
        """A child that `Names` calls by one of `groups` begins."""
        raise NotImplementedError

    def place(self) -> str:
        """Where the reader stands, for people."""
        raise NotImplementedError

    def finish(self) -> None:
        """The file ended, or cannot be read on: give out what was held back."""

    def enter(self, names: Names, record: dict[str, str], closed: Callable[[], None]) -> None:
        """Read the element that begins as a record, with its texts in `record`, and then call `closed`."""
        self._outer.append((self._names, self._record, self._inside, self._closed))
        self._names, self._record, self._inside, self._closed = names, record, self.depth + 1, closed

    def give(self, row: Row | Problem) -> None:
        """Give out a row."""
        if self._stray and isinstance(row, Row):
            row, self._stray = replace(row, notices=self._stray + row.notices), ()
        self._rows.append(row)

    def check(self, fields: dict[str, str]) -> None:
        """Raises `Refused` where a byte of a row's texts could not be decoded."""
        if not self.marked:
            return
        for text in fields.values():
            if refused := undecodable(text, self.encoding):
                raise refused

    def pause(self) -> bool:
        """After a chunk: whether there was any event in it. Bounds the text that is held."""
        moved, self.moved = self.moved or len(self._texts) > 1, False
        if len(self._texts) > 1:
            if len(self._texts[0]) < _FIELD_LIMIT:
                self._texts[0] = "".join(self._texts)[:_FIELD_LIMIT]
            del self._texts[1:]
        return moved

    def drain(self) -> Iterator[Row | Problem]:
        """The rows made since the last time."""
        while self._rows:
            yield self._rows.popleft()

    def begin(self, head: bytes) -> bytes:
        """The first chunk without what stands before the first `<`."""
        before, _, _ = head.partition(b"<")
        stray = before.removeprefix(b"\xef\xbb\xbf").strip()
        if b"<" not in head or len(stray) > _STRAY_LIMIT:
            raise Unreadable("is no XML: it does not begin with '<'.", "line 1, column 1")
        if stray:
            text = f"{len(stray)} stray byte(s) before the XML declaration were passed over."
            self._stray = (Notice("stray-start", text),)
        return head[len(before) :]

    def doctype(self, name: str, _pubid: str | None, _system: str | None) -> None:
        """Entities are a way to bombs and to other files; no export declares any."""
        raise Unreadable(f"declares a document type ({name[:40]}). Remove the <!DOCTYPE …> part.", "line 1")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth = depth = self.depth + 1
        self.moved = True
        if depth == self._inside:
            self._texts.clear()
            if (name := self._names[tag]) in self.groups:
                self.opened(name, attributes)
        elif depth > _DEEPEST:
            raise Unreadable(f"nests elements deeper than {_DEEPEST}. Give {self.title}.", self.place())
        elif not self._inside:
            self._begun(tag.rpartition("}")[2], attributes)

    def _begun(self, name: str, attributes: dict[str, str]) -> None:
        if not self.rooted:
            self.rooted = True
            if name != self.root:
                what = f"is XML of another kind: its root is <{name[:40]}>, not <{self.root}>."
                raise Unreadable(what, "line 1")
        self.found(name, attributes)

    def end(self, tag: str) -> None:
        depth = self.depth
        if depth == self._inside:
            name = self._names[tag]
            if name and name not in self._record:
                self._record[name] = "".join(self._texts)
        elif depth == self._inside - 1:
            closed = self._closed
            self._names, self._record, self._inside, self._closed = self._outer.pop()
            closed()
        self.depth = depth - 1

    def comment(self, _text: str) -> None:
        """XML comments are the exporter's own remarks."""
        self.moved = True

    def pi(self, _target: str, _data: str | None = None) -> None:
        """Processing instructions say nothing to us."""
        self.moved = True

    def close(self) -> None:
        """The parser wants it; rows are taken by `drain`."""


def read_xml(stream: BinaryIO, elements: Elements) -> Iterator[Row | Problem]:
    """The rows that `elements` makes of the stream.

    Raises `Unreadable` where it cannot be read on, after the rows before.
    """
    # The stubs want targets to take bytes, which the parser never gives.
    target: Any = elements
    parser = etree.XMLParser(
        target=target, encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False
    )
    fault = yield from _feed(parser, _decoded(stream, elements), elements)
    fault = fault or _attempt(parser.close)
    elements.finish()
    yield from elements.drain()
    if fault:
        raise fault


def _feed(
    parser: etree.XMLParser, chunks: Iterator[bytes], elements: Elements
) -> Generator[Row | Problem, None, Unreadable | None]:
    """The rows of the chunks; returns the fault that ended them, if any."""
    fed = still = 0
    try:
        for chunk in chunks:
            elements.marked = elements.marked or MARK_BYTE in chunk
            fault = _attempt(partial(parser.feed, chunk))
            yield from elements.drain()
            if fault:
                return fault
            fed, still = fed + len(chunk), 0 if elements.pause() else still + len(chunk)
            if still > _PIECE_LIMIT:
                what = "has a tag, comment or CDATA section of more than 12 MiB."
                return Unreadable(what, elements.place())
            if fed > _PROLOGUE_LIMIT and not elements.rooted:
                return Unreadable(f"has no root element within the first MiB. Give {elements.title}.")
    except Unreadable as fault_of_stream:
        return fault_of_stream
    return None


def _decoded(stream: BinaryIO, elements: Elements) -> Iterator[bytes]:
    """The stream in UTF-8, beginning with `<`."""
    head = stream.read(_CHUNK)
    told = elements.options.encoding
    elements.encoding = codec(told) if told else xml_encoding(head)
    decoded = utf8_stream(cast(BinaryIO, _Behind(head, stream)), elements.encoding)
    # `read` would lose what came before a fault of the stream.
    yield elements.begin(decoded.read1(_CHUNK))
    while chunk := decoded.read1(_CHUNK):
        yield chunk


class _Behind(io.RawIOBase):
    """A stream whose beginning was read already."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._chunks = chain([head], iter(partial(stream.read, _CHUNK), b""))

    def read(self, _size: int = -1) -> bytes:
        return next(self._chunks, b"")


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
