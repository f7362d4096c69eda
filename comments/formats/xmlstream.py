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
from comments.formats.encoding import codec, undecodable, utf8_stream, xml_encoding

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


def looks_like_xml(head: bytes) -> bool:
    """Whether the first `<` stands at the beginning, or behind a few stray bytes."""
    start = head[: head.find(b"<") + 1] if b"<" in head else head[: _STRAY_LIMIT + 1]
    return len(start.strip()) <= _STRAY_LIMIT


class Elements:
    """Takes the parser's events; a format makes rows of them in `open` and `shut`.

    `root` is the local name that the root must have, `title` what a person
    would call such a file. `encoding` is set before the first event.
    """

    root: str
    title: str

    def __init__(self, options: Options) -> None:
        self.options = options
        self.encoding = ""
        self.depth = 0
        self.rooted = False
        # Set by every event of the parser.
        self.moved = False
        self._rows: deque[Row | Problem] = deque()
        self._stray: tuple[Notice, ...] = ()
        self._texts: list[str] | None = None
        self._size = 0

    def open(self, tag: str, name: str, attributes: dict[str, str], /) -> None:
        """An element begins: `tag` with its namespace, `name` without; `depth` is its own."""
        raise NotImplementedError

    def shut(self, name: str, /) -> None:
        """An element ends; `depth` is still its own."""
        raise NotImplementedError

    def place(self) -> str:
        """Where the reader stands, for people."""
        raise NotImplementedError

    def finish(self) -> None:
        """The file ended, or cannot be read on: give out what was held back."""

    def give(self, row: Row | Problem) -> None:
        """Give out a row."""
        if self._stray and isinstance(row, Row):
            row, self._stray = replace(row, notices=self._stray + row.notices), ()
        self._rows.append(row)

    def check(self, fields: dict[str, str]) -> None:
        """Raises `Refused` where a byte of a row's texts could not be decoded."""
        for text in fields.values():
            if refused := undecodable(text, self.encoding):
                raise refused

    def collect(self) -> None:
        """Take the text that follows, from here on, until `collected`."""
        self._texts, self._size = [], 0

    def collected(self) -> str:
        text = "".join(self._texts or ())
        self._texts = None
        return text

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
        self.depth += 1
        self.moved = True
        name = tag.rpartition("}")[2]
        if self.depth > _DEEPEST:
            raise Unreadable(f"nests elements deeper than {_DEEPEST}. Give {self.title}.", self.place())
        if not self.rooted:
            self.rooted = True
            if name != self.root:
                what = f"is XML of another kind: its root is <{name[:40]}>, not <{self.root}>."
                raise Unreadable(what, "line 1")
        self.open(tag, name, attributes)

    def end(self, tag: str) -> None:
        self.moved = True
        self.shut(tag.rpartition("}")[2])
        self.depth -= 1

    def data(self, text: str) -> None:
        self.moved = True
        if self._texts is not None and self._size < _FIELD_LIMIT:
            self._texts.append(text)
            self._size += len(text)

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
            fault = _attempt(partial(parser.feed, chunk))
            yield from elements.drain()
            if fault:
                return fault
            fed, still = fed + len(chunk), 0 if elements.moved else still + len(chunk)
            elements.moved = False
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
