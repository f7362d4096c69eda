"""The forms in which readers, mail programs and imports quote."""

import pytest

from moderation.quotes import Quoted, find, may_quote

BRIDGE = "橋は来年に架け替える予定だ。"
TRAM = "The tram will not run before the autumn."


def texts(body: str) -> list[tuple[int, str]]:
    return [(quoted.depth, quoted.text) for quoted in find(body)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # Signs
        (f"≫{BRIDGE}\n根拠は？", [(1, BRIDGE)]),
        (f"≫ {TRAM}\nSays who?", [(1, TRAM)]),
        (f"》{BRIDGE}", [(1, BRIDGE)]),
        (f"\u3000\u3000＞\u3000{BRIDGE}", [(1, BRIDGE)]),
        (f"\u200b>{TRAM}", [(1, TRAM)]),
        (f"&gt;&gt; {TRAM}", [(2, TRAM)]),
        (f"&gt; &gt; {TRAM}\n&gt; Not true.", [(2, TRAM), (1, "Not true.")]),
        (f">> > {TRAM}", [(3, TRAM)]),
        (f"＞> {BRIDGE}", [(2, BRIDGE)]),
        (f">《市長》{BRIDGE}", [(1, f"《市長》{BRIDGE}")]),
        # The bar of some mail programs
        (f"| {BRIDGE}\n| 工費は三億円になる。\n高すぎます。", [(1, f"{BRIDGE}\n工費は三億円になる。")]),
        (f"|{TRAM}\n|\n|Not even then, I fear.\nPity.", [(1, f"{TRAM}\n\nNot even then, I fear.")]),
        (
            "| The council will meet again on Friday to decide.",
            [(1, "The council will meet again on Friday to decide.")],
        ),
        # A patch under discussion is quoted
        (
            "> --- a/bridge.c\n> +++ b/bridge.c\n> @@ -1,2 +1,2 @@\n> -\topen = 1;\n> +\topen = 0;\nWhy?",
            [(1, "--- a/bridge.c\n+++ b/bridge.c\n@@ -1,2 +1,2 @@\n-\topen = 1;\n+\topen = 0;")],
        ),
        # A full stop that the wrap left alone
        ("＞橋は来年に架け替える\n＞。\n本当？", [(1, "橋は来年に架け替える\n。")]),
        # The end of a letter, and of a wrapped sentence, is no address
        ("> The repairs are done.\n> Thanks,\n> Bob,\nGreat.", [(1, "The repairs are done.\nThanks,\nBob,")]),
        ("> Hi Nicolas,\nhello to you too", [(1, "Hi Nicolas,")]),
        ("> However,\nhowever what?", [(1, "However,")]),
        ("> prices went up by\n> 5%\nreally?", [(1, "prices went up by\n5%")]),
        # A mail program broke off the last word
        (
            (
                "> the council has looked at the bridge again and found that the railing of its\n"
                "stairs\n> is loose, so that it must be closed\nOh dear."
            ),
            [
                (
                    1,
                    (
                        "the council has looked at the bridge again and found that the railing of its\n"
                        "stairs\nis loose, so that it must be closed"
                    ),
                )
            ],
        ),
        (
            "> 市は春までに、古くなった橋の欄\n干を工費およそ三億円\n> で取り替えると発表した。\n高い。",
            [(1, "市は春までに、古くなった橋の欄\n干を工費およそ三億円\nで取り替えると発表した。")],
        ),
        (
            "＞市は来年の春までに、古くなった橋の調査を\n行い、直すための費用の四\n＞割を県に求める。",
            [
                (
                    1,
                    "市は来年の春までに、古くなった橋の調査を\n行い、直すための費用の四\n割を県に求める。",
                )
            ],
        ),
        # An answer is none of the quote, however short
        (
            (
                "> the council has looked at the bridge again and found that the railing is\nno way\n"
                "> It must be closed before the winter, which comes early now"
            ),
            [
                (1, "the council has looked at the bridge again and found that the railing is"),
                (1, "It must be closed before the winter, which comes early now"),
            ],
        ),
        (f"> {TRAM}\nit never ran in the summer either", [(1, TRAM)]),
        (f"＞{BRIDGE}\n架け替えより補修を。\n＞工費は三億円", [(1, BRIDGE), (1, "工費は三億円")]),
        (
            "＞市は来年の春までに、古くなった橋の架け替えに\n遅すぎると思う\n＞工費は三億円",
            [(1, "市は来年の春までに、古くなった橋の架け替えに"), (1, "工費は三億円")],
        ),
        # A reference and a quote on one line
        (f">>12 > {TRAM}", [(1, TRAM)]),
        (f"＞＞12 ＞{BRIDGE}", [(1, BRIDGE)]),
        (f"※12 ＞{BRIDGE}", [(1, BRIDGE)]),
        # Frames of mails around the words
        (f"> -- \n> Hana Matsuda\n> Tel. 03-0000-0000\n>\n> {TRAM}", [(1, TRAM)]),
        (f"> {TRAM}\n> -- \n> Hana Matsuda\n> City desk", [(1, TRAM)]),
        (f"> {TRAM}\n> \n> Sent from my iPhone\nReally?", [(1, TRAM)]),
        (f"> {TRAM}\n> ______________________________\n> News mailing list\n> news@example.jp", [(1, TRAM)]),
        (f"> From: Hana\n> Sent: Friday\n> Subject: The tram\n>\n> {TRAM}", [(1, TRAM)]),
        (f"> 差出人: 松田\n> 件名: 橋の件\n>\n> {BRIDGE}", [(1, BRIDGE)]),
        (f"Thanks.\n-- \nHana\nCity desk\n\n> {TRAM}", [(1, TRAM)]),
        # One line that looks like a header is a line
        (
            "> From: the people of this town\n> to the council",
            [(1, "From: the people of this town\nto the council")],
        ),
        ("> Date: to be announced", [(1, "Date: to be announced")]),
    ],
)
def test_forms(body: str, expected: list[tuple[int, str]]) -> None:
    assert texts(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"<blockquote>{BRIDGE}</blockquote>本当ですか。", [(1, BRIDGE)]),
        (f'<blockquote cite="https://example.jp/a"><p>{TRAM}</p></blockquote>\nWhy?', [(1, TRAM)]),
        ("<blockquote>橋は<em>来年</em>に<b>架け替え</b>る</blockquote>", [(1, "橋は来年に架け替える")]),
        (
            "<blockquote><p>橋は来年に</p>\n<p>工費は<br>三億円</p></blockquote>",
            [(1, "橋は来年に\n工費は\n三億円")],
        ),
        (
            "<BLOCKQUOTE>Tea &amp; scones&#33;<br/>At &lt;five&gt;</BLOCKQUOTE>",
            [(1, "Tea & scones!\nAt <five>")],
        ),
        (
            "<blockquote><blockquote>内側の文です</blockquote>外側の文です</blockquote>答えます",
            [(2, "内側の文です"), (1, "外側の文です")],
        ),
        (f"[quote]{BRIDGE}[/quote]", [(1, BRIDGE)]),
        (f"[QUOTE]\n{TRAM}\n[/QUOTE]\nNo.", [(1, TRAM)]),
        (
            "[quote]The [b]tram[/b] and [url=https://example.org]the bus[/url][/quote]",
            [(1, "The tram and the bus")],
        ),
        (
            "[quote=Hana][quote=Taro]inner words[/quote]outer words[/quote]and mine",
            [(2, "inner words"), (1, "outer words")],
        ),
        (
            f"> {TRAM}\n<blockquote>{BRIDGE}</blockquote>\n> Not true.",
            [(1, TRAM), (1, BRIDGE), (1, "Not true.")],
        ),
        # Words between tags are quoted whatever they look like
        ("<blockquote>松田さん</blockquote>", [(1, "松田さん")]),
        # A tag without its other half is text
        (f"[quote]{TRAM}", []),
        (f"<blockquote>{TRAM}", []),
        (f"{TRAM}[/quote]</blockquote>", []),
        (f"<blockquote>[quote]{TRAM}</blockquote>", [(1, f"[quote]{TRAM}")]),
        (f"[quote]<blockquote>{TRAM}[/quote] and </blockquote>", [(1, TRAM)]),
        ("<blockquote> \n </blockquote>[quote][/quote]", []),
    ],
)
def test_tags(body: str, expected: list[tuple[int, str]]) -> None:
    assert texts(body) == expected


