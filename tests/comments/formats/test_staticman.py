"""Staticman's files: threads by id and by position, files that are none."""

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.drafts import ArticleDraft, CommentDraft, Refused, SourceState
from comments.formats import archive, detect
from comments.formats.base import Problem, Row
from comments.formats.flatyaml import flat_yaml
from tests.comments.formats.conftest import Read

YAML = """\
_id: 6f0a5c90
message: |
  桜並木は残してほしい。

  See you there: 10:00!
name: 'Anna: 安奈'
email: 0bc83cb571cd1c50ba6f3e8a78ef1346
url: https://anna.example.org
date: 2024-03-01T09:30:00.000Z
replying_to_uid: ''
tags: [a, {b: c}]
"""


def packed(files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    return out.getvalue()


def entry(**fields: str) -> str:
    values = {"message": "よい。", "name": "Ben", "date": "1709285400"} | fields
    return "".join(f"{name}: '{value}'\n" for name, value in values.items())


def parents(rows: list[Row | Problem]) -> dict[str, str]:
    drafts = [row.draft for row in rows if isinstance(row, Row)]
    return {draft.external_id: draft.parent for draft in drafts if isinstance(draft, CommentDraft)}


def test_a_folder_and_its_comment(read: Read) -> None:
    rows, fault = read(
        "staticman", packed({"site/_data/comments/sakura/comment-1.yml": YAML, "README.md": "x"})
    )
    assert fault is None
    article, comment = rows
    assert isinstance(article, Row)
    assert isinstance(comment, Row)
    assert article.draft == ArticleDraft(external_id="sakura", partial=True)
    assert comment.place == "site/_data/comments/sakura/comment-1.yml"
    assert [notice.code for notice in comment.notices] == ["hashed-email"]
    assert comment.draft == CommentDraft(
        external_id="sakura:6f0a5c90",
        article="sakura",
        author_name="Anna: 安奈",
        author_url="https://anna.example.org",
        body="桜並木は残してほしい。\n\nSee you there: 10:00!",
        posted_at=datetime(2024, 3, 1, 9, 30, tzinfo=UTC),
        state=SourceState.APPROVED,
    )


def test_json_and_an_address(read: Read) -> None:
    data = '{"message": "Fine.", "email": "ben@example.org", "date": 1709285400, "name": "Ben"}'
    rows, _ = read("staticman", packed({"a/1.json": data}), url="https://example.org/blog/")
    article, comment = rows
    assert isinstance(article, Row)
    assert isinstance(comment, Row)
    assert isinstance(comment.draft, CommentDraft)
    assert article.draft == ArticleDraft(url="https://example.org/blog/a/", partial=True)
    assert (comment.draft.external_id, comment.draft.author_email) == ("a:1", "ben@example.org")
    assert comment.draft.posted_at == datetime(2024, 3, 1, 9, 30, tzinfo=UTC)


def test_threads_by_id(read: Read) -> None:
    files = {
        "p/1.yml": entry(_id="x", replying_to_uid="y"),
        "p/2.yml": entry(_id="y", _parent="https://example.org/p/"),
        "p/3.yml": entry(_id="z", _parent="x"),
        "p/4.yml": entry(_id="gone", _parent="0" * 24),
        "p/5.yml": entry(_id="page", _parent="p"),
        "q/1.yml": entry(_id="x"),
    }
    rows, _ = read("staticman", packed(files))
    assert parents(rows) == {
        "p:x": "p:y",
        "p:y": "",
        "p:z": "p:x",
        "p:gone": "p:" + "0" * 24,
        "p:page": "",
        "q:x": "",
    }
    drafts = [row.draft for row in rows if isinstance(row, Row) and isinstance(row.draft, ArticleDraft)]
    assert [draft.url or draft.external_id for draft in drafts] == ["https://example.org/p/", "q"]


def test_threads_by_position(read: Read) -> None:
    """As themes count: those that answer nobody, by file name; then the answers to each."""
    files = {
        "p/c1.yml": entry(),
        "p/c2.yml": entry(replying_to="2"),
        "p/c3.yml": entry(replying_to=""),
        "p/c4.yml": entry(replying_to="2-1"),
        "p/c5.yml": entry(replying_to="9"),
    }
    rows, _ = read("staticman", packed(files))
    assert parents(rows) == {"p:c1": "", "p:c2": "p:c3", "p:c3": "", "p:c4": "p:c2", "p:c5": "p:#9"}


BAD: list[tuple[str, str | bytes, str]] = [
    ("p/0.yml", "- a list", "yaml"),
    ("p/0.yml", "message: [", "yaml"),
    ("p/0.yml", "a: &a [x]\nmessage: *a", "yaml"),
    ("p/0.yml", "[" * 50_000, "yaml"),
    ("p/0.yml", "? [x]\n: y", "yaml"),
    ("p/0.yml", "", "yaml"),
    ("p/0.yml", b"message: \x93\xfa", "encoding"),
    ("p/0.yml", "message: a\0b", "yaml"),
    ("p/0.json", "[" * 100_000, "json"),
    ("p/0.yml", entry(message=""), "blank"),
    ("p/0.yml", entry(date="03/04/2024"), "bad-date"),
    ("p/0.yml", "message: " + "x" * 300_000, "file-too-large"),
]


@pytest.mark.parametrize(("name", "data", "code"), BAD)
def test_a_bad_file_is_a_problem_of_its_own(read: Read, name: str, data: str | bytes, code: str) -> None:
    rows, fault = read("staticman", packed({"p/1.yml": entry(), name: data}))
    assert fault is None
    assert [(row.place, row.code) for row in rows if isinstance(row, Problem)] == [(name, code)]
    assert list(parents(rows)) == ["p:1"]


def test_a_damaged_member_and_an_encrypted_one(read: Read) -> None:
    data = bytearray(packed({"p/1.yml": entry(), "p/2.yml": entry()}, zipfile.ZIP_STORED))
    at = data.index("よい".encode())
    data[at : at + 3] = b"xxx"
    rows, _ = read("staticman", bytes(data))
    assert [(row.place, row.code) for row in rows if isinstance(row, Problem)] == [("p/1.yml", "unpack")]
    flagged = bytearray(packed({"p/1.yml": entry()}))
    flagged[flagged.index(b"PK\1\2") + 8] |= 1
    rows, _ = read("staticman", bytes(flagged))
    assert [row.code for row in rows if isinstance(row, Problem)] == ["unpack"]


def test_archives_that_are_none(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no files of comments" in str(read("staticman", packed({"notes.txt": "x"}))[1])
    assert "no zip archive" in str(read("staticman", b"PK\3\4 and no more")[1])
    monkeypatch.setattr(archive, "FILES_LIMIT", 1)
    two = packed({"p/1.yml": entry(), "p/2.yml": entry()})
    assert "more than 1 files" in str(read("staticman", two)[1])
    monkeypatch.setattr(archive, "_DIRECTORY_LIMIT", 20)
    assert "more than 1 files" in str(read("staticman", packed({"p/1.yml": entry()}))[1])


def test_told_by_content() -> None:
    assert detect(packed({"p/": "", "p/1.yml": YAML})).slug == "staticman"
    assert detect(packed({"1.json": "{}", "2.json": "{}"})).slug == "staticman"


SCALARS = [
    ("a: ~\nb: '~'\nc:\nd: null\n", {"a": "", "b": "~", "c": "", "d": ""}),
    ("a: 2017-11-02\nb: yes\nc: 0x1F\n", {"a": "2017-11-02", "b": "yes", "c": "0x1F"}),
    ("a: !!python/object/apply:os.system [ls]\nb: !!int 3\n", {"b": "3"}),
    ("a: {b: c, d: [e]}\nf: >\n  g\n  h\n", {"f": "g h\n"}),
    ("a: b\n---\nc: d\n", {"a": "b"}),
]


@pytest.mark.parametrize(("text", "fields"), SCALARS)
def test_scalars_of_a_mapping(text: str, fields: dict[str, str]) -> None:
    assert flat_yaml(text) == fields


@given(st.text(st.sampled_from("ab:- \n[]{}&*!'\"#|>?,é\0"), max_size=40))
def test_any_text_is_a_mapping_or_refused(text: str) -> None:
    try:
        fields = flat_yaml(text)
    except Refused as refused:
        assert refused.code == "yaml"  # noqa: PT017
        return
    assert all(isinstance(value, str) for value in fields.values())
