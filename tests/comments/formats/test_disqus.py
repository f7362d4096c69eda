"""Disqus exports: threads, posts, and what is odd in real ones."""

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.drafts import ArticleDraft, CommentDraft, SourceState
from comments.formats import detect, disqus
from comments.formats.base import Problem, Row
from tests.comments.formats.conftest import Read

HEAD = """<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<category dsq:id="70"><forum>minato</forum><title>総合</title></category>
"""


def export(*elements: str) -> str:
    return HEAD + "".join(elements) + "</disqus>"


def thread(key: str = "11", **fields: str) -> str:
    values = {
        "id": "",
        "link": "https://minato.example.jp/2019/ferry?utm_source=rss",
        "title": "フェリーの&lt;b&gt;欠航&lt;/b&gt;が続く",
        "message": "",
        "createdAt": "2019-02-03T01:00:00Z",
        "author": "<name>編集部</name><id>99</id>",
        "isClosed": "false",
        "isDeleted": "false",
    } | fields
    return f'<thread dsq:id="{key}">' + _elements(values) + '<category dsq:id="70"/></thread>'


def post(key: str = "501", thread: str = "11", parent: str = "", **fields: str) -> str:
    author = {"name": "松岡 &amp;amp; 妻", "email": "matsuoka@example.jp", "username": "matsuoka_y"}
    author |= {"isAnonymous": fields.pop("anonymous", "false")}
    values = {
        "id": "",
        "message": "<![CDATA[<p>島では<b>三日</b>届かない。</p><p>薬もです。</p>]]>",
        "createdAt": "2019-02-04T09:30:00Z",
        "isDeleted": "false",
        "isSpam": "false",
        "author": _elements(author),
        "ipAddress": "192.0.2.44",
    } | fields
    named = f' dsq:id="{key}"' if key else ""
    parents = f'<parent dsq:id="{parent}"/>' if parent else ""
    threads = f'<thread dsq:id="{thread}"/>' if thread else ""
    return f"<post{named}>" + _elements(values) + threads + parents + "</post>"


def _elements(values: dict[str, str]) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in values.items())


def only_post(read: Read, **fields: str) -> Row | Problem:
    rows, fault = read("disqus", export(thread(), post(**fields)))
    assert fault is None
    assert len(rows) == 2
    return rows[1]


def drafted(row: Row | Problem) -> CommentDraft:
    assert isinstance(row, Row), row
    assert isinstance(row.draft, CommentDraft)
    return row.draft


def codes(row: Row | Problem) -> tuple[str, ...]:
    return tuple(notice.code for notice in row.notices) if isinstance(row, Row) else (row.code,)


def test_a_thread_and_a_post(read: Read) -> None:
    rows, fault = read("disqus", export(thread(), post(parent="400")))
    assert fault is None
    article, answer = rows
    assert isinstance(article, Row)
    assert article.draft == ArticleDraft(
        url="https://minato.example.jp/2019/ferry",
        title="フェリーの欠航が続く",
        published_at=datetime(2019, 2, 3, 1, tzinfo=UTC),
        closed=False,
        partial=True,
    )
    assert drafted(answer) == CommentDraft(
        external_id="501",
        article="https://minato.example.jp/2019/ferry",
        parent="400",
        author_name="松岡 & 妻",
        author_email="matsuoka@example.jp",
        author_id="disqus:matsuoka_y",
        ip=ip_address("192.0.2.44"),
        body="島では三日届かない。\n\n薬もです。",
        posted_at=datetime(2019, 2, 4, 9, 30, tzinfo=UTC),
        state=SourceState.APPROVED,
    )
    assert (article.place, answer.place) == ("thread 1 (id 11)", "post 1 (id 501)")
    assert codes(article) == codes(answer) == ()


STATES = [
    ({}, SourceState.APPROVED, ()),
    ({"isSpam": "true"}, SourceState.SPAM, ()),
    ({"isDeleted": "true"}, SourceState.TRASH, ()),
    ({"isDeleted": "true", "isSpam": "true"}, SourceState.SPAM, ()),
    ({"isApproved": "false"}, SourceState.PENDING, ()),
    ({"isApproved": "true"}, SourceState.APPROVED, ()),
    ({"isSpam": "123"}, SourceState.PENDING, ("unknown-state",)),
    ({"isSpam": "123", "isDeleted": "true"}, SourceState.TRASH, ("unknown-state",)),
    ({"isSpam": "", "isDeleted": ""}, SourceState.NONE, ()),
]


@pytest.mark.parametrize(("fields", "state", "noticed"), STATES)
def test_states(read: Read, fields: dict[str, str], state: SourceState, noticed: tuple[str, ...]) -> None:
    row = only_post(read, **fields)
    assert drafted(row).state is state
    assert codes(row) == noticed


