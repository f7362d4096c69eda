"""Bytes on their way into a file of ours, within limits of size and time."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, TypeVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from comments.sources.faults import Fault

MEGABYTE = 1_000_000
PIECE = 1_048_576
T = TypeVar("T")


class Enough(Exception):
    """As much is here as was wanted."""


class Stopped(Exception):
    """Nobody waits for the rest any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may come and how long it may take; `head` bytes are enough, if that is not 0."""

    bytes: int
    seconds: float
    head: int = 0
    clock: Callable[[], float] = time.monotonic


class Sink(io.RawIOBase):
    """A file to write to that refuses what is too large or comes too late.

    fsspec's `get_file` takes it for an open file. Raises `Fault`, `Enough`, `Stopped`.
    """

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        super().__init__()
        self.file = file
        self.limits = limits
        self.size = 0
        self.stopped = False
        self._deadline = limits.clock() + limits.seconds

    def write(self, data: Any) -> int:
        self.check()
        limits, room = self.limits, len(data)
        if limits.head:
            room = min(room, limits.head - self.size)
        self.size += room
        if self.size > limits.bytes:
            raise too_large(limits.bytes)
        try:
            self.file.write(data[:room])
        except OSError as error:
            raise Fault(_("It cannot be kept here: %(reason)s."), reason=error.strerror) from None
        if limits.head and self.size >= limits.head:
            raise Enough
        return room

    def check(self) -> None:
        """Raise if the time is over, or nobody waits."""
        if self.stopped:
            raise Stopped
        if self.limits.clock() > self._deadline:
            raise too_slow(self.limits.seconds)

    def clear(self) -> None:
        """Forget what came: it was a page about where to look instead."""
        self.file.seek(0)
        self.file.truncate()
        self.size = 0

    @property
    def path(self) -> Path:
        """Where the bytes are to be read."""
        return Path(self.file.name)

    @property
    def seconds_left(self) -> float:
        return max(self._deadline - self.limits.clock(), 0.001)


def too_large(limit: int) -> Fault:
    return Fault(
        _("It is larger than %(limit)d megabytes, the limit of this source. Raise the limit if it may be."),
        limit=limit // MEGABYTE,
    )


def too_slow(seconds: float) -> Fault:
    return Fault(
        _("It was not here after %(seconds)d seconds, the limit of this source."), seconds=round(seconds)
    )


@contextmanager
def spooled(limits: Limits) -> Iterator[Sink]:
    """A sink into a temporary file of ours, gone afterwards."""
    folder = private_folder("spool")
    with NamedTemporaryFile(prefix="import-", dir=folder) as file, Sink(file, limits) as sink:
        yield sink


def private_folder(name: str) -> Path:
    """A folder of imports that nobody else can enter, made where it is missing."""
    folder = Path(settings.IMPORT_DATA_DIR) / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def copy(stream: IO[bytes], sink: Sink) -> None:
    """Everything that is left of a stream."""
    while piece := stream.read(PIECE):
        sink.write(piece)


def attended(work: Callable[[], T], every: Callable[[], None], pause: float = 1.0) -> T:
    """What `work` returns; while it goes on, `every()` is called in this thread.

    Database connections belong to threads, so the sign of life cannot come
    from the one that works.
    """
    with ThreadPoolExecutor(1, "import") as pool:
        future = pool.submit(work)
        while True:
            try:
                return future.result(timeout=pause)
            except NotYet:
                if future.done():
                    raise
            every()


def fetched(sink: Sink, work: Callable[[], T], every: Callable[[int], None], pause: float = 1.0) -> T:
    """What `work`, which fills the sink, returns; `every(bytes so far)` is called meanwhile."""

    def look() -> None:
        try:
            sink.check()
            every(sink.size)
        except BaseException:
            sink.stopped = True
            raise

    return attended(work, look, pause)
