"""Bodies that were written to keep a worker busy."""

from datetime import UTC, datetime
from time import process_time

import pytest

from moderation.quotes import Source, find, trace_blocks


@pytest.mark.parametrize("blank", [" ", "\u3000"], ids=["blank", "ideographic blank"])
def test_blanks_after_a_number_take_linear_time(blank: str) -> None:
    """A quadratic search takes five seconds of such a body."""
    body = f">1{blank * 19_990}x"
    started = process_time()
    (quoted,) = find(body)
    assert (quoted.start, quoted.end) == (0, len(body))
    assert process_time() - started < 0.5


def test_a_body_of_nothing_but_quotes_asks_for_a_bounded_number_of_searches() -> None:
    body = "".join(f">第{number}の引用された長い文\nはい\n" for number in range(1_000))
    blocks = find(body)
    assert len(blocks) == 1_000
    traces = trace_blocks(blocks, [], most=80)
    assert [each.quoted for each in traces] == list(blocks[: len(traces)])
    assert 0 < len(traces) <= 10
    source = Source("article", 1, 1, "body", body.replace(">", ""))
    assert len(trace_blocks(blocks, [source], most=80)) == 80


def test_of_a_block_of_too_many_lines_the_rest_is_looked_for_in_the_given_parent_only() -> None:
    lines = [f"第{number}の引用された長い文。" for number in range(60)]
    at = datetime(2026, 4, 3, 9, tzinfo=UTC)
    sources = [Source("comment", 1, 1, "body", "\n".join(lines), posted_at=at)]
    sources += [Source("comment", 2, 1, "body", "別の文章がここに", posted_at=at)]
    whole = find("".join(f">{line}\n" for line in lines))
    assert [each.verdict for each in trace_blocks(whole, sources, most=50)] == ["verbatim"]
    other = find("".join(f">{line}\n" for line in reversed(lines)))
    assert [each.verdict for each in trace_blocks(other, sources, parent=1, most=20)] == ["verbatim"] * 60
    assert trace_blocks(other, sources, parent=2, most=20)[-1].verdict == "altered"
