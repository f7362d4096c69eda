"""Page text: no line lost, equal lines two comments, growth adds only what is new."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.drafts import BODY_LIMIT, ArticleDraft, CommentDraft
from comments.formats.base import Problem, Row
from comments.formats.pagetext import LINE_LIMIT
from tests.comments.formats.conftest import Read

JA = """市は海沿いの堤防を二年かけてかさ上げすると発表した。
参考:Harbour city to raise its sea wall
堤防工事、来春に着工
工事の間、遊歩道は通れなくなる。
関連記事:高潮警報の新しい基準
関連記事：港の再開発、住民説明会へ
※アイキャッチ画像の出典:市広報課
"""
EN = """The council will close the old bridge for repairs.
Source: Regional Gazette
Bridge to close for a year
Buses will be diverted.
Related: New timetable for the ferry
※Photo: City archive
"""


def bodies(rows: list[Row | Problem]) -> list[str]:
    return [row.draft.body for row in rows[1:] if isinstance(row, Row)]


def codes(rows: list[Row | Problem]) -> list[tuple[str, ...]]:
    return [tuple(notice.code for notice in row.notices) for row in rows if isinstance(row, Row)]


def test_japanese_article(read: Read) -> None:
    rows, fault = read("pagetext", JA + "助かります。\n", filename="wall.txt")
    assert fault is None
    assert isinstance(rows[0], Row)
    assert rows[0].draft == ArticleDraft(
        external_id="wall.txt",
        title="堤防工事、来春に着工",
        body="市は海沿いの堤防を二年かけてかさ上げすると発表した。\n堤防工事、来春に着工\n工事の間、遊歩道は通れなくなる。",
        source="Harbour city to raise its sea wall",
        related=("高潮警報の新しい基準", "港の再開発、住民説明会へ"),
        credit="※アイキャッチ画像の出典:市広報課",
    )
    comment = rows[1]
    assert isinstance(comment, Row)
    assert isinstance(comment.draft, CommentDraft)
    assert (comment.draft.article, comment.draft.number, comment.draft.identity) == ("wall.txt", 1, False)
    assert comment.draft.posted_at is None
    assert comment.place == "line 8"


def test_english_article_known_by_url(read: Read) -> None:
    rows, _ = read("pagetext", EN + "At last.\n", url="https://Example.com/bridge#top")
    article, comment = rows
    assert isinstance(article, Row)
    assert isinstance(article.draft, ArticleDraft)
    assert isinstance(comment, Row)
    assert isinstance(comment.draft, CommentDraft)
    assert (article.draft.external_id, article.draft.url) == ("", "https://example.com/bridge")
    assert (article.draft.title, article.draft.source) == ("Bridge to close for a year", "Regional Gazette")
    assert comment.draft.article == "https://example.com/bridge"


SPLITS = [
    (["一つ目。", "二つ目。"], ["一つ目。", "二つ目。"], [(), ("guessed-split",)]),
    ([">通れない。", "困る。", "別の人。"], [">通れない。\n困る。", "別の人。"], [(), ("guessed-split",)]),
    (["先です。", "＞先です。", "同感。"], ["先です。", "＞先です。\n同感。"], [(), ()]),
    ([">一行目", ">二行目", "答え"], [">一行目\n>二行目\n答え"], [()]),
    ([">甲", "乙", ">丙", "丁"], [">甲\n乙", ">丙\n丁"], [(), ()]),
    (["長い話の途中で、", "続きます。"], ["長い話の途中で、\n続きます。"], [()]),
    (["反対です。", "とはいっても必要でしょう。"], ["反対です。\nとはいっても必要でしょう。"], [()]),
    (["I agree.", "In addition, it is cheap."], ["I agree.\nIn addition, it is cheap."], [()]),
    (["一つ目。", "", "二つ目。"], ["一つ目。", "二つ目。"], [(), ()]),
    ([">甲", "", "乙"], [">甲\n乙"], [()]),
    (["", "一つ目。", "続き。", "", "二つ目。"], ["一つ目。\n続き。", "二つ目。"], [(), ()]),
    ([">>3 その通り。", "別の人。"], [">>3 その通り。", "別の人。"], [(), ("guessed-split",)]),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "split", "notices"), SPLITS)
def test_split(read: Read, lines: list[str], split: list[str], notices: list[tuple[str, ...]]) -> None:
    rows, _ = read("pagetext", JA + "\n".join(lines) + "\n")
    assert bodies(rows) == split
    assert codes(rows)[1:] == notices


def identities(rows: list[Row | Problem]) -> list[str]:
    return [row.draft.external_id for row in rows[1:] if isinstance(row, Row)]


def test_equal_lines_are_two_comments_and_stay(read: Read) -> None:
    rows, _ = read("pagetext", JA + "同感。\n同感。\n")
    first, second = identities(rows)
    assert first.removesuffix("-1") == second.removesuffix("-2")


def test_identity_forgives_width_case_and_spacing(read: Read) -> None:
    one, _ = read("pagetext", JA + "ＡＢＣ  社の 話\n")
    other, _ = read("pagetext", JA + "abc 社の　話 \n")
    assert identities(one) == identities(other)


def test_identity_is_of_one_article(read: Read) -> None:
    one, _ = read("pagetext", JA + "同感。\n", filename="a.txt")
    other, _ = read("pagetext", JA + "同感。\n", filename="b.txt")
    assert identities(one) != identities(other)


LINES = st.lists(
    st.sampled_from(
        [
            "同感。",
            "途中で、",
            ">遊歩道は通れなくなる。",
            "＞同感。",
            "",
            "しかも高い。",
            ">>2",
            "※余談",
            "Good.",
        ]
    ),
    max_size=14,
)


@given(lines=LINES, more=LINES)
def test_growth_keeps_what_was(read: Read, lines: list[str], more: list[str]) -> None:
    before, _ = read("pagetext", JA + "".join(f"{line}\n" for line in lines))
    after, _ = read("pagetext", JA + "".join(f"{line}\n" for line in lines + more))
    kept = len(before)
    assert identities(after)[: kept - 1] == identities(before)
    # Only the last one may have grown, and only at its end.
    assert bodies(after)[: max(0, kept - 2)] == bodies(before)[: max(0, kept - 2)]
    assert kept == 1 or bodies(after)[kept - 2].startswith(bodies(before)[-1])


@given(lines=LINES)
def test_no_line_is_lost(read: Read, lines: list[str]) -> None:
    rows, _ = read("pagetext", JA + "\n".join(lines))
    assert "\n".join(bodies(rows)).split("\n") == ([line for line in lines if line] or [""])
    drafts = [row.draft for row in rows[1:] if isinstance(row, Row)]
    assert [d.number for d in drafts if isinstance(d, CommentDraft)] == list(range(1, len(drafts) + 1))
    assert len(set(identities(rows))) == len(drafts)


ENDS = [
    ("話。\n関連記事:別の話\n声。\n", ("guessed-end",), ["声。"]),
    ("話。\n※注\n声。\n", ("guessed-end",), ["声。"]),
    ("話。\n※注\n続き。\n※写真:本社\n声。\n", (), ["声。"]),
    ("話。\n関連記事:別の話\n※市広報課\n声。\n", (), ["声。"]),
    ("話。\nPhoto credit: Ana\nFine.\n", (), ["Fine."]),
    ("話。\n※写真:本社\n", ("no-comments",), []),
]


@pytest.mark.parametrize(("text", "notices", "said"), ENDS)
def test_where_the_article_ends(read: Read, text: str, notices: tuple[str, ...], said: list[str]) -> None:
    rows, fault = read("pagetext", text)
    assert fault is None
    assert codes(rows)[0] == notices
    assert bodies(rows) == said


UNREADABLE = [
    (b"", "no end of an article"),
    ("話。\n声。\n".encode(), "no end of an article"),
    ("話。\n※写真:本社\n声。\n".encode("shift_jis"), "not UTF-8"),
    ("話。\n※写真:本社\n声。\n".encode("utf-16"), "UTF-16"),
    (b"x" * (LINE_LIMIT + 1), "too long"),
    ("話\0。\n※写真:本社\n".encode(), "NUL"),
]


@pytest.mark.parametrize(("data", "words"), UNREADABLE)
def test_unreadable(read: Read, data: bytes, words: str) -> None:
    rows, fault = read("pagetext", data)
    assert rows == []
    assert fault is not None
    assert words in str(fault)


def test_an_article_without_a_name_is_unreadable(read: Read) -> None:
    _, fault = read("pagetext", JA, filename="")
    assert fault is not None
    assert "--url" in fault.reason


def test_bad_lines_are_problems_of_their_own(read: Read) -> None:
    data = (
        JA.encode()
        + "前。\n".encode()
        + b"\xff\xfe\n"
        + b"a\0b\n"
        + b"y" * (LINE_LIMIT + 9)
        + "\n後。\n".encode()
    )
    rows, fault = read("pagetext", data)
    assert fault is None
    assert [row.code for row in rows if isinstance(row, Problem)] == [
        "encoding",
        "unstorable",
        "line-too-long",
    ]
    assert bodies(rows) == ["前。", "後。"]


def test_a_long_comment_is_cut(read: Read) -> None:
    rows, _ = read("pagetext", JA + "長" * (BODY_LIMIT + 5) + "\n")
    assert codes(rows)[1] == ("cut-body",)
    assert isinstance(rows[1], Row)
    assert "20,005 characters" in rows[1].notices[-1].text
    assert len(bodies(rows)[0]) == BODY_LIMIT


@given(st.one_of(st.binary(max_size=60), st.binary(max_size=60).map(lambda b: JA.encode() + b)))
def test_any_bytes_give_rows_or_a_clear_end(read: Read, data: bytes) -> None:
    rows, fault = read("pagetext", data)
    assert all(row.place for row in rows)
    assert fault is None or fault.reason
