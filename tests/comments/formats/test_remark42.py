"""Remark42's backups: pages, comments and what is said of their users."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.drafts import ArticleDraft, CommentDraft, SourceState
from comments.formats import detect
from comments.formats.base import Problem, Row
from tests.comments.formats.conftest import Read

META = {
    "version": 1,
    "users": [
        {"id": "github_77", "blocked": {"status": True, "until": "2031-01-01T00:00:00Z"}, "verified": False},
        {"id": "google_12", "blocked": {"status": False, "until": "0001-01-01T00:00:00Z"}, "verified": True},
    ],
    "posts": [{"url": "https://minato.example.jp/post/1/", "read_only": True}],
}
COMMENT: dict[str, Any] = {
    "id": "4f1a",
    "pid": "",
    "text": "<p>朝の便が<b>減る</b>のは困ります。</p>\n",
    "orig": "朝の便が**減る**のは困ります。",
    "user": {"name": "石川 &amp; 娘", "id": "google_12", "picture": "", "ip": "b54f9c", "admin": False},
    "locator": {"site": "minato", "url": "https://minato.example.jp/post/1/?utm_source=feed"},
    "score": 3,
    "votes": {"github_77": True},
    "time": "2024-05-01T08:15:30.123456789+09:00",
    "title": "離島航路の改正",
}


def backup(*comments: dict[str, Any], meta: object = META) -> str:
    rows = [meta, *comments] if meta else comments
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_a_page_and_its_comment(read: Read) -> None:
    rows, fault = read("remark42", backup(COMMENT))
    assert fault is None
    article, comment = rows
    assert isinstance(article, Row)
    assert isinstance(comment, Row)
    assert article.draft == ArticleDraft(
        url="https://minato.example.jp/post/1/", title="離島航路の改正", closed=True, partial=True
    )
    assert [notice.code for notice in article.notices] == ["dropped-blocks"]
    assert "1 blocked user" in article.notices[0].text
    assert comment.draft == CommentDraft(
        external_id="4f1a",
        article="https://minato.example.jp/post/1/",
        author_name="石川 & 娘",
        author_id="remark42:google_12",
        body="朝の便が**減る**のは困ります。",
        posted_at=datetime(2024, 4, 30, 23, 15, 30, 123456, tzinfo=UTC),
        state=SourceState.APPROVED,
    )
    assert (comment.place, comment.notices) == ("line 2", ())


def test_html_where_nobody_typed_it_here(read: Read) -> None:
    imported = {key: value for key, value in COMMENT.items() if key != "orig"}
    rows, _ = read("remark42", backup(imported | {"pid": "33aa"}))
    draft = rows[1].draft if isinstance(rows[1], Row) else None
    assert isinstance(draft, CommentDraft)
    assert (draft.body, draft.parent) == ("朝の便が減るのは困ります。", "33aa")


def test_a_page_is_given_once(read: Read) -> None:
    elsewhere = {"locator": {"site": "minato", "url": "https://minato.example.jp/post/2/"}}
    rows, _ = read("remark42", backup(COMMENT, COMMENT | {"id": "b"}, COMMENT | {"id": "c"} | elsewhere))
    kinds = [row.kind for row in rows]
    assert kinds == ["articles", "comments", "comments", "articles", "comments"]
    last = rows[3]
    assert isinstance(last, Row)
    assert isinstance(last.draft, ArticleDraft)
    assert last.draft.closed is None


def test_deleted_comments(read: Read) -> None:
    """What is left of one is kept as trash; of an empty one the ledger keeps the row."""
    empty = COMMENT | {"id": "e", "text": "", "orig": "", "delete": True}
    rows, _ = read("remark42", backup(COMMENT | {"delete": True}, empty))
    kept, refused = rows[1], rows[2]
    assert isinstance(kept, Row)
    assert isinstance(kept.draft, CommentDraft)
    assert kept.draft.state is SourceState.TRASH
    assert isinstance(refused, Problem)
    assert (refused.code, refused.place) == ("deleted", "line 3")


BAD = [
    (COMMENT | {"id": ""}, "required", "id: is missing"),
    (COMMENT | {"locator": {"site": "minato"}}, "required", "locator.url: is missing"),
    (COMMENT | {"locator": []}, "wrong-type", "locator: is no object"),
    (COMMENT | {"locator": {"url": "/post/1"}}, "url", "absolute"),
    (COMMENT | {"time": "yesterday"}, "bad-date", "time: is no date"),
    (COMMENT | {"time": ""}, "bad-date", "time"),
    (COMMENT | {"orig": " ", "text": "<p></p>"}, "blank", "body"),
    (COMMENT | {"orig": ["x"]}, "wrong-type", "orig: is no text"),
    (COMMENT | {"orig": "\ud800"}, "unstorable", "surrogate"),
]


@pytest.mark.parametrize(("bad", "code", "words"), BAD)
def test_a_bad_line_is_a_problem_of_its_own(read: Read, bad: dict[str, Any], code: str, words: str) -> None:
    data = "".join(json.dumps(row) + "\n" for row in (META, COMMENT, bad, COMMENT | {"id": "z"}))
    rows, fault = read("remark42", data)
    assert fault is None
    problem = next(row for row in rows if isinstance(row, Problem))
    assert (problem.place, problem.code) == ("line 3", code)
    assert words in problem.reason
    assert isinstance(rows[-1], Row)
    assert rows[-1].place == "line 4"


@pytest.mark.parametrize("line", ["{", "[" * 100_000, "7", '{"id": NaN}'])
def test_no_json(read: Read, line: str) -> None:
    rows, _ = read("remark42", backup() + line + "\n")
    (problem,) = rows
    assert isinstance(problem, Problem)
    assert problem.code == "json"


def test_told_by_content() -> None:
    assert detect(backup(COMMENT).encode()).slug == "remark42"
    assert detect(b'{"version":1, "users":[], "posts":[]}').slug == "remark42"
    assert detect(backup(COMMENT, meta=None).encode()).slug == "remark42"


@given(st.lists(st.sampled_from([*backup(COMMENT)[::7], "{", "}", '"', "\n", "\\ud800", "\0"]), max_size=60))
def test_any_text_gives_rows_or_problems(read: Read, parts: list[str]) -> None:
    rows, fault = read("remark42", "".join(parts))
    assert fault is None
    assert all(isinstance(row, Problem) for row in rows)