REFUSED = [
    ({"createdAt": "2019-x02-04T09:30:00Z"}, "bad-date"),
    ({"key": ""}, "required"),
    ({"thread": ""}, "required"),
    ({"thread": "1337"}, "unknown-article"),
    ({"message": "<![CDATA[ <p> </p> ]]>"}, "blank"),
    ({"message": "", "isDeleted": "true"}, "deleted"),
]


@pytest.mark.parametrize(("fields", "code"), REFUSED)
def test_refused_posts(read: Read, fields: dict[str, str], code: str) -> None:
    problem = only_post(read, **fields)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.kind) == (code, "comments")
    assert "松岡" in problem.raw


def test_ids_people_and_times(read: Read) -> None:
    assert drafted(only_post(read, key="", id="77")).external_id == "id:77"
    anonymous = drafted(only_post(read, anonymous="true"))
    assert (anonymous.author_id, anonymous.author_name) == ("", "松岡 & 妻")
    assert codes(only_post(read, createdAt="")) == ("no-date",)
    assert codes(only_post(read, createdAt="2019-02-04T09:30:00")) == ("assumed-zone",)
    assert codes(only_post(read, ipAddress="somewhere")) == ("bad-ip",)


def test_posts_wait_for_their_thread(read: Read) -> None:
    early, late = post("1", thread="12"), thread("12", link="https://minato.example.jp/2019/port")
    rows, _ = read("disqus", export(early, thread(), post("2"), post("3", thread="13"), late))
    assert [row.place for row in rows] == [
        "thread 1 (id 11)", "post 2 (id 2)", "thread 2 (id 12)", "post 1 (id 1)", "post 3 (id 3)",
    ]  # fmt: skip
    assert drafted(rows[3]).article == "https://minato.example.jp/2019/port"
    assert codes(rows[4]) == ("unknown-article",)


def test_what_waits_is_bounded(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disqus, "HELD_LIMIT", 0)
    rows, _ = read("disqus", export(post("1"), post("2"), thread()))
    assert [(row.place, codes(row)) for row in rows] == [
        ("post 2 (id 2)", ("unknown-article",)),
        ("thread 1 (id 11)", ()),
        ("post 1 (id 1)", ()),
    ]
    monkeypatch.setattr(disqus, "THREADS_LIMIT", 30)
    rows, fault = read("disqus", export(thread(), thread("12"), post()))
    assert rows == []
    assert fault is not None
    assert "thread 1 (id 11): has more threads" in str(fault)


def test_threads_that_nothing_or_little_names(read: Read) -> None:
    bare = thread("14", link="", createdAt="soon")
    named = thread("15", link="/2019/relative", id="https://minato.example.jp/2019/island")
    none = thread("", link="", isClosed="true")
    rows, _ = read("disqus", export(bare, named, none, post(thread="14"), thread("16", isDeleted="true")))
    assert [codes(row) for row in rows] == [("no-url", "bad-date"), (), ("required",), (), ()]
    assert drafted(rows[3]).article == "disqus:14"
    drafts = [row.draft for row in rows if isinstance(row, Row) and isinstance(row.draft, ArticleDraft)]
    assert [(draft.external_id, draft.url, draft.closed) for draft in drafts] == [
        ("disqus:14", "", False),
        ("", "https://minato.example.jp/2019/island", False),
        ("", "https://minato.example.jp/2019/ferry", True),
    ]


def test_a_thread_without_anything_is_no_article_until_a_post_names_it(read: Read) -> None:
    empty = thread("3", link="", title="")
    assert read("disqus", export(empty)) == ([], None)
    rows, _ = read("disqus", export(empty, post("1", thread="3"), post("2", thread="3")))
    assert [row.place for row in rows] == ["thread 1 (id 3)", "post 1 (id 1)", "post 2 (id 2)"]


def test_a_stray_byte_and_a_fault_further_on(read: Read) -> None:
    text = "`" + export(thread(), post("1", thread="12"), post("2")).replace(
        "</disqus>", "\n<post dsq:id=3/>"
    )
    assert detect(text.encode()).slug == "disqus"
    rows, fault = read("disqus", text)
    assert [codes(row) for row in rows] == [("stray-start",), (), ("unknown-article",)]
    assert fault is not None
    assert fault.place.startswith("line 5, column")


PARTS = st.sampled_from([
    "<disqus>", "</disqus>", "<thread>", "</thread>", "<post>", "</post>", "<author>", "</author>", "<id>7",
    "</id>", "<message>よし", "</message>", "<isSpam>", "</isSpam>", "<link>https://a.example/", "</link>",
])  # fmt: skip


@given(st.lists(PARTS, max_size=30))
def test_any_order_of_elements_gives_rows_or_a_clear_end(read: Read, parts: list[str]) -> None:
    rows, fault = read("disqus", "<disqus>" + "".join(parts))
    assert all(row.place for row in rows)
    assert fault is None or fault.reason
