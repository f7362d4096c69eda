"""The file of a run: found, told by its digest and its format, read as often as needed."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zoneinfo import ZoneInfo

from comments.formats import HEAD, by_slug, detect
from comments.formats.base import Format, Options, Problem, Row, Unreadable
from comments.imports.folder import packed

# What `ImportRun.path` holds.
PATH_LIMIT = 1_000


class Numbered(NamedTuple):
    """A row and its place among all rows of the source, from 0."""

    position: int
    row: Row | Problem


@dataclass(slots=True, kw_only=True)
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
    columns: dict[str, str] = field(default_factory=dict)
    _stream: BinaryIO | None = field(default=None, init=False)

    @property
    def options(self) -> dict[str, Any]:
        """What `ImportRun.options` stores, so that a resumed run reads alike."""
        filename = "" if self.name == "-" else Path(self.name).name
        columns = {"columns": self.columns} if self.columns else {}
        return {"zone": self.zone, "url": self.url, "filename": filename, **columns}

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
        with self.path.open("rb") as self._stream:
            yield from self.format.read(self._stream, told)

    def fraction(self) -> float:
        """How much of the file the present reading has passed, from 0 to 1."""
        if self._stream is None or self._stream.closed:
            return 1.0
        return self._stream.tell() / max(self.path.stat().st_size, 1)

    def numbered(self, skip: int = 0) -> Iterator[Numbered]:
        """The rows after the first `skip`."""
        return itertools.islice(map(Numbered, itertools.count(), self.rows()), skip, None)


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


def find_format(path: Path, slug: str = "") -> Format:
    """The format called `slug`, else the one that the file's beginning is of.

    Raises `Unreadable` where there is none.
    """
    if slug:
        return by_slug(slug)
    with path.open("rb") as stream:
        return detect(stream.read(HEAD))
