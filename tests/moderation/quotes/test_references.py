"""References to comments by their numbers, and what became of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.quotes import Reference, ReferenceVerdict, Resolved, find, find_references, resolve
from moderation.quotes.references import MOST_IN_RANGE, MOST_NUMBERS


def references(body: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(body[each.start : each.end], each.numbers) for each in find_references(body, find(body))]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (">>12", [(">>12", (12,))]),
        ("＞＞12 同感です", [("＞＞12", (12,))]),
        ("≫12", [("≫12", (12,))]),
        ("&gt;&gt;12 I agree", [("&gt;&gt;12", (12,))]),
        (">>１２さん、それは違う", [(">>１２", (12,))]),
        (">>12それは違う", [(">>12", (12,))]),
        ("私も>>12さんに賛成。＞＞7もそう", [(">>12", (12,)), ("＞＞7", (7,))]),
        ("I agree with >>12 and >>13.", [(">>12", (12,)), (">>13", (13,))]),
        (">>3>>5 どちらも", [(">>3", (3,)), (">>5", (5,))]),
        # Lists and ranges
        (">>1-3", [(">>1-3", (1, 2, 3))]),
        (">>1ー3", [(">>1ー3", (1, 2, 3))]),
        (">>1〜3 について", [(">>1〜3", (1, 2, 3))]),
        (">>1,2-4、9", [(">>1,2-4、9", (1, 2, 3, 4, 9))]),
        (">>1, 3, 5", [(">>1, 3, 5", (1, 3, 5))]),
        (">>1,>>3", [(">>1,>>3", (1, 3))]),
        (">>5-3", [(">>5-3", (5, 3))]),
        (">>1-", [(">>1", (1,))]),
        (">>12、3人とも", [(">>12", (12,))]),
        (">>4,4", [(">>4,4", (4,))]),
        # Other signs, at the start of a line
        ("※12 同感です", [("※12", (12,))]),
        ("\u3000※12", [("※12", (12,))]),
        ("同感です\nNo.12", [("No.12", (12,))]),
        ("No.12さん、どうも", [("No.12", (12,))]),
        ("No.12 それは違う", [("No.12", (12,))]),
        ("№12の人へ", [("№12", (12,))]),
        ("#12", [("#12", (12,))]),
        ("＃12さん", [("＃12", (12,))]),
        (">12", [(">12", (12,))]),
        ("> 12", [("> 12", (12,))]),
        ("＞12さん\u3000ありがとう", [("＞12", (12,))]),
        ("＞12の人へ", [("＞12", (12,))]),
        (">> 12", [(">> 12", (12,))]),
        (">>12本当ですか", [(">>12", (12,))]),
        (">>12日本では違う", [(">>12", (12,))]),
        # None
        (">>1962年の危機", []),
        (">>3.5兆円の予算", []),
        (">>12:30に集合", []),
        (">>3rd floor", []),
        (">>2ch", []),
        (">>1234567", []),
        ("> 12%の人が反対した", []),
        (">100人が並んだ", []),
        ("x>>2", []),
        ("flags = a >> 2", []),
        ("cout<<a>>1", []),
        ("->>1", []),
        ("No.1の座", []),
        ("No.1 の味です", []),
        ("この店がNo.12だ", []),
        ("#12 monkeys is a film", []),
        ("see #12", []),
        ("a※12", []),
        ("工費※1は高い\n※1 市の資料による", []),
        ("12", []),
        ("5 > 3", []),
        # In another's words
        ("> >>12 それは違う\n同感です", []),
        ("> >>12\n> それは違う\n同感です", []),
        ("> 市長は>>12と書いた\n>>7 本当？", [(">>7", (7,))]),
        ("<blockquote>&gt;&gt;12 それは違う</blockquote>同感", []),
    ],
)
def test_references(body: str, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert references(body) == expected


def test_a_range_and_a_body_have_their_caps() -> None:
    assert references(f">>1-{MOST_IN_RANGE}") == [
        (f">>1-{MOST_IN_RANGE}", tuple(range(1, MOST_IN_RANGE + 1)))
    ]
    assert references(">>1-900000") == [(">>1-900000", (1, 900_000))]
    many = find_references("\n".join(f">>{number}" for number in range(1, 500)))
    assert [each.numbers for each in many] == [(number,) for number in range(1, MOST_NUMBERS + 1)]
    (one,) = find_references(">>" + ",".join(str(number) for number in range(1, 500)))
    assert one.numbers == tuple(range(1, MOST_NUMBERS + 1))
    ranges = find_references("\n".join(f">>{number}-{number + 19}" for number in range(1, 900, 20)))
    assert sum(len(each.numbers) for each in ranges) == MOST_NUMBERS


NOON = datetime(2026, 4, 3, 12, tzinfo=UTC)
PLACED = {number: ((NOON + timedelta(minutes=number), 100 + number), 100 + number) for number in (1, 2, 3, 7)}


def test_resolve() -> None:
    reference = Reference(0, 10, (1, 3, 4, 7))
    before = (NOON + timedelta(minutes=3), 104)
    assert list(resolve(reference, PLACED, before)) == [
        Resolved(1, ReferenceVerdict.RESOLVED, 101),
        Resolved(3, ReferenceVerdict.RESOLVED, 103),
        Resolved(4, ReferenceVerdict.DANGLING),
        Resolved(7, ReferenceVerdict.LATER, 107),
    ]
    # Nobody answers himself, and without a time all are there.
    itself = (NOON + timedelta(minutes=3), 103)
    assert list(resolve(Reference(0, 3, (3,)), PLACED, itself)) == [Resolved(3, ReferenceVerdict.LATER, 103)]
    assert [each.verdict for each in resolve(reference, PLACED, None)] == [
        "resolved",
        "resolved",
        "dangling",
        "resolved",
    ]


SIGNS = st.sampled_from(
    [
        ">",
        ">>",
        "＞＞",
        "≫",
        "&gt;",
        "※",
        "No.",
        "#",
        "12",
        "３",
        "-",
        "ー",
        ",",
        " ",
        "\n",
        "さん",
        "年",
        "a",
    ]
)


@given(st.lists(SIGNS, max_size=30).map("".join) | st.text(max_size=60))
def test_spans_lie_in_the_body_in_order(body: str) -> None:
    quoted = find(body)
    at = 0
    for reference in find_references(body, quoted):
        assert at <= reference.start < reference.end <= len(body)
        at = reference.end
        assert reference.numbers
        assert body[reference.end - 1].isdigit()
        assert len(set(reference.numbers)) == len(reference.numbers)
        assert not any(each.start <= reference.start < each.end for each in quoted)
