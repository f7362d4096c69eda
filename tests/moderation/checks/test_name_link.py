from typing import Any

import pytest

from moderation.checks.name_link import NameLink
from tests.moderation.checks.cases import codes, findings, marked, submission


@pytest.mark.parametrize(
    ("name", "code", "hit"),
    [
        ("山田", "", ""),
        ("J.S.ミル", "", ""),
        ("Dr.K", "", ""),
        ("Mr.so", "", ""),
        ("node.js好き", "", ""),
        ("No.1", "", ""),
        ("http://spam.example/", "link", "http://spam.example/"),
        ("安い時計 https://spam.example.jp", "link", "https://spam.example.jp"),
        ("ｈｔｔｐ：／／ｓｐａｍ．ｊｐ", "link", "ｈｔｔｐ：／／ｓｐａｍ．ｊｐ"),
        ("www.spam.example", "link", "www.spam.example"),
        ("激安spam.com", "link", "spam.com"),
        ("spam.co.jp", "link", "spam.co.jp"),
        ("ｓｐａｍ．ｃｏｍ", "link", "ｓｐａｍ．ｃｏｍ"),
        ("spam.\u200bcom", "link", "spam.\u200bcom"),
        ("spam.comet", "", ""),
        ("hanako@example.jp", "email", "hanako@example.jp"),
        ("花子 hanako@mail.example.co.jp", "email", "hanako@mail.example.co.jp"),
        ("ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ", "email", "ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ"),
        ("hanako@home", "", ""),
        ("𠮷田.com", "", ""),
        ("", "", ""),
        ("…", "", ""),
    ],
)
def test_names(name: str, code: str, hit: str) -> None:
    comment = submission(author_name=name)
    assert codes(NameLink(), comment) == ([code] if code else [])
    assert marked(NameLink(), comment) == ([hit] if code else [])
    for finding in findings(NameLink(), comment):
        assert finding.evidence == ((hit,) if code == "link" else ())


@pytest.mark.parametrize("facts", [{"identity": False}, {"kind": "pingback"}, {"kind": "trackback"}])
def test_a_ping_is_named_after_its_site(facts: dict[str, Any]) -> None:
    assert codes(NameLink(), submission(author_name="spam.com", **facts)) == []
