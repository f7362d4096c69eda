from typing import Any

import pytest

from moderation.checks.staff_name import StaffName
from tests.moderation.checks.cases import codes, findings, marked, submission


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("山田", []),
        ("編集者の妻", []),
        ("元管理人のひとりごと", []),
        ("badminton好き", []),
        ("Modern", []),
        ("公式ファン", []),
        ("", []),
        ("★…", []),
        ("管理人", ["name"]),
        ("管 理 人", ["name"]),
        ("【公式】", ["name"]),
        ("Ａｄｍｉｎ", ["name"]),
        ("Аdmіn", ["name"]),
        ("adm1n", ["name"]),
        ("S.T.A.F.F.", ["name"]),
        ("あさぎり新報編集部", ["title"]),
        ("編\u200b集部 佐藤", ["title"]),
        ("モデレ一夕ー", ["title"]),
        ("ﾓﾃﾞﾚｰﾀｰ田中", ["title"]),
        ("Moderator Tom", ["title"]),
        ("Ｍｏｄｅｒａｔｏｒ佐藤", ["title"]),
        ("m0derator_77", ["title"]),
        ("moderators", []),
        ("𠮷野家", []),
    ],
)
def test_defaults(name: str, expected: list[str]) -> None:
    comment = submission(author_name=name)
    assert codes(StaffName(), comment) == expected
    assert marked(StaffName(), comment) == [name] * len(expected)
    assert [finding.evidence for finding in findings(StaffName(), comment)] == [(name,)] * len(expected)


@pytest.mark.parametrize(
    ("params", "name", "expected"),
    [
        ({"names": ("髙橋ロコ",)}, "高橋口コ", ["name"]),
        ({"names": ("髙橋ロコ",)}, "高橋ロコの友", []),
        ({"names": ("髙橋ロコ",)}, "管理人", []),
        ({"titles": ("あさぎり新報",)}, "浅霧の人@あさぎり新報", ["title"]),
        ({"names": ("", "★"), "titles": ("", "…")}, "★", []),
        ({"names": (), "titles": ("",)}, "山田", []),
    ],
)
def test_parameters(params: dict[str, Any], name: str, expected: list[str]) -> None:
    assert codes(StaffName(**params), submission(author_name=name)) == expected


@pytest.mark.parametrize("facts", [{"author_verified": True}, {"identity": False}])
def test_not_applicable(facts: dict[str, Any]) -> None:
    assert codes(StaffName(), submission(author_name="管理人", **facts)) == []
