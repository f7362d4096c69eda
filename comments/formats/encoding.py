"""Text in any encoding, as the UTF-8 that the formats read.

A byte that its encoding does not know must neither end the import nor be
guessed: it becomes a character that stands for it (of the last private plane,
which nobody writes), and the row that holds one is a problem of its own.
"""

import codecs
import io
import re
from typing import BinaryIO, cast

from comments.drafts import Refused
from comments.formats.base import Unreadable

_CHUNK = 64 * 1024
_MARK = "sekisho-mark"
_MARKS = 0x10FE00
# What Python's cp932 makes of bytes that no Windows code page 932 has.
_STRAY = dict(zip(range(0xF8F0, 0xF8F4), (_MARKS + byte for byte in (0xA0, 0xFD, 0xFE, 0xFF)), strict=True))
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
_NO_ENCODING = {"idna", "punycode", "undefined", "utf-7", "unicode_escape", "raw_unicode_escape"}


def _marked(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(_MARKS + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_MARK, _marked)


def codec(name: str) -> str:
    """Python's name of an encoding. Raises `Unreadable` for one that is none."""
    try:
        info = codecs.lookup(name)
        usable = info.name not in _NO_ENCODING and isinstance(b"".decode(name), str)
    except (LookupError, ValueError):
        usable = False
    if not usable:
        mend = "Name the right one with --encoding, such as utf-8, shift_jis or euc-jp."
        raise Unreadable(f"{name[:40]!r} is no encoding that we know. {mend}")
    return _WRITTEN.get(info.name, info.name)


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


def utf8_stream(stream: BinaryIO, encoding: str) -> BinaryIO:
    """The stream in UTF-8, what cannot be decoded marked (see `undecodable`)."""
    return cast(BinaryIO, io.BufferedReader(_Transcoder(stream, encoding), _CHUNK))


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
