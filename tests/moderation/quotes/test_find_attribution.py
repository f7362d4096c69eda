"""Whom a line before a quote names, and which comment."""

import pytest

from moderation.quotes import ARTICLE, find
from moderation.quotes.base import join

BRIDGE = "橋は来年に架け替える予定だ。"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        # English, and what programs write
        ("On Mon, 3 Apr 2026 at 10:00, Hana Matsuda <hana@example.jp> wrote:", "Hana Matsuda"),
        ("On Tue, 16 Nov 2010 19:55:31 +0000 Hana Matsuda wrote:", "Hana Matsuda"),
        ("On Tuesday, April 3, 2026, Hana Matsuda\n<hana@example.jp> wrote:", "Hana Matsuda"),
        ("On Thu, 2026-04-02 at 10:00 +0900, Hana Matsuda\nwrote:", "Hana Matsuda"),
        ("On Apr 3, 2026, at 12:25 PM, Matsuda, Hana wrote:", "Matsuda, Hana"),
        ("On 2026-04-03 10:00, Hana wrote:", "Hana"),
        ("On Friday, hana42 wrote:", "hana42"),
        ("Hana Matsuda <hana@example.jp> wrote on 04/03/2026 04:05:30 PM:", "Hana Matsuda"),
        ("In article <12@example.jp>, Hana Matsuda writes:", "Hana Matsuda"),
        ("* Hana Matsuda <hana@example.jp> wrote:", "Hana Matsuda"),
        ("Le 3 avril 2026 à 10:00, Hana Matsuda <hana@example.jp> a écrit :", "Hana Matsuda"),
        ("Hana Matsuda wrote:", "Hana Matsuda"),
        ("**Hana** wrote:", "Hana"),
        ("@hana wrote:", "hana"),
        ("Hana writes:", "Hana"),
        ("Hana said:", "Hana"),
        ("Hana commented:", "Hana"),
        ("Hana wrote", "Hana"),
        ("Quoting Hana:", "Hana"),
        ("Originally posted by Hana Matsuda:", "Hana Matsuda"),
        ("From: Hana Matsuda <hana@example.jp>\nSent: Friday\nTo: Taro\nSubject: The bridge", "Hana Matsuda"),
        # Japanese
        ("松田さんは書きました:", "松田"),
        ("松田さんが書きました", "松田"),
        ("松田 さんは書きました：", "松田"),
        ("松田太郎さんは2026/04/03 12:30に書きました:", "松田太郎"),
        ("松田さんは次のように述べています。", "松田"),
        ("松田様がおっしゃっています：", "松田"),
        ("松田さんのコメント:", "松田"),
        ("松田 太郎さんの投稿：", "松田 太郎"),
        ("松田さんのメッセージ", "松田"),
        ("----- 松田太郎さんからのメッセージ -----", "松田太郎"),
        ("松田さんのコメントより引用", "松田"),
        ("松田さん wrote", "松田"),
        ("松田 wrote:", "松田"),
        ("松田さん曰く、", "松田"),
        ("松田さんより", "松田"),
        ("2026年4月3日(金) 12:34 松田太郎 <taro@example.jp>:", "松田太郎"),
        ("2026/04/03 12:34、松田太郎 <taro@example.jp>のメール:", "松田太郎"),
        ("(2026/04/03 12:34), 松田太郎 wrote:", "松田太郎"),
        ("差出人: 松田太郎\n件名: 橋の件", "松田太郎"),
        # The article
        ("記事より", ARTICLE),
        ("本文より引用：", ARTICLE),
        ("以下、記事より引用", ARTICLE),
        ("記事にはこうあります。", ARTICLE),
        ("この記事によると、", ARTICLE),
        ("【記事より】", ARTICLE),
        ("the article says:", ARTICLE),
        ("From the article:", ARTICLE),
        ("The article states that:", ARTICLE),
        ("Article:", ARTICLE),
        # The one who is answered has no name here; others speak in the article, or nobody does.
        ("You wrote:", ""),
        ("In message <12@example.jp> you wrote:", ""),
        ("あなたは書きました：", ""),
        ("-----元のメッセージ-----", ""),
        ("He wrote:", ""),
        ("She once said:", ""),
        ("As I wrote:", ""),
        ("The mayor said:", ""),
        ("My neighbour said:", ""),
        ("市長のコメント：", ""),
        ("市長は次のように述べた：", ""),
        ("彼はこう書いた：", ""),
        ("上のコメントより", ""),
        ("これは記事より早い", ""),
        ("引用：", ""),
        ("quote:", ""),
        ("松田さん、", ""),
        ("松田さん：", ""),
        ("＞松田さん", ""),
        ("I said it before and I say it again:", ""),
        ("Hana wrote:\n\n\n", ""),
        (f"{'a' * 500} Hana wrote:", ""),
    ],
)
def test_the_line_before_a_quote(line: str, name: str) -> None:
    body = f"こんにちは。\n\n{line}\n> {BRIDGE}\n反対です"
    (quoted,) = find(body)
    assert (quoted.text, quoted.attribution, quoted.numbers) == (BRIDGE, name, ())


