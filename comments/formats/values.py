"""Values that several formats carry: times, addresses, and texts that are too long."""

import re
import socket
from datetime import datetime, tzinfo
from ipaddress import IPv4Address, IPv6Address, ip_address

from comments.drafts import Refused, plain_address
from comments.formats.base import Notice

ASSUMED_ZONE = "assumed-zone"

# ISO 8601 with date and time; a date alone would make us invent the hour.
_ISO = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?\s?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII | re.IGNORECASE
)


def iso_time(field: str, text: str, zone: tzinfo) -> tuple[datetime, tuple[Notice, ...]]:
    """A time in ISO 8601; one that names no zone is taken to be in `zone`,
    and a notice says so. Raises `Refused` for what is no time."""
    try:
        if not _ISO.fullmatch(text):
            raise ValueError
        time = datetime.fromisoformat(text.upper().replace(" ", "T", 1).replace(" ", "").replace(",", "."))
    except ValueError:
        mend = "is no date and time. Write it as 2026-01-10T09:00:00+09:00."
        raise Refused(field, text[:80], mend, code="bad-date") from None
    if time.tzinfo is not None:
        return time, ()
    return time.replace(tzinfo=zone), (assumed_zone(field, zone),)


def assumed_zone(field: str, zone: tzinfo) -> Notice:
    """The notice on a row whose time named no zone."""
    return Notice(ASSUMED_ZONE, f"{field} names no time zone: {zone} was assumed.")


def address(text: str) -> tuple[IPv4Address | IPv6Address | None, tuple[Notice, ...]]:
    """A client's address. What is none is dropped with a notice: a comment is
    worth more than the address it came from."""
    text = text.strip()
    if not text:
        return None, ()
    try:
        # The system reads the usual kind ten times faster, and as strictly.
        return IPv4Address(socket.inet_pton(socket.AF_INET, text)), ()
    except (OSError, ValueError):
        pass
    try:
        return plain_address(ip_address(text)), ()
    except ValueError:
        notice = Notice("bad-ip", "The client's address is none: the comment is kept without it.")
        return None, (notice,)


def cut(field: str, text: str, limit: int, *, total: int | None = None) -> tuple[str, tuple[Notice, ...]]:
    """The text within `limit` characters, and a notice if that is not all of it.

    `total` is how long the text was, where not all of it was kept until here.
    An archive's row cannot be written again by its reader: what fits is worth
    more than a refusal.
    """
    if len(text) <= limit:
        return text, ()
    code = "cut-body" if field == "body" else "cut-field"
    size = len(text) if total is None else total
    notice = Notice(code, f"{field} has {size:,} characters: the first {limit:,} were taken.")
    return text[:limit], (notice,)
