"""Problems and notices, one line for each reason."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from comments.imports import grouping
from comments.imports.grouping import group, shape
from comments.models import Site
from tests.comments.ledgers import make_entry, make_run

pytestmark = pytest.mark.django_db


def test_one_line_a_reason_with_its_number_and_first_places(site: Site) -> None:
    run, other = make_run(site), make_run(site, source="other")
    for position in reversed(range(7)):
        make_entry(run, position)
    make_entry(run, 3, refused=False, code="assumed-zone", reason="2 o'clock was taken to be in Asia/Tokyo.")
    make_entry(other, 0, code="elsewhere")
    found = group(run)
    assert [(each.refused, each.code, each.number) for each in found.groups] == [
        (True, "blank", 7), (False, "assumed-zone", 1),
    ]  # fmt: skip
    (blank,) = found.refused
    assert blank.places == tuple(f"line {number}" for number in range(1, 6))
    assert blank.reason == "body: write something: the body is empty."
    assert found.notices[0].reason == "2 o'clock was taken to be in Asia/Tokyo."


def test_what_differs_from_row_to_row_makes_no_line_of_its_own(site: Site) -> None:
    run = make_run(site)
    for position, byte in enumerate((16, 2_048, 90_000)):
        make_entry(
            run,
            position,
            code="encoding",
            reason=f"line: byte {byte} (0x{0xE3 + position:02x}) is not UTF-8.",
        )
    make_entry(run, 9, code="encoding", reason="line: holds half of a surrogate pair.")
    bytes_, half = group(run).groups
    assert (bytes_.reason, bytes_.number, bytes_.reasons) == ("line: byte … (…) is not UTF-8.", 3, 3)
    assert bytes_.places == ("line 1", "line 2", "line 3")
    assert (half.reason, half.places) == ("line: holds half of a surrogate pair.", ("line 10",))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("there is no article 'a1', here.", "there is no article 'it\\'s', here."),
        ("has 3 fields, but the first line names 12.", "has 14 fields, but the first line names 12."),
        ('"状態" is unknown', '"削除" is unknown'),
        ("The text was taken to be cp932 (92%).", "The text was taken to be cp932 (87%)."),
    ],
)
def test_reasons_that_are_alike(one: str, other: str) -> None:
    assert shape(one) == shape(other) != one


def test_other_words_are_another_reason() -> None:
    assert shape("url: holds a user name: remove it.") != shape("url: is no address: mend it.")


def test_the_lines_have_an_end_and_say_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "LINES", 2)
    run = make_run(site)
    for position, letter in enumerate("aabbbcdef"):
        make_entry(run, position, reason=f"{letter} is odd.")
    found = group(run)
    assert [(each.reason, each.number) for each in found.groups] == [("b is odd.", 3), ("a is odd.", 2)]
    assert found.more == 4


def test_a_few_of_them_can_be_asked_for(site: Site) -> None:
    run = make_run(site)
    make_entry(run, 0)
    make_entry(run, 1, refused=False, code="guessed-split", reason="Nothing marks its beginning.")
    make_entry(run, 2, refused=False, code="guessed-end", reason="No credit ends it.")
    make_entry(run, 3, refused=False, code="orphan", reason="What it answers is not there.")
    assert {each.code for each in group(run, refused=False, code="guessed-").groups} == {
        "guessed-split", "guessed-end",
    }  # fmt: skip
    assert [each.code for each in group(run, refused=True).groups] == ["blank"]


def test_as_many_queries_for_many_as_for_few(
    site: Site, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    few, many = make_run(site), make_run(site, source="many")
    make_entry(few, 0)
    for position in range(300):
        make_entry(many, position, code=f"code-{position % 50}", reason=f"Reason {'x' * (position % 70)}.")
    for run in (few, many):
        with django_assert_num_queries(2):
            group(run)
    none = make_run(site, source="none")
    with django_assert_num_queries(1):
        assert group(none).groups == ()
