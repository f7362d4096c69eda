"""The file of a run: found, told by its digest and its format, read as often as needed."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from comments.formats import FORMATS
from comments.formats.base import Format, Options, Problem, Row, Unreadable

# How much of a file a format may look at to know it.
HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """A file with what a format must be told about it.

    `name` is what a person called it (`-` for standard input), `digest` the
    SHA-256 of its bytes. `zone` is a name of the time zone database.
    """

    path: Path
    name: str
    digest: str
    format: Format
    zone: str
    url: str = ""

    @property
    def options(self) -> dict[str, Any]:
        """What `ImportRun.options` stores, so that a resumed run reads alike."""
        filename = "" if self.name == "-" else Path(self.name).name
        return {"zone": self.zone, "url": self.url, "filename": filename}

    def rows(self) -> Iterator[Row | Problem]:
        """The rows from the beginning. Raises `Unreadable`."""
        options = self.options
        told = Options(zone=ZoneInfo(self.zone), url=options["url"], filename=options["filename"])
        with self.path.open("rb") as stream:
            yield from self.format.read(stream, told)


@contextmanager
def readable(name: str) -> Iterator[Path]:
    """The path of a file that can be read again; standard input (`-`) is spooled.

    Raises `Unreadable` where there is no such file.
    """
    if name != "-":
        path = Path(name)
        if not path.is_file():
            raise Unreadable("it is a folder." if path.is_dir() else "there is no such file.", name)
        yield path
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
        raise Unreadable(f"{error.strerror}.", str(path)) from None


def find_format(path: Path, slug: str = "", formats: Sequence[Format] = FORMATS) -> Format:
    """The format called `slug`, else the first that knows the file's beginning.

    Raises `Unreadable` where there is none.
    """
    known: Mapping[str, Format] = {format_.slug: format_ for format_ in formats}
    if slug:
        if slug not in known:
            raise Unreadable(f"there is no format {slug!r}: choose one of {', '.join(sorted(known))}.")
        return known[slug]
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    for format_ in formats:
        if format_.sniff(head):
            return format_
    raise Unreadable(
        f"its beginning is of no known format ({', '.join(sorted(known))}). Name one with --format."
    )
