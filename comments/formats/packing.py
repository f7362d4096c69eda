"""Files that were packed: gzip, zstd, and zip of one file or of many.

They are unpacked as streams. A bomb is told by how much more comes out than
went in, and ends the reading; so does damage. What came before stands.
"""

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, NoReturn, Protocol, cast

import zstandard

from comments.formats.base import Unreadable

# How many bytes of a file are looked at to tell what it is.
HEAD = 64 * 1024
# Text shrinks to a tenth, the most repetitive export to a hundredth; a bomb to
# a thousandth and less. The first bytes are free: a small file proves nothing.
RATIO_LIMIT = 250
FREE = 64 * 1024 * 1024
TOTAL_LIMIT = 64 * 1024**3
# The directory of a zip is held in memory: some hundred bytes a file.
DIRECTORY_LIMIT = 16 * 1024 * 1024
# Memory that a zstd frame may ask for; `zstd -19` asks for 8 MiB.
_WINDOW_LIMIT = 64 * 1024 * 1024

_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", (b"PK\3\4", b"PK\5\6")
_FAULTS = (
    *(OSError, EOFError, ValueError, RuntimeError, NotImplementedError, struct.error),
    *(zlib.error, lzma.LZMAError, zipfile.BadZipFile, zstandard.ZstdError),
)


@dataclass(frozen=True, slots=True)
class Part:
    """An unpacked file: its name as far as it is known, its beginning, all its
    bytes, and whether it is one of several in an archive."""

    name: str
    head: bytes
    stream: BinaryIO
    inside: bool = False


def is_packed(head: bytes) -> bool:
    """Whether a file that begins with `head` is one of those that `unpack` opens."""
    return head.startswith((_GZIP, _ZSTD, *_ZIP))


def unpack(stream: BinaryIO, filename: str) -> Iterator[Part]:
    """The files in a seekable stream; a stream that is not packed is one.

    A part must be read before the next is asked for. Raises `Unreadable`,
    and so does the reading of a part.
    """
    head = stream.read(HEAD)
    stream.seek(0)
    if head.startswith(_GZIP):
        packed: _Readable = gzip.GzipFile(fileobj=stream)
        yield _part(filename.removesuffix(".gz"), packed, stream.tell)
    elif head.startswith(_ZSTD):
        yield _part(filename.removesuffix(".zst"), _Frames(stream), stream.tell)
    elif head.startswith(_ZIP):
        yield from _members(stream)
    else:
        yield Part(filename, head, stream)


def _members(stream: BinaryIO) -> Iterator[Part]:
    """A zip's files in their order, without folders and what systems leave behind."""
    try:
        if _directory_size(stream) > DIRECTORY_LIMIT:
            raise Unreadable("holds too many files: its directory has more than 16 MiB. Pack fewer.")
        archive = zipfile.ZipFile(stream)
    except _FAULTS as error:
        raise Unreadable(f"is no zip archive that can be read: {error}.") from None
    infos = [info for info in archive.infolist() if not (info.is_dir() or _is_leftover(info.filename))]
    if not infos:
        raise Unreadable("is a zip archive without files.")
    before = 0
    for info in infos:
        try:
            member = archive.open(info)
        except RuntimeError:
            raise Unreadable("is encrypted. Unpack it, and import what is in it.", info.filename) from None
        except _FAULTS as error:
            raise Unreadable(f"cannot be unpacked: {error}.", info.filename) from None
        # The directory may lie; the bytes that were read do not.
        size, before = before, before + info.file_size
        yield _part(
            info.filename,
            cast(_Readable, member),
            partial(int, info.compress_size),
            size,
            inside=len(infos) > 1,
        )


def _is_leftover(name: str) -> bool:
    return "__MACOSX" in name or name.rpartition("/")[2].startswith(".")


def _directory_size(stream: BinaryIO) -> int:
    """The size of a zip's directory by its last records: zipfile reads that much at once."""
    end = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, end - 66_000))
    tail = stream.read()
    stream.seek(0)
    at, at64 = tail.rfind(b"PK\5\6"), tail.rfind(b"PK\6\6")
    size = int(struct.unpack_from("<I", tail, at + 12)[0]) if at >= 0 else 0
    if at64 >= 0:
        size = max(size if size != 0xFFFFFFFF else 0, int(struct.unpack_from("<Q", tail, at64 + 40)[0]))
    return size


class _Readable(Protocol):
    def read1(self, size: int = -1, /) -> bytes: ...


class _Frames:
    """The frames of a zstd stream, one behind the other.

    The library's own reader takes a stream that was cut off for one that ended.
    """

    # Four bytes can stand for 128 KiB, so these for no more than 32 MiB.
    _PIECE = 1024

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._zstd = zstandard.ZstdDecompressor(max_window_size=_WINDOW_LIMIT)
        self._frame = self._zstd.decompressobj()
        self._begun = False
        self._out = memoryview(b"")

    def read1(self, size: int = -1, /) -> bytes:
        while not self._out:
            data = self._frame.unused_data if self._frame.eof else b""
            data = data or self._stream.read(self._PIECE)
            if not data:
                if self._begun and not self._frame.eof:
                    raise EOFError("the last frame has no end")
                return b""
            if self._frame.eof:
                self._frame = self._zstd.decompressobj()
            self._out, self._begun = memoryview(self._frame.decompress(data)), True
        data, self._out = bytes(self._out[:size]), self._out[size:]
        return data


def _part(
    name: str, packed: _Readable, taken: Callable[[], int], before: int = 0, *, inside: bool = False
) -> Part:
    raw = _Unpacked(packed, taken, before)
    head = bytearray()
    with suppress(Unreadable):  # The reading of the part meets it again.
        while len(head) < HEAD and (data := raw.read(HEAD - len(head))):
            head += data
    raw.again(bytes(head))
    return Part(name, bytes(head), cast(BinaryIO, io.BufferedReader(raw, HEAD)), inside)


class _Unpacked(io.RawIOBase):
    """Counts what comes out against what went in (`taken`), and names faults by their place."""

    def __init__(self, packed: _Readable, taken: Callable[[], int], before: int = 0) -> None:
        self._packed = packed
        self._taken = taken
        self._before = before
        self._given = 0
        self._head = b""
        self._fault: Unreadable | None = None

    def again(self, head: bytes) -> None:
        """Give out once more what was read."""
        self._head = head

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        data, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        if not data:
            data = self._read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _read(self, size: int) -> bytes:
        if self._fault is not None:
            raise self._fault
        try:
            data = self._packed.read1(size)
        except _FAULTS as error:
            self._fail(f"is damaged or cut off: {error}. What came before was read.")
        self._given += len(data)
        if self._given > FREE and self._given > max(self._taken(), 1) * RATIO_LIMIT:
            self._fail(
                f"unpacks to more than {RATIO_LIMIT} times its size, as no export does. Unpack it first."
            )
        if self._before + self._given > TOTAL_LIMIT:
            self._fail(f"unpacks to more than {TOTAL_LIMIT // 1024**3} GiB. Import it in parts.")
        return data

    def _fail(self, what: str) -> NoReturn:
        self._fault = Unreadable(what, f"byte {self._given:,} unpacked")
        raise self._fault
