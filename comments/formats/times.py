"""Times as people and old programs write them, for formats that prescribe no spelling."""

import re
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime

from comments.drafts import Refused
from comments.formats.base import Notice
from comments.formats.values import assumed_zone, iso_time

Notices = tuple[Notice, ...]

# Year first: `03/04/2024` is one day to half of the world and another to the rest.
_YEAR_FIRST = re.compile(
    r"(\d{4})[-/.年]\s?(\d{1,2})[-/.月]\s?(\d{1,2})日?"
    r"(?:(?:[T,]\s?|\s+|(?<=日))(\d{1,2})[:時]\s?(\d{1,2})(?:[:分]\s?(\d{1,2})秒?)?分?)?",
    re.ASCII,
)
# Ruby's way: `2017-11-02 16:36:47 UTC`.
_GMT = re.compile(r"(?<=\d)\s?(UTC|GMT)$")
_UNIX = re.compile(r"\d{9,10}(\.\d+)?", re.ASCII)
_UNIX_MILLISECONDS = re.compile(r"\d{12,13}", re.ASCII)


def any_time(field: str, text: str, zone: tzinfo) -> tuple[datetime, Notices]:
    """The time that a text says: ISO 8601, year first with `/` or in Japanese,
    RFC 2822, UNIX seconds or milliseconds. Raises `Refused` for any other.

    Notices say where the zone, or the hour of a date alone, was assumed.
    """
    text = _GMT.sub("Z", text.strip())
    try:
        return iso_time(field, text, zone)
    except Refused:
        pass
    try:
        if _UNIX.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC), ()
        if _UNIX_MILLISECONDS.fullmatch(text):
            return datetime.fromtimestamp(int(text) / 1000, UTC), ()
        if found := _YEAR_FIRST.fullmatch(text):
            return _year_first(field, found, zone)
        return _mail(field, text, zone)
    except (ValueError, TypeError, IndexError, OverflowError):
        mend = "is no date and time that means one thing. Write it as 2026-01-10T09:00:00+09:00."
        raise Refused(field, text[:80], mend, code="bad-date") from None


def _year_first(field: str, found: re.Match[str], zone: tzinfo) -> tuple[datetime, Notices]:
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    time = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    notices: Notices = (assumed_zone(field, zone),)
    if found[4] is None:
        notices += (
            Notice("assumed-hour", f"{field} is a date alone: the beginning of the day was assumed."),
        )
    return time, notices


def _mail(field: str, text: str, zone: tzinfo) -> tuple[datetime, Notices]:
    """RFC 2822, which a file's date field may be; `-0000` names no zone."""
    if len(text) > 80:
        raise ValueError
    time = parsedate_to_datetime(text)
    if time.tzinfo is None:
        return time.replace(tzinfo=zone), (assumed_zone(field, zone),)
    return time, ()
