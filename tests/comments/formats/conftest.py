"""What the tests of the formats share: reading bytes to rows."""

import io
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from comments.formats import by_slug
from comments.formats import read as read_format
from comments.formats.base import Options, Problem, Row, Unreadable

Read = Callable[..., tuple[list[Row | Problem], Unreadable | None]]


@pytest.fixture(scope="session")
def read() -> Read:
    """`read(slug, data, url=…, filename=…)`: the rows, and the fault that ended them."""

    def run(
        slug: str, data: bytes | str, *, url: str = "", filename: str = "page.txt", encoding: str = ""
    ) -> tuple[list[Row | Problem], Unreadable | None]:
        options = Options(zone=ZoneInfo("Asia/Tokyo"), url=url, filename=filename, encoding=encoding)
        stream = io.BytesIO(data if isinstance(data, bytes) else data.encode())
        rows: list[Row | Problem] = []
        try:
            for row in read_format(by_slug(slug), stream, options):
                rows.append(row)  # noqa: PERF402  (what came before a fault is kept)
        except Unreadable as fault:
            return rows, fault
        return rows, None

    return run
