"""Lines of a stream in bounded memory, for the formats that are made of lines."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from comments.formats.base import RAW_LIMIT, Unreadable
from comments.formats.encoding import undecodable

UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SKIP = 64 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end; `whole` is false for one that was cut.

    `number` counts from 1 and `offset` in bytes from 0. Of a line that is
    over the limit only the first RAW_LIMIT bytes are kept.
    """

    number: int
    offset: int
    data: bytes
    whole: bool = True

    @property
    def raw(self) -> str:
        """The line for people, undecodable bytes replaced."""
        return self.data[:RAW_LIMIT].decode("utf-8", "replace")


def read_lines(stream: BinaryIO, limit: int) -> Iterator[Line]:
    """The lines of a UTF-8 stream; none is held beyond `limit` bytes.

    Lines end with LF or CR LF; a byte order mark is dropped. Raises
    `Unreadable` for UTF-16, in which every line would be a problem.
    """
    number = offset = 0
    while data := stream.readline(limit + 1):
        start, size = offset, len(data)
        offset += size
        number += 1
        whole = size <= limit or data.endswith(b"\n")
        if number == 1:
            if data.startswith(UTF16):
                raise Unreadable("is UTF-16. Save it as UTF-8.", "line 1")
            data = data.removeprefix(codecs.BOM_UTF8)
            start = size - len(data)
        if not whole:
            offset += _skip_line(stream)
            data = data[:RAW_LIMIT]
        yield Line(number, start, data.removesuffix(b"\n").removesuffix(b"\r"), whole)


def _skip_line(stream: BinaryIO) -> int:
    """Read on to behind the next line end; the number of bytes passed."""
    skipped = 0
    while data := stream.readline(_SKIP):
        skipped += len(data)
        if data.endswith(b"\n"):
            break
    return skipped


def utf8(line: Line) -> str:
    """The line's text. Raises ValueError with a sentence that names the byte."""
    try:
        text = line.data.decode("utf-8")
    except UnicodeDecodeError as error:
        at, byte = line.offset + error.start, line.data[error.start]
        raise ValueError(f"byte {at} (0x{byte:02x}) is not UTF-8. Save the file as UTF-8.") from None
    if refused := undecodable(text):
        raise ValueError(refused.mend)
    return text
