"""An address tried: the head of its first file, and how a run would understand it. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from django.utils.translation import gettext_lazy as _

from comments import imports
from comments.formats.base import Row, Unreadable
from comments.formats.encoding import Encoding
from comments.models import ImportSource
from comments.sources.faults import Fault
from comments.sources.fetching import files, limits_of
from comments.sources.running import told
from comments.sources.spool import MEGABYTE, Sink, fetched, spooled

# A person waits for it.
HEAD = 8 * MEGABYTE
SECONDS = 20
# The last line of a head is broken off; one longer than this stays so.
LONGEST_LINE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What was found. `whole` is false where more follows than was looked at (`size`, in bytes)."""

    name: str
    files: int
    size: int
    whole: bool
    format: str
    policy: str
    encoding: Encoding
    zone: str
    rows: list[Row]


def try_address(source: ImportSource) -> Tried:
    """The head of the first file of a source. Raises `Fault`, `Unreadable`."""
    limits = limits_of(source)
    limits = replace(limits, head=min(HEAD, limits.bytes), seconds=min(SECONDS, limits.seconds))
    with files(source) as found, spooled(limits) as sink:
        fetched(sink, partial(found[0].fetch, sink, {}), lambda _size: None)
        whole = sink.size < limits.head
        if not whole:
            _break_at_line(sink)
        sink.file.flush()
        try:
            opened = imports.open_source(sink.path, found[0].name, told(source))
        except Unreadable:
            if whole:
                raise
            raise Fault(
                _(
                    "Its first %(number)d megabytes do not tell what it is: it is packed, or a database. "
                    "Press Run now: the run says what it finds."
                ),
                number=HEAD // MEGABYTE,
            ) from None
        return Tried(
            name=found[0].name,
            files=len(found),
            size=sink.size,
            whole=whole,
            format=opened.format.title,
            policy=source.policy or opened.format.policy,
            encoding=opened.encoding,
            zone=opened.zone,
            rows=imports.first_rows(opened),
        )


def _break_at_line(sink: Sink) -> None:
    """Cut a head after its last whole line, so that no character is cut in two."""
    start = max(sink.size - LONGEST_LINE, 0)
    sink.file.seek(start)
    last = sink.file.read().rfind(b"\n")
    if last >= 0:
        sink.file.truncate(start + last + 1)
