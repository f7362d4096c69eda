import pytest

from moderation.checks.facts import Standing
from moderation.checks.first_comment import FirstComment
from tests.moderation.checks.cases import codes, submission


@pytest.mark.parametrize(
    ("standing", "verified", "expected"),
    [
        (Standing(), False, ["first"]),
        (Standing(published=1), False, []),
        (Standing(published=1), True, ["first"]),
        (Standing(published=2, verified=1), True, []),
        (Standing(approved=1, refused=3), False, ["first"]),
        (Standing(known=False), False, ["unknown"]),
        (None, False, []),
    ],
)
def test_who_has_been_published_before(
    standing: Standing | None, verified: bool, expected: list[str]
) -> None:
    assert codes(FirstComment(verified=verified), submission("はじめまして。", standing=standing)) == expected


def test_it_asks_nothing_of_pings_and_of_sources_without_authors() -> None:
    assert codes(FirstComment(), submission(standing=Standing(known=False), identity=False)) == []
    assert codes(FirstComment(), submission(standing=Standing(), kind="pingback")) == []


def test_it_never_rejects() -> None:
    assert FirstComment.actions == ("flag", "hold")
