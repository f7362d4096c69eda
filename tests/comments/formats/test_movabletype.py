"""Movable Type exports: rules that are none, dates of two clocks, ids from content."""

from datetime import UTC, datetime
from ipaddress import ip_address
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.drafts import ArticleDraft, CommentDraft, Kind, Refused, SourceState
from comments.formats import detect, movabletype
from comments.formats.base import Problem, Row
from tests.comments.formats.conftest import Read

HEAD = """AUTHOR: 港の記者
TITLE: 市場の&lt;朝&gt;
BASENAME: morning_market
STATUS: Publish
ALLOW COMMENTS: 1
CATEGORY: 町
CATEGORY: 食
DATE: 08/05/2006 06:10:00 AM
-----
BODY:
<p>競りは<b>五時</b>に始まる。</p>
-----
EXTENDED BODY:
見学は無料。
-----
EXCERPT:
抜粋
-----
KEYWORDS:

-----
"""
COMMENT = """COMMENT:
AUTHOR: 魚屋の孫
EMAIL: mago@example.jp
IP: 192.0.2.8
URL: https://uoya.example.jp/
DATE: 08/06/2006 09:00:30 PM
祖父も毎朝<br>通っていました。
-----
"""
PING = """PING:
TITLE: 市場へ行った
URL: https://blog.example.jp/1
IP: 192.0.2.9
BLOG NAME: 食べ歩き帖
DATE: 08/07/2006 00:05:00
写真を載せました。
-----
"""


def entry(*sections: str, head: str = HEAD, end: str = "--------\n") -> str:
    return head + "".join(sections) + end


def drafted(row: Row | Problem) -> CommentDraft:
    assert isinstance(row, Row), row
    assert isinstance(row.draft, CommentDraft)
    return row.draft


def article_of(row: Row | Problem) -> ArticleDraft:
    assert isinstance(row, Row), row
    assert isinstance(row.draft, ArticleDraft)
    return row.draft


