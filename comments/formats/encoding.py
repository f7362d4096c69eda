"""Text in any encoding, as the UTF-8 that the formats read; and a guess which it is.

A byte that its encoding does not know must neither end the import nor be
guessed: it becomes a character that stands for it (of the last private plane,
which nobody writes), and the row that holds one is a problem of its own.
"""

import codecs
import io
import re
from dataclasses import dataclass
from typing import BinaryIO

from charset_normalizer import from_bytes

from comments.drafts import Refused
from comments.formats.base import Unreadable

_CHUNK = 64 * 1024
# Bytes around characters beyond ASCII that are enough to tell an encoding, and
# how far a file is looked through for them.
_SAMPLE = 256 * 1024
_LOOKED_THROUGH = 256 * 1024 * 1024
_MARK = "sekisho-mark"
_MARKS = 0x10FE00
# What Python's cp932 makes of bytes that no Windows code page 932 has.
_STRAY = dict(zip(range(0xF8F0, 0xF8F4), (_MARKS + byte for byte in (0xA0, 0xFD, 0xFE, 0xFF)), strict=True))
# With which each of these characters begins in UTF-8, and no other that anyone writes.
MARK_BYTE = chr(_MARKS).encode()[:1]
_MARKED = re.compile(f"[{chr(_MARKS)}-{chr(_MARKS + 0xFF)}]")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BARE_UTF16 = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")
# What a file that calls itself so is written in: the supersets of Windows,
# as the Encoding Standard (encoding.spec.whatwg.org) has it.
_WRITTEN = {"shift_jis": "cp932", "iso8859-1": "cp1252", "ascii": "utf-8"}
# Python's codecs that are no encoding of a file, or one in which ASCII hides.
_NO_ENCODING = {"idna", "punycode", "undefined", "utf-7", "unicode-escape", "raw-unicode-escape"}


def _marked(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(_MARKS + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_MARK, _marked)


def codec(name: str) -> str:
    """Python's name of an encoding. Raises `Unreadable` for one that is none."""
    try:
        info = codecs.lookup(name)
        # What is no text encoding (rot13, zlib) refuses to encode a text.
        usable = info.name.replace("_", "-") not in _NO_ENCODING and bool("A".encode(name))
    except (LookupError, ValueError):
        usable = False
    if not usable:
        mend = "Name the right one with --encoding, such as utf-8, shift_jis or euc-jp."
        raise Unreadable(f"{name[:40]!r} is no encoding that we know. {mend}")
    return _WRITTEN.get(info.name, info.name)


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding by Python's name, and how sure it is, from 0 to 1."""

    name: str
    confidence: float


def find_encoding(stream: BinaryIO) -> Encoding | None:
    """What a stream is written in; None for what is no text.

    A byte order mark or the declaration of XML says it, and is believed so far
    as the bytes agree. Of the rest, UTF-8 and the Japanese encodings are told
    by what the text would be in them; any other is charset-normalizer's guess.
    """
    head = stream.read(_CHUNK)
    if head.startswith(tuple(mark for mark, _ in _BOMS)):
        return Encoding(next(name for mark, name in _BOMS if head.startswith(mark)), 1.0)
    if head.startswith(tuple(mark for mark, _ in _BARE_UTF16)):
        return Encoding(xml_encoding(head), 1.0)
    if b"\0" in head:
        return None
    sample = _sample(head, stream)
    if b"<?xml" in head[:200]:
        name = xml_encoding(head)
        return Encoding(name, _agreement(sample, name))
    if sample.isascii():
        # The escapes of ISO-2022-JP are ASCII too.
        return Encoding("iso2022_jp" if b"\x1b$" in sample else "utf-8", 1.0)
    return _utf8(sample) or _japanese(sample) or _other(sample)


def _sample(chunk: bytes, stream: BinaryIO) -> bytes:
    """Whole lines from where the text is not ASCII, else what was looked at last."""
    taken, looked = bytearray(), 0
    first = chunk
    while chunk and len(taken) < _SAMPLE and looked < _LOOKED_THROUGH:
        looked += len(chunk)
        if not chunk.isascii() or b"\x1b$" in chunk:
            # A character may be cut at either end of a chunk, but at no line's.
            whole = chunk if chunk is first else chunk[chunk.find(b"\n") + 1 :]
            end = whole.rfind(b"\n") + 1
            taken += whole[:end] if end and len(chunk) == _CHUNK else whole
        chunk = stream.read(_CHUNK)
    return bytes(taken) or first


def _agreement(sample: bytes, name: str) -> float:
    """The share of the characters beyond ASCII that can be decoded; 1 without any."""
    beyond = [char for char in sample.decode(name, _MARK) if char > "\x7f"]
    bad = sum(char >= chr(_MARKS) for char in beyond)
    return 1 - bad / len(beyond) if beyond else 1.0


def _utf8(sample: bytes) -> Encoding | None:
    """Other text does not look like UTF-8 by chance; a few bytes may be broken."""
    sure = _agreement(sample, "utf-8")
    return Encoding("utf-8", sure) if sure > 0.9 else None


_HIRAGANA = re.compile("[\u3041-\u309f]")
_JAPANESE = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e]")


