"""The file of a run: found, told by its digest and its format, read as often as needed."""

from __future__ import annotations

import hashlib
import io
import itertools
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from comments.formats import HEAD, by_slug, detect, read
from comments.formats.base import RAW_LIMIT, Format, Notice, Options, Problem, Row, Unreadable
from comments.formats.encoding import Encoding, as_utf8, codec, find_encoding
from comments.formats.packing import Part, is_packed, unpack
from comments.formats.records import Records
from comments.imports.folder import packed

# An encoding that is less sure than this is noted in the ledger. Below it are
# guesses; a broken byte among ten thousand characters leaves more.
SURE = 0.99
# What `ImportRun.path` holds.
PATH_LIMIT = 1_000


class Numbered(NamedTuple):
    """A row and its place among all rows of the source, from 0."""

    position: int
    row: Row | Problem


class Chooser(Protocol):
    """Takes the rows of a mended file that an earlier run (its key) had refused; see `mended`."""

    @property
    def run(self) -> int: ...

    def choose(self, rows: Iterator[Numbered]) -> Iterator[Numbered]: ...


@dataclass(slots=True, kw_only=True)
class Source:
    """A file with what a format must be told about it.

    `name` is what a person called it (`-` for standard input), `digest` the
    SHA-256 of its bytes. `zone` is a name of the time zone database. `encoding`
    is that of its text; the default is what the file declares, else UTF-8.
    `only` chooses the rows that are taken in.
    """

    path: Path
    name: str
    digest: str
    format: Format
    zone: str
    url: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    encoding: Encoding = Encoding("", 1.0)  # noqa: RUF009  (it is frozen)
    only: Chooser | None = None
    _stream: BinaryIO | None = field(default=None, init=False)

    @property
    def options(self) -> dict[str, Any]:
        """What `ImportRun.options` stores, so that a resumed run reads alike."""
        filename = "" if self.name == "-" else Path(self.name).name
        columns = {"columns": self.columns} if self.columns else {}
        name, confidence = self.encoding.name, round(self.encoding.confidence, 3)
        encoding = {"encoding": name, "confidence": confidence} if name else {}
        header = {"header": self._header()} if self.format.slug == "csv" else {}
        only = {"only_problems_of": self.only.run} if self.only else {}
        told = {"zone": self.zone, "url": self.url, "filename": filename}
        return {**told, **columns, **encoding, **header, **only}

    def _header(self) -> str:
        """The line of headers of a table, without which a row of it says nothing.

        `""` where it is none that all rows share, or is too long to be kept.
        """
        with self.path.open("rb") as stream:
            for part in parts(stream, "", self.format):
                records = Records(io.BytesIO(part.head), self.encoding.name or "utf-8")
                line = "" if part.inside else records.first_line().replace("\0", "").strip()
                return line if len(line) <= RAW_LIMIT else ""
        return ""

    def wanted(self, policy: str) -> dict[str, Any]:
        """The fields of a run over this file, as `begin` takes them."""
        return {
            "path": self.name,
            "digest": self.digest,
            "format": self.format.slug,
            "policy": policy,
            "options": self.options,
        }

    def rows(self) -> Iterator[Row | Problem]:
        """The rows from the beginning. Raises `Unreadable`."""
        options = self.options
        told = Options(
            zone=ZoneInfo(self.zone),
            url=options["url"],
            filename=options["filename"],
            columns=self.columns,
        )
        assumed = self._assumed()
        with self.path.open("rb") as self._stream:
            for part in parts(self._stream, told.filename, self.format):
                for row in self._rows_of(part, told):
                    if assumed and isinstance(row, Row):
                        yield replace(row, notices=(*assumed, *row.notices))
                        assumed = ()
                    else:
                        yield row

    def _assumed(self) -> tuple[Notice, ...]:
        """The notice on the first row of a text whose encoding was guessed."""
        if self.encoding.confidence >= SURE:
            return ()
        told = f"The text was taken to be {self.encoding.name} ({self.encoding.confidence:.0%})."
        return (Notice("assumed-encoding", f"{told} --encoding says otherwise."),)

    def _rows_of(self, part: Part, told: Options) -> Iterator[Row | Problem]:
        told = replace(told, filename=part.name, encoding=self.encoding.name)
        if not part.inside:
            yield from read(self.format, part.stream, told)
            return
        if not self.format.sniff(_as_text(part.head, self.encoding)):
            reason = f"is no {self.format.title}, as another file of the archive is. Import it apart."
            yield Problem(place=part.name, kind="comments", code="other-format", reason=reason)
            return
        try:
            for row in read(self.format, part.stream, told):
                yield replace(row, place=f"{part.name}: {row.place}")
        except Unreadable as fault:
            raise Unreadable(fault.reason, f"{part.name}: {fault.place}") from None

    def fraction(self) -> float:
        """How much of the file the present reading has passed, from 0 to 1."""
        if self._stream is None or self._stream.closed:
            return 1.0
        return self._stream.tell() / max(self.path.stat().st_size, 1)

    def numbered(self) -> Iterator[Numbered]:
        """The rows that are taken in, with their places among all rows. Raises `Unreadable`."""
        rows = map(Numbered, itertools.count(), self.rows())
        return self.only.choose(rows) if self.only else rows


