"""Commento's exports, and the elements of a large JSON document."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.drafts import ArticleDraft, CommentDraft, SourceState
from comments.formats import detect, jsonstream
from comments.formats.base import Problem, Row, Unreadable
from comments.formats.jsonstream import elements
from tests.comments.formats.conftest import Read

COMMENT: dict[str, Any] = {
    "commentHex": "c1f0",
    "domain": "tsubame.example.jp",
    "url": "/2023/05/ferry.html",
    "commenterHex": "ab12",
    "markdown": "> 一日二往復\n\nこれでは通えません。",
    "html": "<blockquote>一日二往復</blockquote>",
    "parentHex": "root",
    "score": 4,
    "state": "approved",
    "creationDate": "2023-05-12T11:21:56.807555Z",
    "direction": 0,
    "deleted": False,
}
PEOPLE = [
    {
        "commenterHex": "ab12",
        "email": "hana@example.jp",
        "name": "花 田",
        "link": "undefined",
        "provider": "sso",
    },
    {
        "commenterHex": "cd34",
        "email": "undefined",
        "name": "Olu",
        "link": "https://olu.example.org",
        "photo": "x",
    },
]


def export(*comments: object, people: list[Any] = PEOPLE) -> str:
    return json.dumps({"version": 1, "comments": comments, "commenters": people}, ensure_ascii=False)


def test_a_comment_and_who_wrote_it(read: Read) -> None:
    rows, fault = read("commento", export(COMMENT))
    assert fault is None
    article, comment = rows
    assert isinstance(article, Row)
    assert isinstance(comment, Row)
    assert article.draft == ArticleDraft(url="https://tsubame.example.jp/2023/05/ferry.html", partial=True)
    assert [notice.code for notice in article.notices] == ["assumed-scheme"]
    assert comment.place == "comment 1"
    assert comment.draft == CommentDraft(
        external_id="c1f0",
        article="https://tsubame.example.jp/2023/05/ferry.html",
        author_name="花 田",
        author_email="hana@example.jp",
        author_id="commento:ab12",
        body="> 一日二往復\n\nこれでは通えません。",
        posted_at=datetime(2023, 5, 12, 11, 21, 56, 807555, tzinfo=UTC),
        state=SourceState.APPROVED,
    )


def test_an_address_of_ones_own(read: Read) -> None:
    rows, _ = read("commento", export(COMMENT), url="http://old.example.jp/")
    article = rows[0]
    assert isinstance(article, Row)
    assert article.notices == ()
    assert article.draft == ArticleDraft(url="http://old.example.jp/2023/05/ferry.html", partial=True)


def drafted(read: Read, **fields: Any) -> Row | Problem:
    rows, fault = read("commento", export(COMMENT | fields))
    assert fault is None
    return rows[1]


STATES = [
    ({"state": "unapproved"}, SourceState.PENDING, []),
    ({"state": "flagged"}, SourceState.PENDING, []),
    ({"state": ""}, SourceState.NONE, []),
    ({"state": "weird"}, SourceState.PENDING, ["unknown-state"]),
    ({"deleted": True}, SourceState.TRASH, []),
]


@pytest.mark.parametrize(("fields", "state", "codes"), STATES)
def test_states(read: Read, fields: dict[str, Any], state: SourceState, codes: list[str]) -> None:
    row = drafted(read, **fields)
    assert isinstance(row, Row)
    assert isinstance(row.draft, CommentDraft)
    assert row.draft.state is state
    assert [notice.code for notice in row.notices] == codes


def test_people(read: Read) -> None:
    nobody = drafted(read, commenterHex="anonymous")
    stranger = drafted(read, commenterHex="ffff")
    other = drafted(read, commenterHex="cd34", parentHex="9e")
    assert isinstance(nobody, Row)
    assert isinstance(stranger, Row)
    assert isinstance(other, Row)
    assert isinstance(nobody.draft, CommentDraft)
    assert isinstance(other.draft, CommentDraft)
    assert (nobody.draft.author_id, nobody.draft.author_name, nobody.notices) == ("", "", ())
    assert [notice.code for notice in stranger.notices] == ["unknown-author"]
    assert (
        other.draft.author_name,
        other.draft.author_email,
        other.draft.author_url,
        other.draft.parent,
    ) == (
        "Olu",
        "",
        "https://olu.example.org",
        "9e",
    )


BAD = [
    ({"commentHex": ""}, "required"),
    ({"domain": ""}, "required"),
    ({"domain": "no host"}, "url"),
    ({"markdown": "", "html": ""}, "blank"),
    ({"markdown": "", "html": "", "deleted": True}, "deleted"),
    ({"creationDate": "12 May"}, "bad-date"),
    ({"markdown": {"a": 1}}, "wrong-type"),
    ({"markdown": "\0"}, "unstorable"),
]


@pytest.mark.parametrize(("fields", "code"), BAD)
def test_a_bad_comment_is_a_problem_of_its_own(read: Read, fields: dict[str, Any], code: str) -> None:
    rows, fault = read("commento", export(COMMENT | fields, 7, COMMENT))
    assert fault is None
    problems = [row for row in rows if isinstance(row, Problem)]
    assert [(problem.place, problem.code) for problem in problems] == [
        ("comment 1", code),
        ("comment 2", "json"),
    ]
    last = rows[-1]
    assert isinstance(last, Row)
    assert last.place == "comment 3"


def test_a_commenter_that_is_none_is_told_of(read: Read) -> None:
    rows, _ = read("commento", export(COMMENT, people=[*PEOPLE, "Eve", {"commenterHex": ["x"]}]))
    assert [(row.place, row.code) for row in rows if isinstance(row, Problem)] == [
        ("commenter 3", "json"),
        ("commenter 4", "wrong-type"),
    ]
    assert sum(isinstance(row, Row) for row in rows) == 2


def test_what_came_before_a_cut_stands(read: Read) -> None:
    whole = export(COMMENT, COMMENT | {"commentHex": "d"})
    rows, fault = read("commento", whole[: whole.index('"commentHex": "d"') + 40])
    assert fault is not None
    assert "cut off" in fault.reason
    assert [row.kind for row in rows] == ["articles", "comments"]


def test_told_by_content() -> None:
    assert detect(export(COMMENT).encode()).slug == "commento"


# --- elements ------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(['"', "\\", "]}", '\\"']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(
    st.lists(JSON, max_size=4),
    st.lists(JSON, max_size=3),
    JSON,
    st.integers(1, 40),
    st.sampled_from([None, 1]),
)
def test_elements_are_what_a_parser_finds(
    first: list[Any], second: list[Any], between: Any, size: int, indent: int | None
) -> None:
    between = {"inner": between} if isinstance(between, list) else between
    document = {"first": first, "between": between, "second": second}
    for value, wanted in ((document, {"first": first, "second": second}), (first, {"": first})):
        data = json.dumps(value, indent=indent, ensure_ascii=bool(size % 2)).encode("utf-8", "replace")
        found: dict[str, list[Any]] = {}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(jsonstream, "_CHUNK", size)
            for element in elements(io.BytesIO(data)):
                line = element.line
                assert data[line.offset :].startswith(line.data)
                found.setdefault(element.key, []).append(json.loads(line.data))
        again = json.loads(data)
        assert found == {key: again[key] if key else again for key, items in wanted.items() if items}


BROKEN = [
    ("[1, 2", "byte 5: ends in the middle"),
    ('{"a": ["x', "byte 9: ends in the middle"),
    ("[}", "byte 1: is no JSON: a } closes"),
    ('{"a": [1}]', "byte 8: is no JSON: a } closes"),
    ("[1] [2]", "byte 4: goes on after its end"),
    ("", "byte 0: is no JSON array"),
    ("true", "byte 4: is no JSON array"),
    ("[" * 1000, "byte 512: is nested deeper"),
    ("[1]".encode("utf-16").decode("latin-1"), "byte 0: is UTF-16"),
]


@pytest.mark.parametrize(("text", "words"), BROKEN)
def test_documents_that_can_not_be_read_on(text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=f"^{words}"):
        list(elements(io.BytesIO(text.encode("latin-1"))))


def test_an_element_without_end_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonstream, "ELEMENT_LIMIT", 50_000)
    long, short = elements(io.BytesIO(json.dumps(["x" * 200_000, "next"]).encode()))
    assert (long.line.whole, len(long.line.data)) == (False, 8192)
    assert (short.line.number, short.line.data) == (2, b'"next"')
