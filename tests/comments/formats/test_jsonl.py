"""Our own JSONL: a row or a problem for every line, never an exception."""

import json
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.drafts import BODY_LIMIT, ArticleDraft, CommentDraft, Kind
from comments.formats.base import RAW_LIMIT, Problem, Row
from comments.formats.jsonl import LINE_LIMIT
from tests.comments.formats.conftest import Read

ARTICLE = {
    "type": "article",
    "id": "a1",
    "url": "https://example.com/ferry?utm_source=mail",
    "title": "離島航路、冬の減便へ",
    "body": "運航会社は一日二往復に減らす。",
    "published_at": "2026-01-10T09:00:00+09:00",
}
COMMENT = {
    "type": "comment",
    "id": "c7",
    "article": "a1",
    "parent": "c3",
    "author_name": "高橋 美咲",
    "author_email": "misaki@example.jp",
    "author_url": "https://example.jp/",
    "ip": "2001:db8::7",
    "body": "通院の日をどうするかが心配です。",
    "posted_at": "2026-01-10T01:30:00Z",
}


def lines(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_all_fields(read: Read) -> None:
    rows, fault = read("jsonl", lines(COMMENT, ARTICLE))
    assert fault is None
    comment, article = rows
    assert isinstance(comment, Row)
    assert isinstance(article, Row)
    assert (comment.kind, comment.place, article.kind, article.place) == (
        "comments",
        "line 1",
        "articles",
        "line 2",
    )
    assert article.draft == ArticleDraft(
        external_id="a1",
        url="https://example.com/ferry",
        title="離島航路、冬の減便へ",
        body="運航会社は一日二往復に減らす。",
        published_at=datetime(2026, 1, 10, 0, 0, tzinfo=UTC),
    )
    assert comment.draft == CommentDraft(
        external_id="c7",
        article="a1",
        parent="c3",
        author_name="高橋 美咲",
        author_email="misaki@example.jp",
        author_url="https://example.jp/",
        ip=ip_address("2001:db8::7"),
        body="通院の日をどうするかが心配です。",
        posted_at=datetime(2026, 1, 10, 1, 30, tzinfo=UTC),
    )


def test_what_an_export_adds(read: Read) -> None:
    article = {"id": None, "source": "港湾局", "related": ["前の記事"], "credit": "Photo: M.", "closed": True}
    comment = {"kind": "pingback", "number": 12, "identity": False, "author_id": "r7", "user_agent": "Lynx"}
    rows, _ = read("jsonl", lines(ARTICLE | article, COMMENT | comment))
    first, second = (row.draft for row in rows if isinstance(row, Row))
    assert isinstance(first, ArticleDraft)
    assert isinstance(second, CommentDraft)
    assert (first.external_id, first.url) == ("", "https://example.com/ferry")
    assert (first.source, first.related, first.credit, first.closed) == (
        "港湾局",
        ("前の記事",),
        "Photo: M.",
        True,
    )
    assert (second.kind, second.number, second.identity) == (Kind.PINGBACK, 12, False)
    assert (second.author_id, second.user_agent) == ("r7", "Lynx")


def test_least_fields_and_nulls(read: Read) -> None:
    least = {"type": "comment", "id": "c1", "article": "a1", "body": "なるほど。"}
    nulls = least | {"id": "c2", "parent": None, "posted_at": None, "author_name": None}
    rows, _ = read("jsonl", lines({"type": "article", "id": "a1", "body": ""}, least, nulls))
    drafts = [row.draft for row in rows if isinstance(row, Row)]
    assert drafts[0] == ArticleDraft(external_id="a1")
    assert drafts[1] == CommentDraft(external_id="c1", article="a1", body="なるほど。")
    assert drafts[2] == CommentDraft(external_id="c2", article="a1", body="なるほど。")


def without(row: dict[str, str], key: str) -> dict[str, str]:
    return {name: value for name, value in row.items() if name != key}


BAD = [
    (lines(without(COMMENT, "article")), "comments", "required", "article: is missing"),
    (lines(without(COMMENT, "body")), "comments", "required", "body: is missing"),
    (lines(without(without(ARTICLE, "id"), "url")), "articles", "required", "id: is missing"),
    (lines(ARTICLE | {"id": 4}), "articles", "wrong-type", "id: is a number"),
    (lines(ARTICLE | {"related": "x"}), "articles", "wrong-type", "related: is a text"),
    (lines(ARTICLE | {"related": ["x", 1]}), "articles", "wrong-type", "an array of texts"),
    (lines(ARTICLE | {"closed": "no"}), "articles", "wrong-type", "closed: is a text"),
    (lines(COMMENT | {"number": "12"}), "comments", "wrong-type", "number: is a text"),
    (lines(COMMENT | {"number": 1.5}), "comments", "wrong-type", "number: is a number"),
    (lines(COMMENT | {"number": 0}), "comments", "range", "number: give a whole number"),
    (lines(COMMENT | {"number": 10**30}), "comments", "range", "number"),
    (lines(COMMENT | {"identity": 0}), "comments", "wrong-type", "identity: is a number"),
    (lines(COMMENT | {"kind": "reply"}), "comments", "kind", "comment, pingback, trackback"),
    (lines(COMMENT | {"id": ""}), "comments", "required", "id: is missing"),
    (lines(COMMENT | {"body": ""}), "comments", "blank", "body"),
    (lines(COMMENT | {"body": " 　"}), "comments", "blank", "body"),
    (lines(COMMENT | {"likes": "3"}), "comments", "unknown-field", "'likes': is no field of a comment"),
    (lines(ARTICLE | {"ip": "192.0.2.1"}), "articles", "unknown-field", "'ip': is no field of an article"),
    (lines(COMMENT | {"id": 7}), "comments", "wrong-type", "id: is a number"),
    (lines(COMMENT | {"body": ["a"]}), "comments", "wrong-type", "body: is an array"),
    (lines(COMMENT | {"parent": True}), "comments", "wrong-type", "parent: is true or false"),
    (lines(COMMENT | {"body": None}), "comments", "wrong-type", "body: is null"),
    (lines(without(COMMENT, "type")), "comments", "type", 'write "article" or "comment"'),
    (lines(COMMENT | {"type": "reply"}), "comments", "type", 'write "article" or "comment"'),
    (lines(COMMENT | {"posted_at": "10.01.2026"}), "comments", "bad-date", "posted_at: is no date"),
    (lines(COMMENT | {"posted_at": "2026-01-10"}), "comments", "bad-date", "posted_at: is no date"),
    (lines(COMMENT | {"posted_at": "2026-02-30T00:00:00Z"}), "comments", "bad-date", "posted_at"),
    (lines(COMMENT | {"posted_at": "1026-01-10T00:00:00Z"}), "comments", "range", "posted_at"),
    (lines(ARTICLE | {"url": "/ferry"}), "articles", "url", "url: give an absolute"),
    (lines(COMMENT | {"author_name": "名" * 201}), "comments", "too-long", "author_name"),
    ('{"type": "comment", "id": "c", "article": "a", "body": "a\\u0000b"}', "comments", "unstorable", "NUL"),
    (
        '{"type": "comment", "id": "c", "article": "a", "body": "\\ud83d"}',
        "comments",
        "unstorable",
        "surrogate",
    ),
    (
        '{"type": "comment", "id": "c", "id": "d", "article": "a", "body": "b"}',
        "comments",
        "duplicate-key",
        "'id'",
    ),
    ('{"type": "comment", "id": NaN}', "comments", "json", "NaN"),
    ('{"type": "comment", "id": ' + "9" * 50_000 + "}", "comments", "wrong-type", "id: is a number"),
    ('{"type": "article", "id": "a1"', "articles", "json", "is no JSON"),
    ("[" * 200_000, "comments", "json", "nested too deeply"),
    ('{"a":' * 100_000, "comments", "json", "nested too deeply"),
    ('"comment"', "comments", "json", "is a text"),
    ("hello", "comments", "json", "at character 1"),
]


@pytest.mark.parametrize(("line", "kind", "code", "words"), BAD)
def test_a_bad_line_is_a_problem_of_its_own(read: Read, line: str, kind: str, code: str, words: str) -> None:
    good = lines(COMMENT)
    rows, fault = read("jsonl", good + line.rstrip("\n") + "\n" + good)
    assert fault is None
    before, problem, after = rows
    assert isinstance(before, Row)
    assert isinstance(after, Row)
    assert isinstance(problem, Problem)
    assert (problem.place, problem.kind, problem.code) == ("line 2", kind, code)
    assert words in problem.reason
    assert 0 < len(problem.raw.encode()) <= RAW_LIMIT


NOTICED = [
    ({"posted_at": "2026-01-10T09:00:00"}, "assumed-zone"),
    ({"ip": "not an address"}, "bad-ip"),
    ({"ip": "fe80::1%eth0"}, "bad-ip"),
    ({"body": "長" * (BODY_LIMIT + 1)}, "cut-body"),
]


@pytest.mark.parametrize(("fields", "code"), NOTICED)
def test_noticed_and_taken_in(read: Read, fields: dict[str, str], code: str) -> None:
    (row,), _ = read("jsonl", lines(COMMENT | fields))
    assert isinstance(row, Row)
    assert [notice.code for notice in row.notices] == [code]
    assert code != "cut-body" or row.notices[0].text.startswith(f"body has {BODY_LIMIT + 1:,} characters")


def test_a_notice_says_how_long_the_body_was(read: Read) -> None:
    (row,), _ = read("jsonl", lines(COMMENT | {"body": "長" * 20_345}))
    assert isinstance(row, Row)
    assert [notice.text for notice in row.notices] == [
        "body has 20,345 characters: the first 20,000 were taken."
    ]


TIMES = [
    ("2026-01-10T09:00:00+09:00", "2026-01-10T00:00:00+00:00"),
    ("2026-01-10 09:00:00 +0900", "2026-01-10T00:00:00+00:00"),
    ("2026-01-10T09:00:00.123456789Z", "2026-01-10T09:00:00.123456+00:00"),
    ("2026-01-10t09:00z", "2026-01-10T09:00:00+00:00"),
    ("2026-01-10T09:00:00", "2026-01-10T00:00:00+00:00"),
    ("2026-01-10T09:00:00-03:30", "2026-01-10T12:30:00+00:00"),
]


@pytest.mark.parametrize(("text", "utc"), TIMES)
def test_times(read: Read, text: str, utc: str) -> None:
    (row,), _ = read("jsonl", lines(COMMENT | {"posted_at": text}))
    assert isinstance(row, Row)
    assert isinstance(row.draft, CommentDraft)
    assert row.draft.posted_at is not None
    assert row.draft.posted_at.astimezone(UTC).isoformat() == utc


def test_line_ends_marks_and_blanks(read: Read) -> None:
    data = (
        b"\xef\xbb\xbf"
        + lines(ARTICLE).encode().replace(b"\n", b"\r\n")
        + b"\r\n \n"
        + lines(COMMENT).encode().strip()
    )
    rows, _ = read("jsonl", data)
    assert [row.place for row in rows if isinstance(row, Row)] == ["line 1", "line 4"]


def test_bytes_that_are_no_utf8_are_named(read: Read) -> None:
    rows, _ = read("jsonl", b'{"type":"article"}\n{"type": "comment", "body": "\x93\xfa"}\n')
    problem = rows[1]
    assert isinstance(problem, Problem)
    assert problem.code == "encoding"
    assert "byte 48 (0x93)" in problem.reason


def test_a_line_without_end_is_passed_over(read: Read) -> None:
    rows, _ = read("jsonl", b"x" * (LINE_LIMIT + 200_000) + b"\n" + lines(ARTICLE).encode())
    problem, row = rows
    assert isinstance(problem, Problem)
    assert (problem.code, len(problem.raw)) == ("line-too-long", RAW_LIMIT)
    assert isinstance(row, Row)
    assert row.place == "line 2"


def test_utf16_is_said_once(read: Read) -> None:
    rows, fault = read("jsonl", lines(ARTICLE, COMMENT).encode("utf-16"))
    assert rows == []
    assert fault is not None
    assert "UTF-16" in fault.reason


PARTS = st.sampled_from(
    [
        b'{"type":"comment",',
        b'"id":"c"',
        b',"body":"',
        b'"}',
        b"\n",
        b"\r\n",
        b"[",
        b"\xe3\x81",
        b"\\ud800",
        b"\0",
    ]
)


@given(st.lists(st.one_of(st.binary(max_size=12), PARTS), max_size=30).map(b"".join))
def test_any_bytes_give_a_row_or_problem_a_line(read: Read, data: bytes) -> None:
    rows, fault = read("jsonl", data)
    if fault is None:
        text = data.removeprefix(b"\xef\xbb\xbf")
        assert len(rows) == sum(bool(line.strip()) for line in text.split(b"\n"))


@pytest.mark.parametrize(
    ("state", "meant"),
    [("approved", "approved"), ("published", "approved"), ("pending", "pending"), ("held", "pending"),
     ("spam", "spam"), ("trash", "trash"), ("rejected", "trash"), ("deleted", "trash"), (None, "")],
)  # fmt: skip
def test_a_state_is_what_its_source_had_decided(read: Read, state: str | None, meant: str) -> None:
    (row,), _ = read("jsonl", lines(COMMENT | {"state": state}))
    assert isinstance(row, Row)
    assert isinstance(row.draft, CommentDraft)
    assert row.draft.state == meant


def test_an_unknown_state_is_a_problem_that_names_the_known_ones(read: Read) -> None:
    (problem,), _ = read("jsonl", lines(COMMENT | {"state": "offen"}))
    assert isinstance(problem, Problem)
    assert (problem.code, "approved, pending, spam" in problem.reason) == ("state", True)