def bodies(read: Read, text: str) -> list[str]:
    rows, fault = read("movabletype", text)
    assert fault is None
    return [row.draft.body for row in rows if isinstance(row, Row)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "shift_jis", "euc-jp", "iso2022_jp"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_an_entry_with_comment_and_ping(read: Read, encoding: str, ends: str) -> None:
    data = entry(COMMENT, PING).replace("\n", ends).encode(encoding)
    assert detect(data).slug == "movabletype"
    rows, fault = read("movabletype", data, encoding="" if "utf" in encoding else encoding)
    assert fault is None
    assert [row.place for row in rows] == [
        "entry 1 (line 1)", "entry 1, comment 1 (line 22)", "entry 1, ping 1 (line 30)",
    ]  # fmt: skip
    assert article_of(rows[0]) == ArticleDraft(
        external_id="mt:morning_market",
        title="市場の<朝>",
        body="競りは五時に始まる。\n\n見学は無料。",
        published_at=datetime(2006, 8, 4, 21, 10, tzinfo=UTC),
        closed=False,
    )
    comment, ping = drafted(rows[1]), drafted(rows[2])
    assert comment == CommentDraft(
        external_id=comment.external_id,
        article="mt:morning_market",
        author_name="魚屋の孫",
        author_email="mago@example.jp",
        author_url="https://uoya.example.jp/",
        ip=ip_address("192.0.2.8"),
        body="祖父も毎朝\n通っていました。",
        posted_at=datetime(2006, 8, 6, 12, 0, 30, tzinfo=UTC),
    )
    assert comment.external_id.startswith("sha256:")
    assert (ping.kind, ping.author_name, ping.author_url) == (
        Kind.TRACKBACK, "食べ歩き帖", "https://blog.example.jp/1",
    )  # fmt: skip
    assert ping.body == "市場へ行った\n\n写真を載せました。"
    assert all(row.notices[0].code == "assumed-zone" for row in rows if isinstance(row, Row))


TIMES = [
    ("01/31/2002 03:31:05 PM", (15, 31, 5)),
    ("01/31/2002 12:00:00 AM", (0, 0, 0)),
    ("01/31/2002 12:00:00 pm", (12, 0, 0)),
    ("01/31/2002 15:47:06", (15, 47, 6)),
    ("1/31/2002 3:31", (3, 31, 0)),
    ("01/31/2002 15:47:06 PM", (15, 47, 6)),
    ("01/31/2002 00:47:06 AM", (0, 47, 6)),
]


@pytest.mark.parametrize(("text", "time"), TIMES)
def test_clocks(text: str, time: tuple[int, int, int]) -> None:
    zone = ZoneInfo("Asia/Tokyo")
    assert movabletype.clock(text, zone) == datetime(2002, 1, 31, *time, tzinfo=zone)


@pytest.mark.parametrize(
    "text", ["31/01/2002 10:00:00", "2002-01-31 10:00:00", "01/31/2002 15:00:00 AM", "soon"]
)
def test_no_times(text: str) -> None:
    with pytest.raises(Refused, match="no date and time"):
        movabletype.clock(text, ZoneInfo("UTC"))


LOOKS = [
    "見出し:\nAUTHOR: 私ではない\nDATE: いつか\n本文",
    "一行目\n-----\n線の下",
    "一行目\n-----\n\n\n線の下\n-----\n-----\n終わり",
    "A rule of eight:\n--------\nand on it goes",
    "COMMENT:\nis what I clicked",
    "URL: https://example.jp/ をどうぞ",
    "TITLE: 題",
]


@pytest.mark.parametrize("text", LOOKS)
def test_lines_that_look_like_rules_and_headers_are_the_readers(read: Read, text: str) -> None:
    comment = COMMENT.replace("祖父も毎朝<br>通っていました。", text)
    rows = bodies(read, entry(comment, COMMENT) + entry(head=HEAD.replace("morning", "evening")))
    assert len(rows) == 4
    wanted = text.replace("\n\n\n", "\n\n")
    assert rows[1] == wanted


@pytest.mark.parametrize("cut", ["--------\n", "-----\n--------\n", "\n-----\n--------\n", ""])
def test_a_last_entry_without_its_closing_rules(read: Read, cut: str) -> None:
    text = entry(COMMENT)
    assert bodies(read, text.removesuffix(cut)) == bodies(read, text)
    assert len(bodies(read, text.removesuffix(cut) + "\n\n")) == 2


def test_ids_come_from_what_does_not_change(read: Read) -> None:
    edited = COMMENT.replace("毎朝", "毎晩")
    undated = "COMMENT:\nAUTHOR: 匿名\n同感です。\n-----\n"
    other = HEAD.replace("市場の", "夜の市場の")
    rows, _ = read("movabletype", entry(COMMENT, undated, undated) + entry(COMMENT, head=other))
    again, _ = read("movabletype", entry(edited, undated))
    ids = [drafted(row).external_id for row in (*rows[1:4], rows[5])]
    assert len(set(ids)) == 4
    assert [drafted(row).external_id for row in again[1:]] == ids[:2]
    assert article_of(rows[0]).external_id != article_of(rows[4]).external_id
    assert drafted(rows[5]).article == article_of(rows[4]).external_id
    assert isinstance(rows[2], Row)
    assert [notice.code for notice in rows[2].notices] == ["no-date"]


ADDRESSES = [
    ("UNIQUE URL: https://minato.example.jp/market.html", "", "https://minato.example.jp/market.html"),
    ("UNIQUE URL: market.html", "https://minato.example.jp/entry/", "https://minato.example.jp/entry/morning_market"),
    ("NO ENTRY: 1", "https://minato.example.jp/entry", ""),
]  # fmt: skip


@pytest.mark.parametrize(("line", "base", "url"), ADDRESSES)
def test_addresses(read: Read, line: str, base: str, url: str) -> None:
    rows, _ = read("movabletype", entry(COMMENT, head=f"{line}\n{HEAD}"), url=base)
    assert article_of(rows[0]).url == url
    assert drafted(rows[1]).article == (url or "mt:morning_market")


def test_drafts_and_secrets_and_closed_entries(read: Read) -> None:
    draft = HEAD.replace("Publish", "Draft").replace("COMMENTS: 1", "COMMENTS: 0")
    assert bodies(read, entry(head=draft)) == []
    rows, _ = read("movabletype", entry(COMMENT.replace("DATE:", "SECRET: 1\nDATE:"), head=draft))
    assert article_of(rows[0]).closed is True
    assert drafted(rows[1]).state is SourceState.PENDING
    assert isinstance(rows[1], Row)
    assert [notice.code for notice in rows[1].notices] == ["assumed-zone", "secret"]


BAD = [
    (COMMENT.replace("08/06/2006", "2006/08/06"), "bad-date", "comments"),
    (COMMENT.replace("祖父も毎朝<br>通っていました。\n", ""), "blank", "comments"),
    (COMMENT.replace("祖父", "祖" * 400_000), "line-too-long", "comments"),
    ("PING:\nURL: https://a.example/\n-----\n", "blank", "pings"),
]


@pytest.mark.parametrize(("section", "code", "kind"), BAD)
def test_refused_comments(read: Read, section: str, code: str, kind: str) -> None:
    rows, fault = read("movabletype", entry(section, PING))
    assert fault is None
    problem = rows[1]
    assert isinstance(problem, Problem)
    assert (problem.code, problem.kind) == (code, kind)
    assert drafted(rows[2]).kind is Kind.TRACKBACK


@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis"])
def test_undecodable_bytes_cost_their_row(read: Read, encoding: str) -> None:
    data = entry(COMMENT, COMMENT.replace("祖父", "祖母")).encode(encoding)
    at = data.index("毎朝".encode(encoding))
    rows, _ = read("movabletype", data[:at] + b"\xff" + data[at:], encoding=encoding)
    problem = rows[1]
    assert isinstance(problem, Problem)
    assert problem.code == "encoding"
    assert "0xff" in problem.reason
    assert drafted(rows[2]).body.startswith("祖母")


def test_an_entry_that_nothing_names(read: Read) -> None:
    rows, _ = read("movabletype", "AUTHOR: 誰か\n-----\nCOMMENT:\nAUTHOR: 私\n一言\n-----\n--------\n")
    assert isinstance(rows[0], Problem)
    assert (rows[0].kind, rows[0].code) == ("articles", "required")


def test_comments_of_one_entry_are_bounded(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(movabletype, "COMMENT_LIMIT", 2)
    rows, fault = read("movabletype", entry(COMMENT, COMMENT, COMMENT))
    assert len(rows) == 3
    assert fault is not None
    assert "more than 2 comments" in fault.reason


PARTS = st.sampled_from([
    "AUTHOR: a\n", "-----\n", "--------\n", "BODY:\n", "COMMENT:\n", "PING:\n", "DATE: 1\n", "\n", "x\n",
])  # fmt: skip


@given(
    st.one_of(st.binary(max_size=80), st.lists(PARTS, max_size=30).map(lambda parts: "".join(parts).encode()))
)
def test_any_lines_give_rows_or_a_clear_end(read: Read, data: bytes) -> None:
    for encoding in ("", "shift_jis", "utf-16"):
        rows, fault = read("movabletype", data, encoding=encoding)
        assert all(row.place for row in rows)
        assert fault is None or fault.reason
