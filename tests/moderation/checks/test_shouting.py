from typing import Any

import pytest

from moderation.checks.shouting import Shouting
from tests.moderation.checks.cases import codes, findings, marked, submission


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("THIS MAYOR MUST GO AT ONCE", ["capitals"]),
        ("ＴＨＩＳ　ＭＡＹＯＲ　ＭＵＳＴ　ＧＯ　ＡＴ　ＯＮＣＥ", ["capitals"]),
        ("ПОЗОР МЭРУ, ПОЗОР ВСЕМ ДЕПУТАТАМ", ["capitals"]),
        ("THANK YOU VERY MUCH", []),
        ("Thank you very much for the article about JR and NHK.", []),
        ("NHK、JR東日本、KDDI、NTT、GDP、IMF、WHO、ASEANの記事をまとめて読みました。ありがたい。", []),
        # 20 capitals of 20 letters, 19 of 19; 20 of 28 and 20 of 29.
        ("ABCDEFGHIJ KLMNOPQRST", ["capitals"]),
        ("ABCDEFGHIJ KLMNOPQRS", []),
        ("ABCDEFGHIJ KLMNOPQRST abcdefgh", ["capitals"]),
        ("ABCDEFGHIJ KLMNOPQRST abcdefghi", []),
        ("ABCDEFGHIJ KLMNOPQRST とても怒っています", []),
        ("★☆★【激安】☆★☆→→→クリック←←←★☆★☆★☆★☆", ["symbols"]),
        ("😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡 反対", ["symbols"]),
        ("ありえない！！！！！！！！！！！！！！！！！！！！", ["symbols"]),
        ("本当ですか！？　それなら賛成です♪　駅前が変わりますね☆　楽しみ！！", []),
        # 20 symbols of 40 characters and of 41, blanks apart; 19 symbols.
        ("☆" * 20 + "　字 \n" * 20, ["symbols"]),
        ("☆" * 20 + "字" * 21, []),
        ("☆" * 19, []),
        ("「」、。・…（）『』「」、。・…（）『』「」、。・…（）『』", []),
        ("1,000 + 2,000 = 3,000 という計算はどこから来たのですか。", []),
        ("", []),
        ("\u200b" * 40, []),
        ("𠮷" * 40, []),
    ],
)
def test_defaults(body: str, expected: list[str]) -> None:
    assert codes(Shouting(), submission(body)) == expected


BOTH = "ABCDEFGHIJKLMNOPQRST" + "☆" * 20


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["capitals", "symbols"]),
        ({"capitals": 0}, ["symbols"]),
        ({"symbols": 0}, ["capitals"]),
        ({"symbols": 51}, ["capitals"]),
        ({"least": 21}, []),
    ],
)
def test_parameters(params: dict[str, Any], expected: list[str]) -> None:
    assert codes(Shouting(**params), submission(BOTH)) == expected


def test_all_of_it_is_marked_and_counted() -> None:
    assert marked(Shouting(capitals=0), submission(BOTH)) == [BOTH]
    (finding,) = findings(Shouting(capitals=0), submission(BOTH))
    assert finding.data == {"count": 20, "characters": 40, "percent": 50}
