"""What is a quote, what only looks like one, and where exactly it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.quotes import Quoted, find
from moderation.quotes.base import join


def texts(body: str) -> list[tuple[int, str]]:
    return [(quoted.depth, quoted.text) for quoted in find(body)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (">市長は来週にも説明会を開く。\n本当に開くのでしょうか。", [(1, "市長は来週にも説明会を開く。")]),
        ("＞バス路線は三月で廃止される\n困ります", [(1, "バス路線は三月で廃止される")]),
        ("＞ 図書館の休館は二年に及ぶ", [(1, "図書館の休館は二年に及ぶ")]),
        ("\u3000＞予算は前年の倍になった", [(1, "予算は前年の倍になった")]),
        (" \t> The bridge will close in May.\nSays who?", [(1, "The bridge will close in May.")]),
        ("&gt; Trains run every ten minutes.", [(1, "Trains run every ten minutes.")]),
        (
            "まず一点。\n> 橋は来年に架け替える\n次に。\n> 工費は三億円\n以上。",
            [(1, "橋は来年に架け替える"), (1, "工費は三億円")],
        ),
        ("> first line\n> second line\nanswer", [(1, "first line\nsecond line")]),
        (
            "> outer words\n>> inner words\n> outer again",
            [(1, "outer words"), (2, "inner words"), (1, "outer again")],
        ),
        ("> > twice quoted", [(2, "twice quoted")]),
        ("＞＞二度引用された文です", [(2, "二度引用された文です")]),
        (">>>> four levels\n>> two levels", [(4, "four levels"), (2, "two levels")]),
        (">> > > four levels\n> one level", [(4, "four levels"), (1, "one level")]),
        ("> one paragraph\n>\n> another one\n>\nanswer", [(1, "one paragraph\n\nanother one")]),
        ("> part one\n\n> part two", [(1, "part one"), (1, "part two")]),
        (">    indented code", [(1, "   indented code")]),
        # Close to what is left out below, and yet quotes.
        (">>1962年のキューバ危機を思い出す", [(2, "1962年のキューバ危機を思い出す")]),
        (">>3.5兆円の予算とは", [(2, "3.5兆円の予算とは")]),
        ("> 12%の人が反対した", [(1, "12%の人が反対した")]),
        ("> 12 people were hurt", [(1, "12 people were hurt")]),
        (">100人が並んだ", [(1, "100人が並んだ")]),
        ("> All of them agreed.", [(1, "All of them agreed.")]),
        (
            "> However, the mayor, who was absent, agreed.",
            [(1, "However, the mayor, who was absent, agreed.")],
        ),
        ("> :) thanks for the report", [(1, ":) thanks for the report")]),
        ("><b>速報</b>です", [(1, "<b>速報</b>です")]),
        ("＞今日はお客さん、少なかったですね", [(1, "今日はお客さん、少なかったですね")]),
        ("＞諸君、私は祭りが好きだ", [(1, "諸君、私は祭りが好きだ")]),
        ("＞田中さんが辞任を表明した", [(1, "田中さんが辞任を表明した")]),
        (">>> import duties were raised again", [(3, "import duties were raised again")]),
        ("> はい", [(1, "はい")]),
    ],
)
def test_quotes(body: str, expected: list[tuple[int, str]]) -> None:
    assert texts(body) == expected


@pytest.mark.parametrize(
    "line",
    [
        # Addresses
        "＞松田さん",
        ">田中様",
        "＞名無しの権兵衛さんへ",
        ">>all",
        "＞all",
        ">ALL様",
        "＞皆さん",
        "＞管理人さん、",
        "＞上の方",
        "＞12の人へ",
        "> @hanako_1984",
        "> Bob,",
        "＞松田さん、同感です。",
        "＞田中様\u3000その通りだと思います",
        "＞佐藤さんへ\u3000資料はどこで読めますか",
        # References
        ">>12",
        "＞＞12",
        ">>１２",
        ">>12 それは違うと思う",
        ">>12それは違うと思う",
        ">>1-3",
        ">>1,2-10",
        ">>15ー17",
        ">12",
        ">12さん",
        "> 12",
        # Faces
        ">_<",
        "> <",
        ">.<",
        "＞＜",
        "＞ω＜ かわいい",
        ">_< つらいなあ",
        "(>_<) 疲れました",
        ">_> sure",
        ">:( not again",
        # Arrows, comparisons, prompts
        "-> 次のページへ",
        "=> 結論は同じ",
        ">>>>",
        ">>>> 続きはこちら",
        ">= 5 なら合格",
        ">>> import sys",
        ">>> print('hello')",
        ">>> rows = load(path)",
        "> x <- 1",
        "> library(ggplot2)",
        # Nothing said
        ">",
        "> \u3000",
        "> ……",
        "＞！？",
        "5 > 3 だから",
    ],
)
def test_not_quotes(line: str) -> None:
    assert find(line) == ()
    # Neither is it in company, and what stands around it stays a quote.
    assert texts(f"前の文です。\n{line}\n後の文です。") == []
    assert [text for _, text in texts(f"> 図書館は火曜が休みです\n\n{line}")] == ["図書館は火曜が休みです"]


def test_an_address_opens_the_block_of_the_passage_below() -> None:
    body = "＞松田さん\n＞橋は来年に架け替える\n＞工費は三億円\n根拠は？"
    assert texts(body) == [(1, "橋は来年に架け替える\n工費は三億円")]


def test_what_looks_like_an_address_inside_a_block_is_the_wrapped_text_itself() -> None:
    assert texts("> It was not at\n> all\n> what we had been promised.") == [
        (1, "It was not at\nall\nwhat we had been promised.")
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x85"])
def test_line_ends_and_offsets(end: str) -> None:
    body = f"前置き{end}\u3000＞ 橋は来年{end}&gt;架け替える。{end}{end}>> 二重の引用文{end}"
    one, two = find(body)
    assert body[one.start : one.end] == f"＞ 橋は来年{end}&gt;架け替える。"
    assert one.text == "橋は来年\n架け替える。"
    assert body[one.place(5)] == "架"
    assert body[one.place(len(one.text)) - 1] == "。"
    assert body[two.start : two.end] == ">> 二重の引用文"


def test_split_and_join() -> None:
    (block,) = find("答えます。\n> 橋は来年\n>\n> 工費は三億円\n以上")
    parts = block.split()
    assert [part.text for part in parts] == ["橋は来年", "", "工費は三億円"]
    assert join(parts) == block
    assert parts[2].start == block.lines[2].mark


PIECES = st.sampled_from(
    [
        ">",
        "＞",
        "&gt;",
        " ",
        "\u3000",
        "\n",
        "\r\n",
        "\r",
        "\u2029",
        "橋は来年に",
        "さん",
        "all",
        "12",
        "word",
        "_<",
        "=",
        "。",
        "𠮷",
    ]
)
BODIES = st.lists(PIECES, max_size=40).map("".join)


def check_places(body: str, blocks: tuple[Quoted, ...]) -> None:
    at = 0
    for block in blocks:
        assert at <= block.start < block.end <= len(body)
        at = block.end
        assert (block.start, block.end) == (block.lines[0].mark, block.lines[-1].end)
        assert block.text == "\n".join(body[line.start : line.end] for line in block.lines)
        assert all(body[line.mark] in ">＞&" for line in block.lines)
        assert all(len(body[line.mark : line.end].splitlines()) == 1 for line in block.lines)
        assert join(block.split()) == block


@given(BODIES)
def test_places_are_exact_for_any_body(body: str) -> None:
    blocks = find(body)
    check_places(body, blocks)
    for block in blocks:
        for offset, character in enumerate(block.text):
            if character != "\n":
                assert body[block.place(offset)] == character


@given(st.text(max_size=200))
def test_any_text_is_borne(body: str) -> None:
    check_places(body, find(body))


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        (">" * 20_000, 0),
        ("> " * 10_000, 0),
        (" " * 19_999 + ">", 0),
        (">\n" * 10_000, 0),
        ("> a\n" * 5_000, 1),
        ("> a\nb\n" * 3_333, 3_333),
        (">>12\n" * 4_000, 0),
        ("＞松田さん\n" * 3_333, 0),
        ("＞" + "あ" * 19_999, 1),
        ("\n".join(">" * depth + " 入れ子" for depth in range(1, 1_001)), 1_000),
        ("> 1" + ",1" * 9_998, 0),
    ],
    ids=lambda value: f"{value[:8]!r}" if isinstance(value, str) else str(value),
)
def test_hostile_bodies(body: str, blocks: int) -> None:
    found = find(body)
    assert len(found) == blocks
    check_places(body, found)