def _japanese(sample: bytes) -> Encoding | None:
    """Japanese is written with hiragana, which no other reading of its bytes gives."""
    best: Encoding | None = None
    for name in ("cp932", "euc_jp", "euc_jis_2004"):
        beyond = "".join(char for char in sample.decode(name, _MARK) if char > "\x7f").translate(_STRAY)
        sure = len(_JAPANESE.findall(beyond)) / len(beyond)
        if len(_HIRAGANA.findall(beyond)) > 0.05 * len(beyond) and (best is None or sure > best.confidence):
            best = Encoding(name, sure)
    return best if best and best.confidence > 0.5 else None


def _other(sample: bytes) -> Encoding:
    """charset-normalizer's guess, half as sure where it knows no language in it."""
    found = from_bytes(sample[:_CHUNK]).best()
    if found is None:
        return Encoding("utf-8", 0.0)
    sure = max(0.0, 1 - found.chaos)
    return Encoding(codec(found.encoding), sure if found.coherence else sure / 2)


def as_utf8(stream: BinaryIO, encoding: str) -> BinaryIO:
    """The stream in UTF-8; itself where it is, so that faults are told by their byte."""
    return stream if codec(encoding or "utf-8") in {"utf-8", "utf-8-sig"} else utf8_stream(stream, encoding)


def xml_encoding(head: bytes) -> str:
    """The encoding of XML by its byte order mark, else its declaration, else UTF-8.

    Raises `Unreadable` for an encoding that we do not know.
    """
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    for mark, name in _BARE_UTF16:
        if head.startswith(mark):
            return name
    found = _DECLARED.search(head)
    name = codec(found[1].decode()) if found else "utf-8"
    # A declaration that can be read as ASCII is not in two bytes a letter.
    return "utf-8" if name.startswith(("utf-16", "utf-32")) else name


def utf8_stream(stream: BinaryIO, encoding: str) -> io.BufferedReader:
    """The stream in UTF-8, what cannot be decoded marked (see `undecodable`)."""
    return io.BufferedReader(_Transcoder(stream, encoding), _CHUNK)


def undecodable(text: str, encoding: str = "") -> Refused | None:
    """The refusal of a text that holds a byte which its encoding does not know."""
    found = _MARKED.search(text)
    if found is None:
        return None
    byte = ord(found[0]) - _MARKS
    named = f" in {encoding}" if encoding else ""
    mend = (
        f"byte 0x{byte:02x} (character {found.start() + 1}) means nothing{named}. Is it another --encoding?"
    )
    return Refused("text", "", mend, code="encoding")


class _Transcoder(io.RawIOBase):
    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(codec(encoding))(_MARK)
        self._strays = codec(encoding) == "cp932"
        self._ready = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            data = self._stream.read(_CHUNK)
            self._ended = not data
            try:
                text = self._decoder.decode(data, final=self._ended)
            except UnicodeError as error:
                # Of what the handler of single bytes is not asked for: a missing byte order mark.
                mend = "Name the encoding with --encoding, such as utf-16-le."
                raise Unreadable(f"cannot be decoded: {error}. {mend}", "byte 0") from None
            text = text.translate(_STRAY) if self._strays else text
            self._ready = memoryview(text.encode("utf-8", "replace"))
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size
