from typing import Any

import pytest

from moderation.checks.required_name import RequiredName
from tests.moderation.checks.cases import codes, findings, marked, submission


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("松田", []),
        ("M", []),
        ("3", []),
        ("★", []),
        ("山田　花子", []),
        ("ー", []),
        ("匿名係長", []),
        ("名無しの権兵衛", []),
        ("", ["missing"]),
        ("   ", ["missing"]),
        ("\u3000\t", ["missing"]),
        ("\u200b\u2060\ufeff", ["missing"]),
        ("\u3164", ["missing"]),
        ("\u2800", ["missing"]),
        ("……", ["missing"]),
        ("・・・", ["missing"]),
        ("---", ["missing"]),
        ("\u0301", ["missing"]),
        ("名無し", ["placeholder"]),
        ("　名無しさん。", ["placeholder"]),
        ("Ａｎｏｎｙｍｏｕｓ", ["placeholder"]),
        ("No Name", ["placeholder"]),
        ("ｹﾞｽﾄ", ["placeholder"]),
    ],
)
def test_names(name: str, expected: list[str]) -> None:
    assert codes(RequiredName(), submission(author_name=name)) == expected


def test_the_whole_name_is_marked() -> None:
    assert marked(RequiredName(), submission(author_name="名無し ")) == ["名無し "]
    assert findings(RequiredName(), submission(author_name="名無し "))[0].evidence == ("名無し ",)
    assert marked(RequiredName(), submission(author_name="")) == []


@pytest.mark.parametrize("facts", [{"identity": False}, {"kind": "pingback"}, {"kind": "trackback"}])
def test_not_applicable(facts: dict[str, Any]) -> None:
    assert not RequiredName().applies(submission(author_name="", **facts))


def test_placeholders_are_a_parameter() -> None:
    check = RequiredName(placeholders=("読者",))
    assert codes(check, submission(author_name="読者")) == ["placeholder"]
    assert codes(check, submission(author_name="名無し")) == []
    assert codes(RequiredName(placeholders=("…",)), submission(author_name="★")) == []
