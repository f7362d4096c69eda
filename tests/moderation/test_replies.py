"""Whom a comment answers, told by its references and quotes."""

from typing import Any

import pytest

from moderation.quotes import Quoted, Source, Traced, Verdict
from moderation.replies import Answered, infer


def quote(comment: int | None, verdict: str = "verbatim", *, depth: int = 1, **fields: Any) -> Traced:
    """A quote of a comment, or of the article, or of nothing that is known."""
    kind, key = ("comment", comment) if comment else ("article", 1)
    source = None if verdict == "missing" else Source(kind, key, 1, "body", "橋は来春に開通する。")
    return Traced(Quoted(0, 10, "橋は来春に開通する。", depth), Verdict(verdict), source, 0, 10, **fields)


@pytest.mark.parametrize(
    ("quotes", "referred", "expected"),
    [
        ([], [], None),
        ([quote(None)], [], None),
        ([quote(None, "missing")], [], None),
        ([quote(7, "later")], [], None),
        ([quote(7)], [], Answered(7, "quote", 90)),
        ([quote(7, "folded"), quote(None), quote(7, "elided")], [], Answered(7, "quote", 90)),
        ([quote(7, "hidden")], [], Answered(7, "quote", 90)),
        ([quote(7, "altered")], [], Answered(7, "quote", 60)),
        ([quote(7, ambiguous=True)], [], Answered(7, "quote", 60)),
        ([quote(7, misattributed=True)], [], Answered(7, "quote", 50)),
        ([quote(7), quote(8)], [], Answered(7, "quote", 50)),
        ([quote(3, depth=2), quote(7)], [], Answered(7, "quote", 90)),
        ([quote(3, depth=2), quote(None)], [], Answered(3, "quote", 90)),
        ([], [12], Answered(12, "reference", 95)),
        ([], [12, 12], Answered(12, "reference", 95)),
        ([], [12, 4], Answered(12, "reference", 50)),
        ([quote(12)], [12], Answered(12, "reference", 99)),
        ([quote(7)], [12], Answered(12, "reference", 60)),
        ([quote(None)], [12], Answered(12, "reference", 95)),
    ],
)
def test_infer(quotes: list[Traced], referred: list[int], expected: Answered | None) -> None:
    assert infer(quotes, referred) == expected
