"""HTML to text: what a reader saw, in linear time, whatever the tags do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.formats.plain import one_line, plain

TABLE = [
    ("ただの文。", "ただの文。"),
    ("一行目\r\n二行目\r\r三行目 ", "一行目\n二行目\n\n三行目"),
    ("<p>一つ</p>\n\n\n<p>二つ</p>", "一つ\n\n二つ"),
    ("<!-- wp:paragraph -->\n<p>一つ</p>\n<!-- /wp:paragraph -->\n<p>二つ</p>", "一つ\n\n二つ"),
    ("a<br>b<br />c", "a\nb\nc"),
    ("買うもの<ul><li>米</li><li>塩</li></ul>以上", "買うもの\n\n米\n塩\n\n以上"),
    ("&lt;b&gt; &amp; &hellip; &#x6d77; I <3 the sea, 1 < 2", "<b> & … 海 I <3 the sea, 1 < 2"),
    ("<blockquote>甲\n乙</blockquote>\n丙", "> 甲\n> 乙\n\n丙"),
    ("<blockquote><p>甲</p><blockquote>乙</blockquote></blockquote>", "> 甲\n> > 乙"),
    ('<a href="https://example.jp/">港</a>', "港 ( https://example.jp/ )"),
    ('<a href="https://example.jp/">https://example.jp</a>', "https://example.jp"),
    ('<a href="javascript:alert(1)">港</a>', "港"),
    ('<img src="https://example.jp/a.png" alt="灯台">', "灯台"),
    ('<img src="https://example.jp/a.png">', "https://example.jp/a.png"),
    ("<script>x<y</script><style>p{}</style>残り", "残り"),
    ("</div></p>後<div>先", "後\n先"),
]


@pytest.mark.parametrize(("html", "text"), TABLE)
def test_plain(html: str, text: str) -> None:
    assert plain(html) == text


def test_depth_loses_nothing() -> None:
    assert plain("<div>" * 5_000 + "底" + "</div>" * 5_000 + "上") == "底\n上"


def test_one_line() -> None:
    assert one_line("  港の\n<em>朝</em>　市 ") == "港の 朝 市"


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60).filter(lambda t: not set(t) & set("<&\r"))
)
def test_text_without_markup_stays(text: str) -> None:
    assert plain(text).split() == text.split()


@given(
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<blockquote>", "</blockquote>", "<a href='http://x'>", "</a>", "\n", "語"]
        )
    )
)
def test_any_order_of_tags_keeps_the_words(parts: list[str]) -> None:
    assert plain("".join(parts)).count("語") == parts.count("語")


@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "<p>",
                    "</p>",
                    "<br>",
                    "<br />",
                    "<p>港は朝。</p>",
                    "\n",
                    "\n\n",
                    " ",
                    "\t",
                    "　",
                    "\0",
                    "\ud800",
                ),
                *("&gt; ", "&amp;", "&lt;p&gt;", "&quot;", "&#39;", "&amp;gt;", "&", "gt;", "語", "a b"),
            ]
        ),
        max_size=14,
    )
)
def test_what_is_told_without_the_parser_is_what_the_parser_tells(parts: list[str]) -> None:
    html = "<br>" + "".join(parts)
    # An element that says nothing, but that only the parser knows.
    assert plain(html) == plain(html + "<i></i>")
