import pytest

from moderation.checks.base import Sanctioned, Span
from moderation.checks.email_near_sanctioned import EmailNearSanctioned
from tests.moderation.checks.cases import codes, findings, submission


@pytest.mark.parametrize(
    ("email", "by", "expected"),
    [
        ("takeda.h+1@gmail.com", "mailbox", ["mailbox"]),
        ("ai+1@gmail.com", "mailbox", ["mailbox"]),
        ("takedahi@example.jp", "spelling", ["spelling"]),
        ("takedah@example.jp", "spelling", []),
        ("take.dah+paper@gmail.com", "spelling", []),
        ("竹田弘編集部公式@example.jp", "spelling", ["spelling"]),
        ("竹田弘@example.jp", "spelling", []),
        ("takedahi@example.jp", "email", []),
    ],
)
def test_only_long_local_parts_are_compared_by_their_spelling(
    email: str, by: str, expected: list[str]
) -> None:
    comment = submission(author_email=email, sanctions=(Sanctioned(5, by),))
    assert codes(EmailNearSanctioned(), comment) == expected


def test_a_rule_tells_of_what_it_is_for() -> None:
    span = Span("author_email", 0, 19)
    comment = submission(author_email="takedahi@example.jp", sanctions=(Sanctioned(5, "spelling", span),))
    (found,) = findings(EmailNearSanctioned(), comment)
    assert (found.data, found.spans, found.evidence) == ({"sanction": 5}, (span,), ())
    assert codes(EmailNearSanctioned(tell=("mailbox",)), comment) == []
    assert codes(EmailNearSanctioned(least=3), submission(sanctions=(Sanctioned(5, "spelling"),))) == []
