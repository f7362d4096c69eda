"""The index finds what a search in each text finds, however it came to be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.quotes import Quoted, Source, Sources, trace
from moderation.quotes import index as index_module
from moderation.quotes.index import MOST_HOLDERS, KeyIndex, grams
from moderation.quotes.keys import joined_codes, key
from moderation.text import fold

START = datetime(2026, 4, 3, 9, 30, tzinfo=UTC)
ALPHABET = "橋道。a𠮷"
TEXTS = st.lists(st.text(ALPHABET, max_size=24), min_size=1, max_size=24)
CUTS = st.lists(st.integers(0, 24), max_size=4)


def built(texts: list[str], cuts: list[int]) -> KeyIndex:
    """An index of texts that were appended in lots."""
    index = KeyIndex()
    for low, high in zip([0, *sorted(cuts)], [*sorted(cuts), len(texts)], strict=True):
        if texts[low:high]:
            index.append([fold(text).text for text in texts[low:high]])
    return index


@given(TEXTS, st.text(ALPHABET, min_size=4, max_size=12), CUTS, st.data())
def test_holders_are_those_that_a_search_in_each_finds(
    texts: list[str], wanted: str, cuts: list[int], data: st.DataObject
) -> None:
    wanted = key(fold(wanted).text)
    low = data.draw(st.integers(0, len(texts)))
    high = data.draw(st.integers(low, len(texts)))
    if len(wanted) < 4:
        return
    index = built(texts, cuts)
    expected = [number for number in range(low, high) if wanted in key(fold(texts[number]).text)]
    assert index.holders(wanted, low, high) == expected[::-1]


@given(texts=TEXTS, wanted=st.text(ALPHABET, min_size=4, max_size=20), cuts=CUTS, raw=st.booleans())
@settings(max_examples=60)
def test_segments_make_no_difference(texts: list[str], wanted: str, cuts: list[int], *, raw: bool) -> None:
    wanted = key(fold(wanted).text)
    if len(wanted) < 4:
        return
    with pytest.MonkeyPatch.context() as patch:
        if raw:  # Looked through, never sorted, never merged.
            patch.setattr(index_module, "_AT_ONCE", 0)
            patch.setattr(index_module, "_SCANS", 99)
            patch.setattr(index_module, "MOST_MERGED", 0)
        else:  # Sorted in parts.
            patch.setattr(index_module, "_MOST_SORTED", 7)
        index = built(texts, cuts)
        found = index.holders(wanted, 0, len(texts)), index.near(wanted, len(texts), 6)
    whole = built(texts, [])
    assert found == (whole.holders(wanted, 0, len(texts)), whole.near(wanted, len(texts), 6))
    assert whole.keys == index.keys == [key(fold(text).text) for text in texts]


def test_of_a_stock_phrase_the_newest_holders_are_enough() -> None:
    index = built(["お疲れさまでした。"] * 400 + ["別の話です。"] * 10, [200])
    assert index.holders("お疲れさまでした", 0, 410) == list(range(399, 399 - MOST_HOLDERS, -1))
    assert index.holders("お疲れさまでした", 0, 100) == list(range(99, 99 - MOST_HOLDERS, -1))
    assert index.holders("お疲れさまでした", 390, 410) == list(range(399, 389, -1))


def test_a_key_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a key of 3 characters is not indexed: give 4 or more\."):
        built(["橋と道"], []).holders("橋と道", 0, 1)


def test_near_finds_a_passage_of_which_every_tenth_character_was_changed() -> None:
    texts = [
        f"{number}号線の第{number * 7}区間では、舗装の工事が{number * 3}日に始まる予定です。"
        for number in range(300)
    ]
    index = built(texts, [])
    changed = "".join("※" if at % 10 == 9 else each for at, each in enumerate(index.keys[123]))
    assert index.near(changed, 300, 6)[0].number == 123
    assert index.near(changed, 123, 6)[0].number != 123
    assert index.near("まったく関係のない文章", 300, 6) == []


def test_grams_know_places_of_four_and_eight() -> None:
    codes = joined_codes([fold("かきくけこさしす").text, fold("かきくけたちつて").text])
    one, other = (int(grams(codes)[place]) for place in (0, 9))
    assert one != other
    assert one >> 12 == other >> 12


ROWS = st.lists(st.text("橋道が壊れた直す。", min_size=4, max_size=40), min_size=2, max_size=12)


@given(ROWS, st.text("橋道が壊れた直す。", min_size=6, max_size=30), st.data())
@settings(max_examples=60)
def test_appending_gives_what_building_at_once_gives(
    texts: list[str], wanted: str, data: st.DataObject
) -> None:
    rows = [
        Source("comment", number, 1, "body", text, posted_at=START + timedelta(minutes=number))
        for number, text in enumerate(texts)
    ]
    cut = data.draw(st.integers(0, len(rows)))
    before = (START + timedelta(minutes=data.draw(st.integers(0, len(rows)))), 0)
    index = Sources(rows[:cut])
    trace(Quoted(0, len(wanted), wanted), index, before=before)
    index.extend(rows[cut:])
    quoted = Quoted(0, len(wanted), wanted)
    assert trace(quoted, index, before=before) == trace(quoted, rows, before=before)


@pytest.mark.parametrize("size", [1, 200])
def test_the_index_takes_few_bytes_a_character(size: int) -> None:
    texts = [
        "".join(chr(0x4E00 + (number * 31 + at * 7) % 2_000) for at in range(200)) for number in range(size)
    ]
    rows = [Source("comment", number, 1, "body", text, text) for number, text in enumerate(texts)]
    index = Sources(rows)
    assert index.characters == 200 * size
    assert index.index_bytes <= 32 * index.characters
