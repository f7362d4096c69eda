"""Records of CSV and TSV in bounded memory, whatever their quotes do."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from comments.formats.base import RAW_LIMIT
from comments.formats.encoding import codec
from comments.formats.lines import Line, read_lines

DELIMITERS = ",\t;"
LINE_LIMIT = 1024 * 1024
# Bytes and lines of one record: the longest body with room for the rest, in the widest encoding.
_RECORD_BYTES = 1024 * 1024
_RECORD_LINES = 5_000
# Looking for the end of a quote reads ahead. Past so many that had none, a
# quote must end in its own line, so that a file full of them is read in linear time.
_UNCLOSED = 100


@dataclass(frozen=True, slots=True)
class Record:
    """A record and the number of its first line; `fault` is `(code, reason)` where it is none.

    `odd` is true where text stood behind a closing quote.
    """

    number: int
    fields: tuple[str, ...]
    raw: str
    fault: tuple[str, str] | None = None
    odd: bool = False


class Records:
    """The records of a stream. Blank lines are none."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._lines = read_lines(stream, LINE_LIMIT)
        self._codec = codec(encoding)
        self._again: deque[Line] = deque()
        self._unclosed = 0

    def first_line(self) -> str:
        """The first line that is not blank, which stays to be read; `""` if there is none."""
        while (line := self._next()) is not None:
            if line.data.strip():
                self._again.appendleft(line)
                return line.data[:LINE_LIMIT].decode(self._codec, "replace")
        return ""

    def read(self, delimiter: str) -> Iterator[Record]:
        """The records from here on."""
        while (line := self._next()) is not None:
            if line.data.strip() or not line.whole:
                yield self._record(line, delimiter)

    def _next(self) -> Line | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _record(self, first: Line, delimiter: str) -> Record:
        taken: list[Line] = []
        texts: list[str] = []
        fault: tuple[str, str] | None = None
        opened, odd, size = False, False, 0
        line: Line | None = first
        while line is not None and line.whole:
            taken.append(line)
            size += len(line.data)
            text, broken = self._text(line)
            fault = fault or broken
            texts.append(text + "\n")
            opened, oddly = _quoted_after(text, opened, delimiter)
            odd = odd or oddly
            if not opened:
                return _parsed(first.number, texts, delimiter, fault, odd)
            if not self._more(size, len(taken)):
                break
            line = self._next()
        return self._unended(first, taken, line)

    def _text(self, line: Line) -> tuple[str, tuple[str, str] | None]:
        try:
            return line.data.decode(self._codec), None
        except UnicodeDecodeError as error:
            at = line.offset + error.start
            told = f"byte {at} (0x{line.data[error.start]:02x}) is not {self._codec}. Name it by --encoding."
            return line.data.decode(self._codec, "replace"), ("encoding", told)

    def _more(self, size: int, lines: int) -> bool:
        return size < _RECORD_BYTES and lines < _RECORD_LINES and self._unclosed < _UNCLOSED

    def _unended(self, first: Line, taken: list[Line], last: Line | None) -> Record:
        """A record of one line, whose quote does not end or which does not; the others are read again."""
        if last is not None and not last.whole:
            taken = [*taken, last]
        self._again.extendleft(reversed(taken[1:]))
        raw = first.data[:RAW_LIMIT].decode(self._codec, "replace")
        if not first.whole:
            fault = ("line-too-long", f"line is longer than {LINE_LIMIT // 2**20} MiB.")
        else:
            self._unclosed += 1
            fault = (
                "unclosed-quote",
                'a quote (") opens a field here and does not close. Close it, or double it.',
            )
        return Record(first.number, (), raw, fault)


def _quoted_after(line: str, quoted: bool, delimiter: str) -> tuple[bool, bool]:
    """Whether a quote is open behind a line, and whether text stood behind a closing one."""
    at, odd = 0, False
    while True:
        if not quoted and not line.startswith('"', at):
            at = line.find(delimiter, at) + 1
            if not at:
                return False, odd
            continue
        at += not quoted
        quoted = True
        end = line.find('"', at)
        if end < 0:
            return True, odd
        if line.startswith('"', end + 1):
            at = end + 2
            continue
        quoted = False
        at = line.find(delimiter, end + 1)
        odd = odd or bool(line[end + 1 : at if at >= 0 else None].strip())
        if at < 0:
            return False, odd
        at += 1


def _parsed(
    number: int, texts: list[str], delimiter: str, fault: tuple[str, str] | None, odd: bool
) -> Record:
    raw = "".join(texts)[:RAW_LIMIT]
    try:
        (fields,) = csv.reader(texts, delimiter=delimiter)
    except (csv.Error, ValueError) as error:
        return Record(number, (), raw, fault or ("csv", f"is no CSV: {error}."))
    return Record(number, tuple(fields), raw, fault, odd)
