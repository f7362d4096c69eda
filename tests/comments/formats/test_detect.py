"""A format is told by content, whatever the file is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.formats import FORMATS, by_slug, detect
from comments.formats.base import RAW_LIMIT, Problem, Unreadable
from tests.comments.formats.test_pagetext import EN, JA
from tests.comments.formats.test_wxr import export, item

HEADS = [
    (b'{"type": "article", "id": "a", "body": ""}', "jsonl"),
    (b'\xef\xbb\xbf\n{"id": "a", "type":"comment"}', "jsonl"),
    (b'{broken\n{"type":"comment"}', "jsonl"),
    (export(item()).encode(), "wxr"),
    (export(item(), version="1.0").encode("utf-16"), "wxr"),
    (b"`\n" + export(item()).encode(), "wxr"),
    (JA.encode(), "pagetext"),
    (EN.encode(), "pagetext"),
    ((JA + "長い声。" * 9000).encode()[: 64 * 1024], "pagetext"),
]
NONE = [b"", b" \n", b"hello", b'{"name": "x"}', b"<html></html>", JA.encode("shift_jis"), b"\0\1\2", b"[1]"]


@pytest.mark.parametrize(("head", "slug"), HEADS)
def test_detected(head: bytes, slug: str) -> None:
    assert detect(head).slug == slug


@pytest.mark.parametrize("head", NONE)
def test_nothing_we_know(head: bytes) -> None:
    with pytest.raises(Unreadable):
        detect(head)


@given(st.binary(max_size=200))
def test_sniffing_never_fails(head: bytes) -> None:
    assert all(form.sniff(head) in {True, False} for form in FORMATS)


def test_policies_and_names() -> None:
    policies = {form.slug: form.policy for form in FORMATS}
    assert policies.pop("jsonl") == "enforce"
    assert set(policies.values()) == {"flag"}
    with pytest.raises(Unreadable, match=r"Known are jsonl, wxr, .*pagetext"):
        by_slug("docx")


def test_a_raw_row_is_storable_and_cut() -> None:
    problem = Problem(place="line 1", kind="comments", code="json", reason="…", raw="a\0\ud800" + "語" * 9000)
    assert problem.raw.startswith("a\ufffd?語")
    assert len(problem.raw.encode()) <= RAW_LIMIT
