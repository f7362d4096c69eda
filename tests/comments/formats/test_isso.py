"""Isso's database and its generic JSON."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments.drafts import ArticleDraft, CommentDraft, SourceState
from comments.formats import detect
from comments.formats.base import Problem, Row
from tests.comments.formats.conftest import Read

TABLES = """
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER,
    created FLOAT NOT NULL, modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR, author VARCHAR,
    email VARCHAR, website VARCHAR, likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB,
    notification INTEGER DEFAULT 0);
INSERT INTO threads VALUES (1, '/umi/2024/', '海の家  だより'), (2, '/yama/', NULL);
"""
COMMENT: dict[str, Any] = {
    "tid": 1,
    "id": 7,
    "parent": None,
    "created": 1714522530.25,
    "mode": 1,
    "remote_addr": "192.0.2.0",
    "text": "> 営業は九月まで\n\n*十月*も開けてほしい。",
    "author": "小林",
    "email": "kobayashi@example.jp",
    "website": None,
}


def database(folder: Path, *comments: dict[str, Any], tables: str = TABLES) -> bytes:
    path = folder / "comments.db"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.executescript(tables)
        for row in comments:
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO comments ({names}) VALUES ({marks})", list(row.values()))
    connection.close()
    return path.read_bytes()


def test_a_page_and_its_comment(read: Read, tmp_path: Path) -> None:
    rows, fault = read("isso", database(tmp_path, COMMENT))
    assert fault is None
    article, comment = rows
    assert isinstance(article, Row)
    assert isinstance(comment, Row)
    assert article.draft == ArticleDraft(external_id="/umi/2024/", title="海の家 だより", partial=True)
    assert comment.place == "comment 7"
    assert comment.draft == CommentDraft(
        external_id="7",
        article="/umi/2024/",
        author_name="小林",
        author_email="kobayashi@example.jp",
        body="> 営業は九月まで\n\n*十月*も開けてほしい。",
        posted_at=datetime(2024, 5, 1, 0, 15, 30, 250000, tzinfo=UTC),
        state=SourceState.APPROVED,
    )


def test_by_url_where_the_site_is_named(read: Read, tmp_path: Path) -> None:
    data = database(tmp_path, COMMENT, COMMENT | {"id": 9, "parent": 7}, COMMENT | {"id": 8, "tid": 2})
    rows, _ = read("isso", data, url="https://shima.example.jp/")
    drafts = [row.draft for row in rows if isinstance(row, Row)]
    assert [draft.url for draft in drafts if isinstance(draft, ArticleDraft)] == [
        "https://shima.example.jp/umi/2024/",
        "https://shima.example.jp/yama/",
    ]
    assert [(draft.external_id, draft.parent) for draft in drafts if isinstance(draft, CommentDraft)] == [
        ("7", ""),
        ("8", ""),
        ("9", "7"),
    ]


STATES = [
    (1, SourceState.APPROVED, []),
    (2, SourceState.PENDING, []),
    (4, SourceState.TRASH, []),
    (5, SourceState.PENDING, ["unknown-state"]),
    ("²", SourceState.PENDING, ["unknown-state"]),
    (None, SourceState.PENDING, ["unknown-state"]),
]


@pytest.mark.parametrize(("mode", "state", "codes"), STATES)
def test_states(read: Read, tmp_path: Path, mode: object, state: SourceState, codes: list[str]) -> None:
    rows, _ = read("isso", database(tmp_path, COMMENT | {"mode": mode}))
    row = rows[1]
    assert isinstance(row, Row)
    assert isinstance(row.draft, CommentDraft)
    assert row.draft.state is state
    assert [notice.code for notice in row.notices] == codes


BAD = [
    ({"mode": 4, "text": "", "author": None}, "deleted"),
    ({"text": " "}, "blank"),
    ({"text": None}, "blank"),
    ({"tid": 5}, "no-article"),
    ({"created": "soon"}, "bad-date"),
    ({"created": 9e99}, "bad-date"),
    ({"text": "a\0b"}, "unstorable"),
    ({"text": b"\x93\xfa"}, "encoding"),
]


@pytest.mark.parametrize(("fields", "code"), BAD)
def test_a_bad_row_is_a_problem_of_its_own(
    read: Read, tmp_path: Path, fields: dict[str, Any], code: str
) -> None:
    rows, fault = read("isso", database(tmp_path, COMMENT | fields, COMMENT | {"id": 8}))
    assert fault is None
    (problem,) = (row for row in rows if isinstance(row, Problem))
    assert (problem.place, problem.code) == ("comment 7", code)
    assert isinstance(rows[-1], Row)
    assert rows[-1].place == "comment 8"


OTHERS = [
    ("CREATE TABLE posts (id INTEGER);", "table threads is missing. It has posts"),
    (TABLES.split(";", maxsplit=1)[0].replace("uri", "path") + ";", "the columns uri of table threads"),
    (
        TABLES.split("INSERT", maxsplit=1)[0] + "DROP TABLE comments; CREATE VIEW comments AS SELECT 1 tid;",
        "table comments",
    ),
    ("CREATE TABLE threads (id, uri, title); PRAGMA user_version = 3;", "table comments is missing"),
]


@pytest.mark.parametrize(("tables", "words"), OTHERS)
def test_other_databases_are_named(read: Read, tmp_path: Path, tables: str, words: str) -> None:
    rows, fault = read("isso", database(tmp_path, tables=tables))
    assert rows == []
    assert fault is not None
    assert "not Isso's" in fault.reason
    assert words in fault.reason


def test_no_sqlite_file(read: Read) -> None:
    assert "is no SQLite file" in str(read("isso", b"hello")[1])
    rows, fault = read("isso", b"SQLite format 3\0" + b"\1" * 5000)
    assert rows == []
    assert "SQLite cannot read on" in str(fault)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.integers(0, 3), st.integers(0, 4095), st.binary(min_size=1, max_size=40), st.booleans())
def test_damage_gives_rows_problems_or_a_fault(
    read: Read, tmp_path: Path, page: int, at: int, damage: bytes, cut: bool
) -> None:
    data = bytearray(database(tmp_path, *(COMMENT | {"id": key} for key in range(30))))
    data[page * 4096 + at : page * 4096 + at + len(damage)] = damage
    rows, _ = read("isso", bytes(data[:-4096] if cut else data))
    assert all(isinstance(row, Row | Problem) for row in rows)


# --- the generic JSON -----------------------------------------------------------

ROW: dict[str, Any] = {
    "id": 3,
    "parent": None,
    "author": "Bea",
    "email": "bea@example.org",
    "website": "http://",
    "remote_addr": "192.0.2.0",
    "created": "2009-07-04 21:10:00",
    "text": "We took the <em>early</em> boat.\n",
}


def generic(*rows: object, **thread: Any) -> str:
    return json.dumps([{"comments": rows, "id": "/umi/", "title": "Fish+%26+chips", **thread}])


def test_a_thread(read: Read) -> None:
    rows, fault = read("isso-json", generic(ROW, ROW | {"id": 4, "parent": 3}))
    assert fault is None
    article, first, second = rows
    assert isinstance(article, Row)
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert article.draft == ArticleDraft(external_id="/umi/", title="Fish & chips", partial=True)
    assert [notice.code for notice in article.notices] == ["decoded-title"]
    assert (first.place, [notice.code for notice in first.notices]) == (
        "thread 1, comment 1",
        ["assumed-zone"],
    )
    assert first.draft == CommentDraft(
        external_id="/umi/:3",
        article="/umi/",
        author_name="Bea",
        author_email="bea@example.org",
        body="We took the early boat.",
        posted_at=datetime(2009, 7, 4, 12, 10, tzinfo=UTC),
    )
    assert isinstance(second.draft, CommentDraft)
    assert second.draft.parent == "/umi/:3"


def test_ids_that_are_none(read: Read) -> None:
    rows, _ = read(
        "isso-json", generic(ROW | {"id": 0}, ROW | {"id": 0, "text": "So did we."}, title="C++ 入門")
    )
    ids = {row.draft.external_id for row in rows if isinstance(row, Row)}
    again, _ = read("isso-json", generic(ROW | {"id": None}, ROW | {"id": 0, "text": "So did we."}))
    assert len(ids) == 3
    assert ids == {row.draft.external_id for row in again if isinstance(row, Row)}
    assert isinstance(rows[0], Row)
    assert isinstance(rows[0].draft, ArticleDraft)
    assert rows[0].draft.title == "C++ 入門"


BAD_JSON = [
    (generic(ROW | {"created": "soon"}), "thread 1, comment 1", "bad-date"),
    (generic(ROW | {"text": ""}), "thread 1, comment 1", "blank"),
    (generic("hello"), "thread 1, comment 1", "json"),
    (generic(comments=None), "thread 1", "wrong-type"),
    (generic(id=""), "thread 1", "no-article"),
    ("[3]", "thread 1", "json"),
]


@pytest.mark.parametrize(("data", "place", "code"), BAD_JSON)
def test_bad_json(read: Read, data: str, place: str, code: str) -> None:
    rows, fault = read("isso-json", data)
    assert fault is None
    assert [(row.place, row.code) for row in rows if isinstance(row, Problem)] == [(place, code)]


def test_a_bomb_of_small_values_is_not_parsed(read: Read) -> None:
    (problem,), fault = read("isso-json", '[{"comments": [' + "[]," * 300_000 + "[]]}]")
    assert fault is None
    assert isinstance(problem, Problem)
    assert problem.reason == "row: holds more than 500,000 values."


def test_told_by_content(tmp_path: Path) -> None:
    assert detect(database(tmp_path, COMMENT)).slug == "isso"
    assert detect(generic(ROW).encode()).slug == "isso-json"
