import pytest

from moderation.checks.base import Sanctioned as Under
from moderation.checks.base import Span
from moderation.checks.sanctioned import Sanctioned
from tests.moderation.checks.cases import codes, findings, marked, submission


def test_each_sanction_is_told_by_its_number_and_place() -> None:
    comment = submission(
        "詳しくは https://spam.example/a へ",
        author_name="松田",
        sanctions=(Under(3, "address"), Under(4, "name", Span("author_name", 0, 2))),
    )
    found = findings(Sanctioned(), comment)
    assert [(each.code, each.data) for each in found] == [
        ("address", {"sanction": 3}),
        ("name", {"sanction": 4}),
    ]
    assert marked(Sanctioned(), comment) == ["松田"]
    assert all(each.evidence == () for each in found)
    assert Sanctioned.sentence("address", {"sanction": 3}, "ja").endswith("投稿制限#3の対象です。")


@pytest.mark.parametrize(
    ("tell", "expected"),
    [
        (("address",), ["address"]),
        (("name", "email"), ["name"]),
        (("author",), []),
        (("author", "email", "address", "domain", "name"), ["address", "name"]),
    ],
)
def test_a_rule_tells_of_the_kinds_that_it_is_for(tell: tuple[str, ...], expected: list[str]) -> None:
    comment = submission(author_name="松田", sanctions=(Under(3, "address"), Under(4, "name")))
    assert codes(Sanctioned(tell=tell), comment) == expected


def test_nothing_is_told_of_who_is_free_or_merely_near() -> None:
    assert not Sanctioned().applies(submission())
    assert codes(Sanctioned(), submission(sanctions=(Under(3, "spelling"), Under(3, "mailbox")))) == []
