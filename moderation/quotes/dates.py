"""Dates and times in attribution lines: `On Mon, 3 Apr 2026 09:15:02 +0900, …`, `2026年4月3日 9:15`.

A comment's time is as good as its number: an attribution that gives it tells
which of many that hold the same words is meant.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_TIME = (
    r"[ ,　]{0,3}(?:at |um |à |(?P<ja>午前|午後))?[ ]?(?P<hour>\d{1,2})(?::|時)(?P<minute>\d{1,2})"
    r"(?:(?::|分)(?P<second>\d{2})?)?(?:\.\d{1,6})?秒?[ ]?(?P<half>[ap]\.?m\b\.?)?[ ]?"
    r"(?:\(?(?P<zone>[+-]\d{2}:?\d{2}|Z|UTC|GMT|JST)\b)?"
)
_WEEKDAY = r"(?:[ ]?[(（][^()（）]{1,4}[)）])?"
_DATES = (
    rf"(?P<day>\d{{1,2}})\.? {_MONTH},? (?P<year>\d{{4}})",
    rf"{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})",
    rf"(?P<year>\d{{4}})\s?[-/.年]\s?(?P<month>\d{{1,2}})\s?[-/.月]\s?(?P<day>\d{{1,2}})日?T?{_WEEKDAY}",
    r"(?P<one>\d{1,2})(?P<sign>[./])(?P<other>\d{1,2})[./](?P<year>\d{4})",
)
_FORMS = [re.compile(rf"(?<![\d]){date}{_TIME}", re.IGNORECASE) for date in _DATES]
# A year; no look further on, for a body may be nothing but figures.
_HINT = re.compile(r"(?<!\d)\d{4}(?!\d)")
_LINE = re.compile(
    r"^(?P<marks>[ \t\u3000]*(?:(?:[>＞|]|&gt;)[ \t\u3000]*)*)(?P<text>.{8,300})$", re.MULTILINE
)
_MARK = re.compile("[>＞|]|&gt;")
_ZONES = {"z": 0, "utc": 0, "gmt": 0, "jst": 9 * 60}
# The widest zones of the earth, in minutes, and the least step between two.
_WEST, _EAST, _STEP = -12 * 60, 14 * 60, 15


class Dated(NamedTuple):
    """A line at `place` of a body, led by `depth` markers, that names a time: `zoned`, or of some clock."""

    place: int
    depth: int
    at: datetime
    zoned: bool
    has_seconds: bool

    def fits(self, posted_at: datetime | None) -> bool:
        """Whether it may be the time at which a comment was posted."""
        if posted_at is None:
            return False
        apart = self.at - posted_at.astimezone(UTC)
        if not self.has_seconds:
            apart += timedelta(seconds=posted_at.second, microseconds=posted_at.microsecond)
        else:
            apart += timedelta(microseconds=posted_at.microsecond)
        minutes, rest = divmod(apart, timedelta(minutes=1))
        if self.zoned:
            return not minutes and not rest
        return not rest and _WEST <= minutes <= _EAST and minutes % _STEP == 0


def dates(body: str) -> list[Dated]:
    """The lines of a body that name a date and a time."""
    return list(_dates(body)) if _HINT.search(body) else []


# Lines of one body that are looked at.
_MOST_DATES = 50


def _dates(body: str) -> Iterator[Dated]:
    found = 0
    for line in _LINE.finditer(body):
        if not _HINT.search(line["text"]):
            continue
        for form in _FORMS:
            match = form.search(line["text"])
            if match and (dated := _dated(match, line.start(), len(_MARK.findall(line["marks"])))):
                yield dated
                found += 1
                break
        if found == _MOST_DATES:
            return


def _dated(match: re.Match[str], place: int, depth: int) -> Dated | None:
    parts = match.groupdict()
    month = parts.get("month") or parts.get("one")
    day = parts.get("day") or parts.get("other")
    if name := parts.get("name"):
        month = str(_MONTHS.index(name.lower()) + 1)
    # `3.4.` is the third of April; `4/3/` the same day to most who write so.
    if parts.get("one") and (parts["sign"] == "." or int(parts["one"]) > 12):
        month, day = day, month
    hour = int(parts["hour"])
    late = (parts["half"] or "").lower().startswith("p") or parts["ja"] == "午後"
    hour = hour % 12 + 12 * late if parts["half"] or parts["ja"] else hour
    second = int(parts["second"] or 0)
    try:
        zone = _zone(parts["zone"])
        at = datetime(
            int(parts["year"]),
            int(month or 0),
            int(day or 0),
            hour,
            int(parts["minute"]),
            second,
            tzinfo=zone,
        )
        return Dated(place, depth, at.astimezone(UTC), bool(parts["zone"]), parts["second"] is not None)
    except (ValueError, OverflowError):
        return None  # Figures that are no date.


def _zone(text: str | None) -> timezone:
    if not text:
        return UTC
    if text.lower() in _ZONES:
        return timezone(timedelta(minutes=_ZONES[text.lower()]))
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def above(found: list[Dated], start: int, depth: int) -> Dated | None:
    """The last of the lines before a block that does not stand as deep."""
    before = [each for each in found if each.place < start and each.depth < depth]
    return before[-1] if before else None