@contextmanager
def readable(name: str) -> Iterator[Path]:
    """The path of a file that can be read again; standard input (`-`) is spooled, a folder packed.

    Raises `Unreadable` where there is no such file, or none that a run could name.
    """
    if name != "-":
        path = Path(name)
        if len(name) > PATH_LIMIT or not name.isprintable():
            raise Unreadable("no run can keep such a name. Rename the file, or give it as -, standard input.")
        try:
            folder = path.is_dir()
            if not (folder or path.is_file()):
                raise Unreadable("there is no such file.")
        except OSError as error:
            # A name that is too long, a folder that may not be entered.
            raise Unreadable(f"{error.strerror}.") from None
        with packed(path) if folder else nullcontext(path) as file:
            yield file
        return
    with tempfile.NamedTemporaryFile(prefix="import-") as spool:
        shutil.copyfileobj(sys.stdin.buffer, spool)
        spool.flush()
        yield Path(spool.name)


def digest_of(path: Path) -> str:
    """SHA-256 of the file's bytes, in hexadecimal digits. Raises `Unreadable`."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise Unreadable(f"{error.strerror}.") from None


def parts(stream: BinaryIO, filename: str, form: Format | None = None) -> Iterator[Part]:
    """The files in a file, unless `form` reads packed files itself."""
    head = stream.read(HEAD)
    stream.seek(0)
    if form is not None and form.sniff(head):
        yield Part(filename, head, stream)
    else:
        yield from unpack(stream, filename)


def find_format(path: Path, slug: str = "", encoding: str = "") -> Format:
    """The format called `slug`, else the one that the file is of, packed or not.

    Raises `Unreadable` where there is none.
    """
    if slug:
        return by_slug(slug)
    with path.open("rb") as stream:
        head = stream.read(HEAD)
        stream.seek(0)
        try:
            return detect(head)
        except Unreadable:
            if not is_packed(head):
                return detect(_as_text(head, _told(encoding) or find_encoding(stream)))
        fault = Unreadable("is empty.")
        for part in unpack(stream, ""):
            try:
                return detect(_as_text(part.head, _told(encoding) or find_encoding(io.BytesIO(part.head))))
            except Unreadable as broken:
                fault = broken
        raise fault


def encoding_of(path: Path, form: Format, told: str = "") -> Encoding:
    """The encoding that a person told, else the one that the file seems to be in.

    That of its first file of this format, if it is an archive. No name for
    what is no text. Raises `Unreadable`.
    """
    if found := _told(told):
        return found
    with path.open("rb") as stream:
        for part in parts(stream, "", form):
            try:
                found = find_encoding(part.stream)
            except Unreadable:
                # Damaged further on: the reading says so at its place.
                found = find_encoding(io.BytesIO(part.head))
            if not part.inside or (found and form.sniff(_as_text(part.head, found))):
                return found or Encoding("", 1.0)
    return Encoding("", 1.0)


def _told(encoding: str) -> Encoding | None:
    return Encoding(codec(encoding), 1.0) if encoding else None


def _as_text(head: bytes, encoding: Encoding | None) -> bytes:
    """The beginning of a file in UTF-8; as it is, if it is no text or XML."""
    if encoding is None or head.lstrip()[:1] == b"<":
        return head
    return as_utf8(io.BytesIO(head), encoding.name).read()
