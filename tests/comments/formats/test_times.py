"""Times as people write them: read as the one thing they mean, or refused."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.drafts import Refused
from comments.formats.times import any_time

TOKYO = ZoneInfo("Asia/Tokyo")
ZONE, HOUR = "assumed-zone", "assumed-hour"

READ = [
    ("2017-11-02T16:36:47.283Z", "2017-11-02T16:36:47.283000", []),
    ("2017-11-02 16:36:47 UTC", "2017-11-02T16:36:47", []),
    ("2024-03-01 18:30", "2024-03-01T09:30:00", [ZONE]),
    ("2024/3/1 8:05", "2024-02-29T23:05:00", [ZONE]),
    ("2024.03.01, 18:30:09", "2024-03-01T09:30:09", [ZONE]),
    ("2024年3月1日 18時30分", "2024-03-01T09:30:00", [ZONE]),
    ("2024年3月1日18時30分05秒", "2024-03-01T09:30:05", [ZONE]),
    ("2024-03-01", "2024-02-29T15:00:00", [ZONE, HOUR]),
    ("2024年3月1日", "2024-02-29T15:00:00", [ZONE, HOUR]),
    ("1714228019", "2024-04-27T14:26:59", []),
    ("1714228019.5", "2024-04-27T14:26:59.500000", []),
    (" 1714228019123 ", "2024-04-27T14:26:59.123000", []),
    ("Fri, 01 Mar 2024 10:00:00 +0900", "2024-03-01T01:00:00", []),
    ("Fri, 01 Mar 2024 10:00:00 -0000", "2024-03-01T01:00:00", [ZONE]),
]
NONE = ["", "03/04/2024", "2024/13/1", "2024-02-30 10:00", "12", "1e9", "昨日", "Thu Nov 2 2017", "9" * 400]


@pytest.mark.parametrize(("text", "utc", "codes"), READ)
def test_read(text: str, utc: str, codes: list[str]) -> None:
    time, notices = any_time("date", text, TOKYO)
    assert time.astimezone(UTC).replace(tzinfo=None).isoformat() == utc
    assert [notice.code for notice in notices] == codes


@pytest.mark.parametrize("text", NONE)
def test_refused(text: str) -> None:
    with pytest.raises(Refused, match="date: is no date"):
        any_time("date", text, TOKYO)


@given(st.text("0123456789-/:年月日時分秒 TZ+,.JanFri", max_size=40) | st.text(max_size=30))
def test_nothing_else_is_raised(text: str) -> None:
    try:
        time, _ = any_time("date", text, TOKYO)
    except Refused:
        return
    assert time.tzinfo is not None
