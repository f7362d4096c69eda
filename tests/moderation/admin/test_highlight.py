"""Marks in a text: joined segments are the text, overlaps share their common part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.admin.highlight import DELETED, GAP, INSERTED, Mark, highlight, reveal

TEXT = "図書館は来月に閉館します"


def shown(text: str, *marks: Mark) -> list[tuple[str, tuple[str, ...]]]:
    return [(segment.text, segment.kinds) for segment in highlight(text, marks)]


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ((), [(TEXT, ())]),
        ((Mark(0, 3, "hold"),), [("図書館", ("hold",)), ("は来月に閉館します", ())]),
        ((Mark(0, len(TEXT), "hold"),), [(TEXT, ("hold",))]),
        (
            (Mark(0, 6, "hold"), Mark(4, 9, "flag")),
            [("図書館は", ("hold",)), ("来月", ("hold", "flag")), ("に閉館", ("flag",)), ("します", ())],
        ),
        (
            (Mark(0, 9, "hold"), Mark(4, 6, "flag")),
            [("図書館は", ("hold",)), ("来月", ("hold", "flag")), ("に閉館", ("hold",)), ("します", ())],
        ),
        ((Mark(0, 3, "hold"), Mark(0, 3, "hold")), [("図書館", ("hold",)), ("は来月に閉館します", ())]),
        ((Mark(0, 3, "a"), Mark(3, 4, "b")), [("図書館", ("a",)), ("は", ("b",)), ("来月に閉館します", ())]),
        (
            (Mark(-5, 3, "hold"), Mark(9, 99, "flag")),
            [("図書館", ("hold",)), ("は来月に閉館", ()), ("します", ("flag",))],
        ),
        ((Mark(3, 3, "hold"), Mark(5, 2, "hold"), Mark(50, 60, "hold")), [(TEXT, ())]),
    ],
)
def test_marks_in_a_text(marks: tuple[Mark, ...], expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert shown(TEXT, *marks) == expected


def test_an_empty_text_has_no_segments() -> None:
    assert highlight("", [Mark(0, 1, "hold")]) == ()


def test_the_title_says_each_thing_once() -> None:
    (segment,) = highlight("ab", [Mark(0, 2, "x", "a rule"), Mark(0, 2, "y", "a rule"), Mark(0, 2, "z", "b")])
    assert segment.title == "a rule / b"


@given(
    st.text(max_size=40),
    st.lists(st.tuples(st.integers(-5, 45), st.integers(-5, 45), st.sampled_from("abc")), max_size=6),
)
def test_nothing_of_the_text_is_lost_and_every_character_has_its_marks(
    text: str, places: list[tuple[int, int, str]]
) -> None:
    marks = [Mark(*place) for place in places]
    segments = highlight(text, marks)
    assert "".join(segment.text for segment in segments) == text
    assert "".join(piece.text for segment in segments for piece in segment.pieces) == text
    at = 0
    for segment in segments:
        for place in range(at, at + len(segment.text)):
            assert set(segment.marks) == {mark for mark in marks if mark.start <= place < mark.end}
        at += len(segment.text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ふつうの文。\nAnd more\t.", []),
        ("ば\u200bか", ["U+200B ZERO WIDTH SPACE"]),
        ("ab\u202ecd", ["U+202E RIGHT-TO-LEFT OVERRIDE"]),
        ("a\u3164b", ["U+3164 HANGUL FILLER"]),
        ("a\u0007b", ["U+0007"]),
        ("ば\u034fか", ["U+034F COMBINING GRAPHEME JOINER"]),
        ("ば\u2028か", ["U+2028 LINE SEPARATOR"]),
        ("家族👨\u200d👩\u200d👧です", []),
        ("ば\u200dか", ["U+200D ZERO WIDTH JOINER"]),
        ("葛\U000e0100飾区", []),
    ],
)
def test_what_cannot_be_seen_is_named(text: str, names: list[str]) -> None:
    assert [piece.name for piece in reveal(text) if piece.name] == names
    assert "".join(piece.text for piece in reveal(text)) == text


def test_a_gap_is_a_segment_without_text_at_its_place() -> None:
    marks = [Mark(3, 3, GAP, said="words left out"), Mark(2, 6, "source"), Mark(len(TEXT), len(TEXT), GAP)]
    assert shown(TEXT, *marks) == [
        ("図書", ()),
        ("館", ("source",)),
        ("", ("gap",)),
        ("は来月", ("source",)),
        ("に閉館します", ()),
        ("", ("gap",)),
    ]
    assert shown("", Mark(0, 0, GAP)) == [("", ("gap",))]
    assert shown(TEXT, Mark(99, 99, GAP), Mark(-1, -1, GAP)) == [(TEXT, ())]


def test_what_differs_is_inserted_or_deleted() -> None:
    marks = [Mark(0, 6, "source"), Mark(1, 2, DELETED, said="number changed"), Mark(7, 8, INSERTED)]
    segments = highlight(TEXT, marks)
    assert [segment.tag for segment in segments] == ["mark", "del", "mark", "mark", "ins", "mark"]
    assert [segment.said for segment in segments] == ["", "number changed", "", "", "", ""]