def shown(quoted: Quoted, body: str) -> list[str]:
    """For each character of the text what stands at its place in the body."""
    return [body[quoted.place(offset)] for offset, character in enumerate(quoted.text) if character != "\n"]


def test_places_lead_past_tags_and_entities() -> None:
    tagged = "<blockquote>\n <p>橋は<em>来年</em>に&amp;架け&#26367;える</p>\n<p>三億円</p></blockquote>"
    body = f"これは？\n{tagged}高い"
    (quoted,) = find(body)
    assert quoted.text == "橋は来年に&架け替える\n三億円"
    # `&#26367;` is 替: the place of an entity is its first character.
    assert shown(quoted, body) == list("橋は来年に&架け&える三億円")
    assert body[quoted.start : quoted.end].startswith("橋は<em>")
    assert body[quoted.start : quoted.end].endswith("<p>三億円")
    assert quoted.place(len("橋は来年に&架け替える")) == quoted.lines[0].end == body.index("</p>")
    assert quoted.place(len(quoted.text)) == quoted.end
    assert body[quoted.lines[0].start : quoted.lines[0].end] == "橋は<em>来年</em>に&amp;架け&#26367;える"


def test_lines_around_a_nested_quote_are_blocks_of_their_own() -> None:
    body = "[quote]一行目の文\n[quote]内側の文[/quote]\n二行目の文[/quote]"
    one, inner, two = find(body)
    assert [body[each.start : each.end] for each in (one, inner, two)] == [
        "一行目の文",
        "内側の文",
        "二行目の文",
    ]


@pytest.mark.parametrize(
    "body",
    [
        ">",
        "＞",
        "&gt;",
        "≫",
        "》",
        "| a",
        "[quote]a[/quote]",
        "[QUOTE]a[/QUOTE]",
        "※12",
        "No.12",
        "no. 12",
        "#12",
        "＃12",
        "№12",
    ],
)
def test_what_may_quote_or_refer(body: str) -> None:
    assert may_quote(f"前の文です。{body}後の文です。")


@pytest.mark.parametrize(
    "body", ["", "賛成です。", "I agree, no doubt about it.", "#祭り に行きます", "「橋は来年」と市長"]
)
def test_what_may_not(body: str) -> None:
    assert not may_quote(body)
    assert find(body) == ()
