"""A folder as one file: its comments' files in an archive whose bytes depend on them alone."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from comments.formats.archive import FILE_LIMIT, FILES_LIMIT, SUFFIXES
from comments.formats.base import Unreadable

# The first day that a zip archive can name.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


@contextmanager
def packed(folder: Path) -> Iterator[Path]:
    """A temporary archive of the folder's files, in sorted order and without their dates.

    So the same files have the same digest. Links are not followed. Raises `Unreadable`.
    """
    with tempfile.NamedTemporaryFile(prefix="import-", suffix=".zip") as spool:
        files = _files(folder)
        with zipfile.ZipFile(spool, "w") as archive:
            for path in files:
                name = path.relative_to(folder).as_posix().encode("utf-8", "replace").decode()
                archive.writestr(zipfile.ZipInfo(name, _NO_DATE), _beginning(path))
        spool.flush()
        yield Path(spool.name)


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    seen = 0
    for where, folders, names in os.walk(folder):
        seen += len(folders) + len(names)
        paths = (Path(where, name) for name in names if name.lower().endswith(SUFFIXES))
        found += (path for path in paths if path.is_file() and not path.is_symlink())
        if seen > FILES_LIMIT:
            raise Unreadable(f"holds more than {FILES_LIMIT:,} files. Import its folders one by one.")
    if not found:
        raise Unreadable(f"it is a folder without files of comments ({', '.join(SUFFIXES)}).")
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _beginning(path: Path) -> bytes:
    """The file, or so much of one that is too large that the reader sees it is."""
    try:
        with path.open("rb") as stream:
            return stream.read(FILE_LIMIT + 1)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}.") from None