@pytest.mark.parametrize(
    ("line", "name", "numbers"),
    [
        (">>12", "", (12,)),
        ("＞＞12", "", (12,)),
        (">>12さん", "", (12,)),
        ("＞＞12 松田さん", "松田", (12,)),
        (">>12 松田さんへ", "松田", (12,)),
        (">>12,15", "", (12, 15)),
        (">>12-14", "", (12, 13, 14)),
        ("※12", "", (12,)),
        ("No.12", "", (12,)),
        ("12さんのコメントより", "", (12,)),
        ("≫12", "", (12,)),
        (">>12 それは違う", "", ()),
        ("12", "", ()),
    ],
)
def test_a_reference_before_a_quote(line: str, name: str, numbers: tuple[int, ...]) -> None:
    for between in ("\n", "\n\n", "\r\n"):
        (quoted,) = find(f"{line}{between}＞{BRIDGE}\n反対です")
        assert (quoted.text, quoted.attribution, quoted.numbers) == (BRIDGE, name, numbers)


@pytest.mark.parametrize("reference", [">>12 ", "＞＞12", ">>12さん ", "※12 ", "≫12\u3000", ">>12: "])
def test_a_reference_on_the_line_of_the_quote(reference: str) -> None:
    body = f"{reference}＞{BRIDGE}\n＞工費は三億円\n高い"
    (quoted,) = find(body)
    assert (quoted.text, quoted.numbers) == (f"{BRIDGE}\n工費は三億円", (12,))
    assert quoted.start == len(reference)


def test_a_reference_opens_a_block() -> None:
    one, two = find(f">>11 > {BRIDGE}\n>>12 > 工費は三億円\n高い")
    assert (one.numbers, two.numbers) == ((11,), (12,))


def test_the_first_quote_line_may_name_the_author() -> None:
    for line, name in [
        ("松田さんは書きました：", "松田"),
        ("Hana wrote:", "Hana"),
        ("On Monday, Hana\n> wrote:", "Hana"),
        ("記事より", ARTICLE),
    ]:
        (quoted,) = find(f"> {line}\n> {BRIDGE}\n反対です")
        assert (quoted.text, quoted.attribution) == (BRIDGE, name)
    # In a quote `said:` may be part of the words.
    (quoted,) = find(f"> Hana said:\n> {BRIDGE}")
    assert (quoted.text, quoted.attribution) == (f"Hana said:\n{BRIDGE}", "")


def test_a_line_one_level_up_names_the_author() -> None:
    body = f"Hana wrote:\n> I agree.\n>\n> Taro wrote:\n>> {BRIDGE}\n> Why not?"
    assert [(each.depth, each.text, each.attribution) for each in find(body)] == [
        (1, "I agree.", "Hana"),
        (2, BRIDGE, "Taro"),
        (1, "Why not?", ""),
    ]


def test_a_program_names_the_author_of_all_that_follows() -> None:
    body = (
        "On Friday 3 April, Hana wrote:\n> I agree.\nGood.\n"
        "> On Thursday 2 April, Taro\n> wrote:\n>> The bridge is old.\n"
        "> It is.\n>> Mend it.\nYes.\n> And soon.\nQuite.\n\n"
        "the article says:\n> It closes in May.\nSo?\n> Who knows."
    )
    assert [(each.depth, each.text, each.attribution) for each in find(body)] == [
        (1, "I agree.", "Hana"),
        (2, "The bridge is old.", "Taro"),
        (1, "It is.", "Hana"),
        (2, "Mend it.", "Taro"),
        (1, "And soon.", "Hana"),
        (1, "It closes in May.", ARTICLE),
        (1, "Who knows.", ""),
    ]


def test_what_a_person_writes_names_the_next_quote_alone() -> None:
    one, two = find("松田さんは書きました：\n> 橋は来年\nそうですね。\n> 工費は三億円\n高い")
    assert (one.attribution, two.attribution) == ("松田", "")


@pytest.mark.parametrize(
    ("body", "name", "numbers"),
    [
        ("[quote=松田さん]橋は来年[/quote]", "松田", ()),
        ('[quote="Hana Matsuda"]The bridge[/quote]', "Hana Matsuda", ()),
        ('[quote="Hana, post:12, topic:3"]The bridge[/quote]', "Hana", (12,)),
        ("[quote='Hana' pid='12' dateline='1']The bridge[/quote]", "Hana", (12,)),
        ("[quote author=Hana link=topic=1.msg2#msg2 date=123]The bridge[/quote]", "Hana", ()),
        ("[quote]\n松田さんは書きました：\n橋は来年\n[/quote]", "松田", ()),
        ("松田さんは書きました：[quote]橋は来年[/quote]", "松田", ()),
        ("<p>松田さんは書きました：</p>\n<blockquote>橋は来年</blockquote>", "松田", ()),
        ("&gt;&gt;12\n<blockquote>橋は来年</blockquote>", "", (12,)),
        ("<blockquote><p>橋は来年</p><cite>松田さん</cite></blockquote>", "松田", ()),
        (
            "<blockquote><p>橋は来年</p><footer>— <cite>Hana Matsuda</cite></footer></blockquote>",
            "Hana Matsuda",
            (),
        ),
        ("<blockquote><div><cite>Hana wrote:</cite>The bridge</div></blockquote>", "Hana", ()),
    ],
)
def test_tags(body: str, name: str, numbers: tuple[int, ...]) -> None:
    (quoted,) = find(f"前置きです。\n{body}\n答えます。")
    assert quoted.text in {"橋は来年", "The bridge"}
    assert (quoted.attribution, quoted.numbers) == (name, numbers)


def test_the_parts_of_a_block_keep_what_it_names() -> None:
    (quoted,) = find(">>12 松田さん\n＞橋は来年\n＞工費は三億円")
    assert [(part.attribution, part.numbers) for part in quoted.split()] == [("松田", (12,))] * 2
    assert join(quoted.split()) == quoted
