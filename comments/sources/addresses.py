"""What a person may write as the address of a source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from comments.sources.faults import NotTried

# A name that we have given to an upload ourselves: see `comments.sources.local.keep`.
_UPLOAD = re.compile(r"[0-9a-f]{12}-[\w.\-]{1,80}")
_GLOB = re.compile(r"[*?\[]")


class Kind(StrEnum):
    """By which way an address is reached."""

    FILE = "file"
    UPLOAD = "upload"
    HTTP = "http"
    S3 = "s3"
    SFTP = "sftp"


_KINDS = {
    "http": Kind.HTTP,
    "https": Kind.HTTP,
    "s3": Kind.S3,
    "sftp": Kind.SFTP,
    "upload": Kind.UPLOAD,
}


@dataclass(frozen=True, slots=True)
class Address:
    """An address as it was written, and what it is.

    `host` is the host, the bucket (s3), or nothing; `path` what comes after it.
    """

    text: str
    kind: Kind
    host: str = ""
    path: str = ""

    @property
    def is_pattern(self) -> bool:
        """Whether it may stand for several files."""
        return self.kind not in {Kind.HTTP, Kind.UPLOAD} and bool(_GLOB.search(self.path))


def parse(text: str) -> Address:
    """The address that a person wrote. Raises `NotTried` with what to write instead."""
    text = text.strip()
    if not text.isprintable():
        raise NotTried(_("The address holds characters that cannot be seen. Type it anew."))
    if text.startswith("/"):
        return Address(text, Kind.FILE, path=_without_dots(text))
    scheme, colon, rest = text.partition(":")
    kind = _KINDS.get(scheme.lower()) if colon else None
    if kind is None:
        raise NotTried(
            _(
                "This is no address that can be read. Write a path that begins with /, or one of "
                "https://, http://, s3:// and sftp://."
            )
        )
    if kind is Kind.UPLOAD:
        if not _UPLOAD.fullmatch(rest):
            raise NotTried(_("There is no such upload. Choose the file again below."))
        return Address(text, kind, path=rest)
    return _remote(text, kind)


def _remote(text: str, kind: Kind) -> Address:
    try:
        parts = urlsplit(text)
        host, _port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise NotTried(_("This address cannot be read: check its host and port.")) from None
    if not host:
        raise NotTried(_("The address names no host."))
    if parts.password is not None or (parts.username and kind is not Kind.SFTP):
        raise NotTried(
            _(
                "Leave the user name and password out of the address: it is stored and shown. Name variables "
                "of the environment that hold them, under Credentials."
            )
        )
    if kind is Kind.HTTP and parts.fragment:
        raise NotTried(_("Leave out what follows #: it is never sent to the server."))
    path = parts.path if kind is Kind.HTTP else _without_dots(text.split("://", 1)[1].partition("/")[2])
    if kind is not Kind.HTTP and not path:
        raise NotTried(_("The address names no file: write its path behind the host."))
    return Address(text, kind, host, path)


def _without_dots(path: str) -> str:
    if ".." in PurePosixPath(path).parts:
        raise NotTried(_("Write the path without ..: it says where it leads as it stands."))
    return path
