"""Grams: a text that holds a query's words has all of the query's grams, whatever width or case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.grams import LONGEST, WORDS, grams_for, grams_of, searchable, words_of

TEXT = searchable(
    "ｶﾗｵｹ大会は１０時から。The Night Bus costs 300円",
    "Ｋ．Ｓ．",
    "https://Blog.example.net/港",
    "図書館、駅前へ",
)


@pytest.mark.parametrize(
    "query",
    [
        "カラオケ", "ｶﾗｵｹ", "10時", "１０時", "時", "大会は", "night", "NIGHT bus", "u", "us", "k.s.",
        "Ｋ.Ｓ",
        "net/港",
        "図書館 カラオケ 円", "駅前へ", "の図書館"[1:], "300円", "円", "h", "bus　cost", "\u200b大\u200b会",
    ],
)  # fmt: skip
def test_what_a_text_has_is_found(query: str) -> None:
    words = words_of(query)
    assert words
    assert all(word in TEXT for word in words)
    assert set(grams_for(words)) <= set(grams_of(TEXT))


@pytest.mark.parametrize("query", ["館駅", "大回", "nigth", "night  bass", "猫", "s.http", "円k"])
def test_what_it_has_not_is_no_candidate(query: str) -> None:
    """Nor what would stand across two fields."""
    assert not set(grams_for(words_of(query))) <= set(grams_of(TEXT))


@pytest.mark.parametrize("query", ["", " ", "　", "\u200b", "\u200b \u200b"])
def test_a_query_of_nothing_has_no_words(query: str) -> None:
    assert words_of(query) == ()


def test_a_query_is_bounded() -> None:
    assert len(words_of(" ".join(f"語{at}" for at in range(50)))) <= WORDS
    assert sum(map(len, words_of("港" * 1_000))) == LONGEST
    assert words_of("港 港 港") == ("港",)


@given(st.text(max_size=80), st.data())
def test_every_piece_of_a_text_is_found(text: str, data: st.DataObject) -> None:
    folded = searchable(text)
    start = data.draw(st.integers(0, max(0, len(folded) - 1)))
    piece = folded[start : start + data.draw(st.integers(1, 12))]
    words = words_of(piece)
    assert set(grams_for(words)) <= set(grams_of(folded))
    assert all(-(2**31) <= gram < 2**31 for gram in grams_of(folded))
