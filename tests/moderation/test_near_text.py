"""Which texts nearly say the same, by themselves: no database."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.near_text import (
    LONGEST,
    SHORTEST,
    band_keys,
    common_places,
    own_places,
    own_text,
    similarity,
)
from moderation.text import fold

HALL = "市民会館の館長の佐藤さんは、雨漏りを三年も放置していると聞きました。市は早く調べてください。"
COUNCIL = "The council under Mayor Whitfield has wasted our money on this bridge for ten years."
QUOTE = "> 市は港の再開発を来年度から始め、費用は百二十億円に上ると発表した。"

# The same with another name, pictures, another address, other numbers, blanks, case, width of kana.
NEAR = [
    (HALL, HALL.replace("佐藤", "小田切")),
    (HALL, f"🔥🔥{HALL.replace('。', '😡')}m(_ _)m"),
    (HALL, " ".join(HALL)),
    (HALL, HALL.replace("早く", "一日も早くきちんと")),
    (HALL, HALL[:30] + "\u200b" + HALL[30:].replace("ください", "ｸﾀﾞｻｲ")),
    (
        "詳しくは https://a.example.jp/x まで。在宅で月に三十万円です。",
        "詳しくは http://b.jp/?i=9 まで。在宅で月に三十万円です！",
    ),
    (
        "先月は12万円、今月は38万円の収入でした。一日15分だけです。",
        "先月は9万円、今月は112万円の収入でした。一日30分だけです。",
    ),
    (COUNCIL, COUNCIL.replace("Whitfield", "Ashdown")),
    (COUNCIL, f"Well: {COUNCIL.upper()} :)"),
    (
        "I made $4,500 last month from home, write to me",
        "I made $12,000 last month from home... write to me!",
    ),
]
# Alike by nature, or by what they quote or fill in.
TRAPS = [
    (
        "賛成です。駅前の駐輪場は今のままでは足りません。",
        "賛成です。税金の使い道としては一番ましだと思います。",
    ),
    (
        "突然のことで言葉もありません。心よりご冥福をお祈りいたします。",
        "突然の訃報に驚いています。心よりご冥福をお祈り申し上げます。",
    ),
    (
        f"{QUOTE}\n高すぎます。学校の耐震工事が先でしょう。",
        f"{QUOTE}\n楽しみです。釣り場は残してもらえるのかな。",
    ),
    (
        "【お名前】田中【ご意見】バスの本数を増やしてほしいです。高齢者は車に乗れません。",
        "【お名前】渡辺【ご意見】図書館を夜九時まで開けてほしい。学生の勉強する場所がない。",
    ),
    (
        "I completely agree with this article. The bus timetable has become a joke.",
        "I completely agree with this article. Parking at the station costs too much.",
    ),
]


def share_a_key(one: str, other: str) -> bool:
    first, second = band_keys([own_text(one), own_text(other)])
    return not set(first).isdisjoint(second)


@pytest.mark.parametrize(("one", "other"), NEAR)
def test_near_copies_are_found(one: str, other: str) -> None:
    assert share_a_key(one, other)
    assert similarity(own_text(one), own_text(other)) >= 80


@pytest.mark.parametrize(("one", "other"), TRAPS)
def test_what_is_alike_by_nature_is_not_near(one: str, other: str) -> None:
    assert similarity(own_text(one), own_text(other)) < 70


def test_all_others_are_strangers() -> None:
    texts = [own_text(one) for one, _ in NEAR if one not in {HALL, COUNCIL}] + [
        own_text(HALL),
        own_text(COUNCIL),
    ]
    assert max(similarity(one, other) for one, other in combinations(texts, 2)) < 60


@pytest.mark.parametrize("length", [SHORTEST - 1, SHORTEST])
def test_a_vote_has_no_keys(length: int) -> None:
    (keys,) = band_keys([own_text(HALL)[:length]])
    assert len(keys) == (4 if length == SHORTEST else 0)


def test_the_keys_are_those_that_are_stored() -> None:
    """Others would find nothing of what was stored by these: a change needs the table filled anew."""
    assert band_keys([own_text(HALL), own_text(COUNCIL)]) == STORED


def test_a_text_has_the_same_keys_in_any_company() -> None:
    texts = [own_text(text) for pair in (*NEAR, *TRAPS) for text in pair]
    assert band_keys([*texts, "", *texts]) == [
        *(band_keys([text])[0] for text in texts),
        [],
        *band_keys(texts),
    ]
    many = [f"{number}{'同じ文を何度も' * 50}" for number in range(700)]
    assert band_keys(many) == [band_keys([text])[0] for text in many]


def test_long_texts_are_cut() -> None:
    assert len(own_text("港の再開発に反対。" * 1_000)) == LONGEST


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("１２ ３,４５６円と7人", "0円と0人"),
        ("A  B\nc", "abc"),
        ("> 引用された一行\n返事", "返事"),
        ("見て→https://example.jp/a?b=1 です", "見てです"),
        ("", ""),
        ("！？😀", ""),
    ],
)
def test_own_text(body: str, expected: str) -> None:
    assert own_text(body) == own_text(body, fold(body).text) == expected


@given(
    st.text(alphabet=st.sampled_from("港ｶﾞ12３ aBé\u0301ß。>\n＞😀ﬁ㍻h:/.jp"), max_size=60)
    | st.text(max_size=60)
)
def test_every_letter_has_its_place(body: str) -> None:
    places = own_places(body)
    own = own_text(body)
    assert len(places) == len(own)
    assert all(0 <= start < end <= len(body) for start, end in places)
    assert common_places(body, own) == [] or own != ""


def test_common_places() -> None:
    body = "市長の佐藤さんは、もう三期目です。https://a.jp/ 12回は多い！"
    other = own_text("市長の田中さんは もう三期目です。http://b.jp/x 3回は多い")
    assert [body[start:end] for start, end in common_places(body, other)] == [
        "さんは、もう三期目です。",
        " 12回は多い",
    ]


STORED = [
    [-7756668329411865721, -7544843602658368982, 3955031635758357371, -7631876890741187680],
    [7879066251912713160, 2124130296449027970, 7605373597010009700, -5975782927489858026],
]
