"""What begins with the sign of a quote and is none."""

import pytest

from moderation.quotes import find

NOT_QUOTES = {
    "addresses": [
        "≫松田さん",
        "》松田さん",
        "&gt;松田さん",
        "＞>松田さん",
        "＞はるかさん、同感です",
        "＞松田さんのおっしゃる通りです",
        "＞12さん、それは違います",
        "＞匿名さんへ",
        "＞皆様",
        "＞記者様",
        "＞東京へ",
        ">>松田",
        ">>Hana",
        ">@hana_1984 I agree",
        "> Bob: ",
        "架け替えるべきです！＞all",
        "そうですよね＞松田さん",
        "賛成です。>12",
        "＞主",
    ],
    "references": ["≫12", "&gt;&gt;12 違います", ">>12-15、同感", "＞ 12", "> 12, 15", "＞12番さん", "> >12"],
    "faces": [
        ">д<",
        ">﹏<",
        ">////<",
        "＞人＜",
        ">:D",
        ">w<",
        ">_>",
        "> <;",
        "(＞_＜)",
        "＞ワ＜",
        "&gt;_&lt;",
    ],
    "drawings": ["＿人人人＿\n＞ 大雪の朝 ＜\n￣Y^Y^￣", "＞　やった　＜", "＞゜))))彡"],
    "fences": ["~~~\n> host = new-db\n~~~", "```\n> host = new-db\n```"],
    "commands": ["> ipconfig /all", "> make test"],
    "arrows": [
        "-> 次へ",
        "--> next",
        "==> それ",
        "＞＞続きを読む",
        "> Read more",
        "＞詳細はこちら",
        ">> next page",
        "＞全文を読む",
    ],
    "quantities": ["> 5%", ">100mg", "> 3.14", "＞３万円", ">= 5", "＞＝５", "a > b", "x>=y"],
    "SQL": [
        "> SELECT name FROM users WHERE id = 12",
        "> select 1;",
        "> INSERT INTO bridges VALUES (1);",
        "> DROP TABLE bridges",
        "> show tables;",
        "mysql> SELECT 1",
    ],
    "R, JavaScript, Python": [
        "> x <- c(1, 2)\n> mean(x)\n[1] 1.5",
        "> summary(fit)",
        "> 1 + 1\n2",
        '> console.log("hi")',
        "> var a = 1;",
        "> db.bridges.find({})",
        ">>> import os\n>>> os.getcwd()\n'/home'",
        ">>> 1 + 1",
        ">>> rows[0]",
    ],
    "shells": [
        "> npm install",
        "> npm run build --silent",
        "> git clone https://example.com/bridge.git",
        "> git status",
        "> sudo apt-get update",
        "> cd /var/www",
        "> cd bridge",
        "> ls -la",
        "> dir",
        "> python3 manage.py migrate",
        "> curl -I https://example.com/",
        "> echo $HOME",
        "C:\\>dir",
        "$ sort < a > b",
        "cat access.log \\\n| grep 404 \\\n| sort",
    ],
    "diffs": [
        "12c13\n< the old line here\n---\n> the new line here",
        "5a6,7\n> a line that is new\n> and another one",
        "< the old line here\n---\n> the new line here",
        "<<<<<<< HEAD\nthe one\n=======\nthe other\n>>>>>>> a branch of mine",
    ],
    "frames of mails": [
        "Thanks.\n-- \nHana\n> the motto of my signature",
        "> -- \n> Hana Matsuda\n> City desk",
        "> ______________________________\n> News mailing list\n> news@example.jp",
        "> Sent from my iPhone",
        "> To unsubscribe from this list: send a mail",
        "> From: Hana\n> Sent: Friday\n> To: Taro\n> Subject: The bridge",
        "> 差出人: 松田\n> 送信日時: 2026年4月3日\n> 宛先: 市役所\n> 件名: 橋について",
        "> -----Original Message-----",
        "> -----元のメッセージ-----",
    ],
    "attributions alone": [
        "> Hana wrote:",
        "> 松田さんは書きました：",
        "＞記事より",
        "＞松田さんのコメント：",
    ],
    "code and tables": [
        '<a href="https://example.org/"\n>the link</a>',
        "```\n> words of a program, fenced\n```",
        "| 駅 | 時刻 |\n|----|------|\n| 東 | 9:00 |",
        "|  o  |\n| /|\\ |",
        "| Some x -> x + 1\n| None -> 0",
        "| ab\n| cd",
        "true || false",
        "《「橋」\n》の話",
    ],
    "inline quotation marks": [
        "「橋は来年に架け替える」とあるが、",
        '"The tram will not run" they say',
        "『橋』という題",
    ],
    "tags": ["<b>太字</b>", "<blockquote>", "[quote]", "<p>> a</p>"],
}


@pytest.mark.parametrize(
    "body",
    [pytest.param(body, id=f"{kind}: {body!r}") for kind, bodies in NOT_QUOTES.items() for body in bodies],
)
def test_not_quotes(body: str) -> None:
    assert find(body) == ()
    # Neither is it in company, and what stands around it stays a quote.
    company = f"前の文です。\n\n> 図書館は火曜が休みです\n\n{body}\n\n> 閉館は七時です"
    assert [each.text for each in find(company)] == ["図書館は火曜が休みです", "閉館は七時です"]


@pytest.mark.parametrize(
    "line",
    [
        "SELECT committee members met on Friday.",
        "Make sure that you go to the meeting.",
        "go to the next stop and turn left",
        "git is a tool that nobody understands",
        "cd sales fell again last year",
        "for the first time in years: a bridge",
        "import duties were raised",
        "x is what we need",
        "show of hands; nobody objected",
        "next to the bridge stands a house",
        "more people came than ever",
        "Back to the bridge, then",
        "All aboard the night tram",
        "市長の説明はおかしいと松田さん",
        "松田さんは橋を架け替えると述べた。",
        "5%の人が反対した",
        "12時に集合と書いてある",
        "「橋は来年に架け替える」と市長。",
        "続きを読むには登録が要る",
        "主な争点は橋だ",
        "上の階に住む人は反対した",
        "The mayor said: we shall see.",
        "記事より先に議会が知るべきだ",
        "<- see the arrow in the picture",
        "From: the people of this town",
        "私は賛成です＞市長",
    ],
)
@pytest.mark.parametrize("sign", ["> ", "＞", "&gt; "])
def test_words_that_look_alike_stay_quotes(sign: str, line: str) -> None:
    assert [each.text for each in find(f"{sign}{line}\n反対です")] == [line]
