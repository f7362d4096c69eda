"""Bodies that were written to keep a worker busy."""

from time import process_time

import pytest

from moderation.quotes import find


@pytest.mark.parametrize("blank", [" ", "\u3000"], ids=["blank", "ideographic blank"])
def test_blanks_after_a_number_take_linear_time(blank: str) -> None:
    """A quadratic search takes five seconds of such a body."""
    body = f">1{blank * 19_990}x"
    started = process_time()
    (quoted,) = find(body)
    assert (quoted.start, quoted.end) == (0, len(body))
    assert process_time() - started < 0.5
