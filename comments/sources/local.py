"""Files of this machine: in the folders that the operator has named, and uploads."""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import glob
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from comments.formats.base import Unreadable
from comments.imports.folder import packed
from comments.sources.addresses import Address, Kind
from comments.sources.faults import Fault, NotTried
from comments.sources.spool import MEGABYTE, Sink, copy, private_folder, too_large

# Files that one pattern may stand for.
FILES_LIMIT = 1_000
# An upload that no source names, and what a killed fetch left, are deleted after as many seconds.
UPLOAD_SECONDS = 86_400.0
SPOOL_SECONDS = 7 * 86_400.0
_NAME_BYTES = 200


def names(address: Address) -> list[str]:
    """The files, or the folder, that an address stands for, in order. Raises `Fault`."""
    if address.kind is Kind.UPLOAD:
        return [address.text]
    check(address)
    found = [address.path]
    if address.is_pattern:
        found = sorted(glob(address.path))  # noqa: PTH207 - a whole path is the pattern
        found = [name for name in found if Path(name).is_file()]
    if not found:
        raise Fault(_("No file fits this pattern now."))
    if len(found) > FILES_LIMIT:
        raise Fault(
            _("%(number)d files fit this pattern; at most %(limit)d may."),
            number=len(found),
            limit=FILES_LIMIT,
        )
    return found


def check(address: Address) -> None:
    """Whether what is certain of the path lies in a permitted folder. Raises `NotTried`."""
    certain = re.split(r"[*?\[]", address.path, maxsplit=1)[0]
    confined(certain if certain == address.path else str(Path(f"{certain}x").parent))


def stamp(name: str) -> dict[str, str]:
    """What tells that a file is as it was: its size and time; nothing for a folder. Raises `Fault`."""
    path = _path(name)
    if path.is_dir():
        return {}
    try:
        found = path.stat()
    except OSError as error:
        raise Fault(_("It cannot be read: %(reason)s."), reason=error.strerror) from None
    return {"size": str(found.st_size), "modified": str(found.st_mtime_ns)}


def fetch(name: str, sink: Sink) -> None:
    """Copy a file, or a folder as an archive, into the sink. Raises `Fault`."""
    path = _path(name)
    if path.is_dir():
        try:
            with packed(path) as archive, archive.open("rb") as stream:
                copy(stream, sink)
        except Unreadable as fault:
            raise Fault("%(reason)s", reason=fault) from None
        return
    with _opened(path) as stream:
        if not sink.limits.head and os.fstat(stream.fileno()).st_size > sink.limits.bytes:
            raise too_large(sink.limits.bytes)
        copy(stream, sink)


def confined(name: str) -> Path:
    """The path, which no link leads out of the permitted folders. Raises `NotTried`."""
    path = Path(os.path.realpath(name))
    folders = [Path(os.path.realpath(folder)) for folder in settings.IMPORT_FOLDERS]
    if any(path == folder or folder in path.parents for folder in folders):
        return path
    raise NotTried(
        _(
            "It is in none of the folders that may be read: %(folders)s. Whoever runs Sekisho can add its "
            "folder to IMPORT_FOLDERS; or upload the file."
        ),
        folders=", ".join(map(str, folders)) or "–",
    )


def _path(name: str) -> Path:
    if name.startswith("upload:"):
        path = private_folder("uploads") / name.removeprefix("upload:")
        if not path.is_file():
            raise NotTried(_("The upload is not there any more. Upload the file again."))
        return path
    return confined(name)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """An open regular file. What stands at the path may be exchanged between the look and the opening."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Fault(_("It cannot be read: %(reason)s."), reason=error.strerror) from None
    with os.fdopen(number, "rb") as stream:
        here = Path(f"/proc/self/fd/{number}")
        moved = here.exists() and os.path.realpath(here) != str(path)
        if moved or not stat.S_ISREG(os.fstat(number).st_mode):
            raise NotTried(_("It is no ordinary file."))
        yield stream


def keep(upload: UploadedFile[Any]) -> str:
    """Store an upload under a name of ours; its address. Raises `Fault` where it is too large."""
    limit = settings.IMPORT_UPLOAD_MEGABYTES * MEGABYTE
    if (upload.size or 0) > limit:
        raise too_large(limit)
    name = re.sub(r"[^\w.\-]+", "-", Path(upload.name or "file").name)[-80:]
    # A file system counts bytes: 255 for a name, of which some characters take four.
    name = name.encode()[-_NAME_BYTES:].decode(errors="ignore").strip("-") or "file"
    path = private_folder("uploads") / f"{secrets.token_hex(6)}-{name}"
    with path.open("xb") as file:
        path.chmod(0o600)
        for chunk in upload.chunks():
            file.write(chunk)
    return f"upload:{path.name}"


def purge(addresses: set[str], *, now: float | None = None) -> int:
    """Delete uploads that none of `addresses` names, and what killed fetches left; how many."""
    moment, gone = time.time() if now is None else now, 0
    for folder, age in (("uploads", UPLOAD_SECONDS), ("spool", SPOOL_SECONDS)):
        for path in private_folder(folder).iterdir():
            if f"upload:{path.name}" in addresses:
                continue
            with suppress(FileNotFoundError):
                if moment - path.stat().st_mtime > age:
                    path.unlink()
                    gone += 1
    return gone
