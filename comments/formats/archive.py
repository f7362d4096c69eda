"""The files of a zip archive, one at a time in bounded memory, whatever its directory claims."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from comments.drafts import Refused
from comments.formats.base import Unreadable

SUFFIXES = (".yml", ".yaml", ".json")
# A comment of the longest body with every character escaped.
FILE_LIMIT = 256 * 1024
FILES_LIMIT = 200_000
# The directory is held in memory while the archive is read: some hundred bytes a file.
_DIRECTORY_LIMIT = 48 * 1024 * 1024
_LOCAL, _END, _END64 = b"PK\3\4", b"PK\5\6", b"PK\6\6"
_END_REACH = 66_000


@dataclass(frozen=True, slots=True)
class Member:
    """A comment's file: its folder within the archive and its name there."""

    folder: str
    name: str
    info: zipfile.ZipInfo

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.name}" if self.folder else self.name


def names_in(head: bytes) -> Iterator[str]:
    """The names of an archive's first files, as far as its beginning has them."""
    at = head.find(_LOCAL)
    while 0 <= at <= len(head) - 30:
        length = int.from_bytes(head[at + 26 : at + 28], "little")
        yield head[at + 30 : at + 30 + length].decode("utf-8", "replace")
        at = head.find(_LOCAL, at + 30)


def opened(stream: BinaryIO) -> zipfile.ZipFile:
    """The archive. Raises `Unreadable`."""
    try:
        if _directory_size(stream) > _DIRECTORY_LIMIT:
            raise Unreadable(f"holds more than {FILES_LIMIT:,} files. Import its folders one by one.")
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable(f"is no zip archive that can be read: {error}.") from None


def _directory_size(stream: BinaryIO) -> int:
    """The bytes of the directory as the archive's last record gives them: zipfile reads it at once."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _END_REACH))
    tail = stream.read()
    stream.seek(0)
    end, end64 = tail.rfind(_END), tail.rfind(_END64)
    sizes = [struct.unpack_from("<I", tail, end + 12)[0]] if 0 <= end <= len(tail) - 22 else []
    if sizes == [0xFFFFFFFF]:
        sizes = []
    if 0 <= end64 <= len(tail) - 56:
        sizes.append(struct.unpack_from("<Q", tail, end64 + 40)[0])
    return max(sizes, default=0)


def members(archive: zipfile.ZipFile) -> list[Member]:
    """The comments' files by folder and name; other files are none. Raises `Unreadable`."""
    found = []
    for info in archive.infolist():
        folder, _, name = info.filename.rpartition("/")
        hidden = name.startswith(".") or "__MACOSX" in folder
        if name.lower().endswith(SUFFIXES) and not hidden:
            found.append(Member(folder, name, info))
    if not found:
        raise Unreadable(f"holds no files of comments ({', '.join(SUFFIXES)}).")
    if len(found) > FILES_LIMIT:
        raise Unreadable(f"holds more than {FILES_LIMIT:,} files. Import its folders one by one.")
    return sorted(found, key=lambda member: (member.folder, member.name))


def data_of(archive: zipfile.ZipFile, member: Member) -> bytes:
    """A file's bytes. Raises `Refused`."""
    try:
        with archive.open(member.info) as file:
            data = file.read(FILE_LIMIT + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise Refused("file", "", f"can not be unpacked: {error}.", code="unpack") from None
    except RuntimeError:
        raise Refused("file", "", "is encrypted. Unpack it first.", code="unpack") from None
    if len(data) > FILE_LIMIT:
        raise Refused("file", "", f"is larger than {FILE_LIMIT // 1024} KiB.", code="file-too-large")
    return data
