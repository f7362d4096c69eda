"""The elements of the arrays in one large JSON document, as a stream in bounded memory.

Only the outer shape is read here, an array or an object of arrays, by its
brackets and quotes; each element's own bytes are for `foreign.json_object`.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from comments.formats.base import RAW_LIMIT, Unreadable
from comments.formats.lines import UTF16, Line

# As a line of our own JSONL.
ELEMENT_LIMIT = 8 * 1024 * 1024
# A real export is four deep.
_DEEPEST = 512
_KEY_LIMIT = 200
_CHUNK = 64 * 1024

# A string that is whole in its chunk is one token; no branch of it is tried twice.
_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_OUTSIDE = re.compile(_STRING + rb'|["\[\]{},]', re.DOTALL)
# Commas within an element part nothing that is asked for.
_WITHIN = re.compile(_STRING + rb'|["\[\]{}]', re.DOTALL)
_INSIDE = re.compile(rb'["\\]')
_SPACE = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the array called `key` (`""` for a document that is an array).

    `line` carries its number there, from 1, and its bytes, as a line's.
    """

    key: str
    line: Line


def elements(stream: BinaryIO) -> Iterator[Element]:
    """The elements, in their order. Raises `Unreadable` where the brackets do not match."""
    scanner = _Scanner()
    chunk = stream.read(_CHUNK)
    if chunk.startswith(UTF16):
        raise Unreadable("is UTF-16. Save it as UTF-8.", "byte 0")
    if chunk.startswith(codecs.BOM_UTF8):
        chunk, scanner.offset = chunk[3:], 3
    while chunk:
        yield from scanner.feed(chunk)
        chunk = stream.read(_CHUNK)
    scanner.close()


class _Scanner:
    """Follows brackets and strings over chunks.

    `stack` holds the closing bracket of each open one. An element is open
    while the innermost array of the outer shape is, and gathers its bytes in
    `held`; a string at depth 1 of an object is gathered as the key.
    """

    def __init__(self) -> None:
        self.offset = 0
        self._stack = bytearray()
        self._in_string = self._escaped = self._ended = False
        self._key = bytearray()
        self._held = bytearray()
        self._size = 0
        self._start = 0
        self._number = 0

    def feed(self, chunk: bytes) -> Iterator[Element]:
        at = kept = 0
        while at < len(chunk):
            if self._in_string:
                at = self._string(chunk, at)
                continue
            within = len(self._stack) > self._outer()
            found = (_WITHIN if within else _OUTSIDE).search(chunk, at)
            if found is None:
                break
            at = found.end()
            if found[0][:1] == b'"':
                self._open_string(found[0])
                continue
            self._keep(chunk[kept : found.start()], kept)
            yield from self._token(found[0], found.start())
            kept = at
        self._keep(chunk[kept:], kept)
        self.offset += len(chunk)

    def close(self) -> None:
        """Raises `Unreadable` where the document is not whole."""
        if self._stack:
            raise Unreadable("ends in the middle: the file is cut off. Export it again.", self._place(0))
        if not self._ended:
            raise Unreadable("is no JSON array or object.", self._place(0))

    def _open_string(self, token: bytes) -> None:
        """A whole string, or the quote that opens one."""
        self._in_string = len(token) == 1
        if self._stack == b"}":
            self._key[:] = token[1 : _KEY_LIMIT + 1]

    def _string(self, chunk: bytes, at: int) -> int:
        """Read on in a string; where it, or the chunk, ends."""
        start = at
        while at < len(chunk):
            if self._escaped:
                self._escaped = False
                at += 1
                continue
            found = _INSIDE.search(chunk, at)
            if found is None:
                at = len(chunk)
                break
            at = found.end()
            if found[0] == b'"':
                self._in_string = False
                break
            self._escaped = True
        if self._stack == b"}" and len(self._key) < _KEY_LIMIT:
            self._key += chunk[start:at][:_KEY_LIMIT]
        return at

    def _token(self, token: bytes, at: int) -> Iterator[Element]:
        if token in b"[{":
            self._open(token, at)
        elif token != b",":
            yield from self._shut(token, at)
        elif self._in_array():
            yield from self._take()
        else:
            self._keep(token, at)

    def _open(self, token: bytes, at: int) -> None:
        if self._ended:
            raise Unreadable("goes on after its end.", self._place(at))
        if len(self._stack) >= _DEEPEST:
            raise Unreadable(f"is nested deeper than {_DEEPEST}.", self._place(at))
        self._keep(token, at)
        self._stack += b"]" if token == b"[" else b"}"
        if self._in_array():
            self._number = 0

    def _shut(self, token: bytes, at: int) -> Iterator[Element]:
        if not self._stack or self._stack[-1:] != token:
            raise Unreadable(f"is no JSON: a {token.decode()} closes what is not open.", self._place(at))
        if self._in_array():
            yield from self._take()
        self._stack.pop()
        self._keep(token, at)
        self._ended = not self._stack

    def _in_array(self) -> bool:
        """Whether the innermost open bracket is that of an array whose elements are asked for."""
        return len(self._stack) == self._outer()

    def _keep(self, data: bytes, at: int) -> None:
        """Gather bytes of the open element; elsewhere only white space, `:` and scalars stand."""
        if len(self._stack) < self._outer() or (not self._held and not (data := self._stripped(data, at))):
            return
        self._size += len(data)
        self._held += data[: max(0, ELEMENT_LIMIT - len(self._held))]

    def _stripped(self, data: bytes, at: int) -> bytes:
        whole = len(data)
        data = data.lstrip(_SPACE)
        self._start = self.offset + at + whole - len(data)
        return data

    def _outer(self) -> int:
        """How many brackets the outer shape has here: `[`, `{[`; more than any for what is passed over."""
        if self._stack[:1] == b"]":
            return 1
        return 2 if self._stack[:2] == b"}]" else _DEEPEST

    def _take(self) -> Iterator[Element]:
        if self._held:
            self._number += 1
            key = self._key.removesuffix(b'"').decode("utf-8", "replace") if self._stack != b"]" else ""
            whole = self._size <= ELEMENT_LIMIT
            data = bytes(self._held).rstrip(_SPACE) if whole else bytes(self._held[:RAW_LIMIT])
            yield Element(key, Line(self._number, self._start, data, whole))
        self._held.clear()
        self._size = 0

    def _place(self, at: int) -> str:
        return f"byte {self.offset + at}"
