import unicodedata

import pytest

from moderation.checks.base import SHOWN
from moderation.checks.hidden_characters import HiddenCharacters
from tests.moderation.checks.cases import codes, findings, marked, submission

SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
SECRET = "".join(chr(0xE0000 + ord(char)) for char in "buy")


@pytest.mark.parametrize(
    ("body", "code", "hits"),
    [
        # Control characters and tags.
        ("改行\nと\tタブと\r\n改頁\x0bは普通です", "", []),
        ("途中に\x07\x08制御文字", "control", ["\x07\x08"]),
        ("末尾\x7f", "control", ["\x7f"]),
        ("\x93old\x94 quotation marks, and\x85 a line feed", "", []),
        ("注\ufff9釈\ufffb", "control", ["\ufff9", "\ufffb"]),
        ("化けた字\ufffdは制御ではない", "", []),
        (f"スコットランド{SCOTLAND}の話", "", []),
        (f"見えない{SECRET}命令", "control", [SECRET]),
        # Characters that turn the order.
        ("領収書\u202egnp.exe", "bidi", ["\u202e"]),
        ("\u202a090\u202cという貼り付け", "", []),
        ("\u2068山田\u2069さんの引用", "", []),
        ("\u2067逆\u2069", "bidi", ["\u2067"]),
        ("アラビア語の \u2067مرحبا\u2069 はどう読む", "", []),
        ("アラビア語の \u202eمرحبا\u202c はどう読む", "bidi", ["\u202e"]),
        # No width inside words.
        ("死\u200bね", "zero-width", ["\u200b"]),
        ("vi\u00ada\u200b\u2060gra", "zero-width", ["\u00ad", "\u200b\u2060"]),
        ("ｖｉ\ufeffａ", "zero-width", ["\ufeff"]),
        ("𠮷\u200b野家", "zero-width", ["\u200b"]),
        ("山\u3164田", "zero-width", ["\u3164"]),
        ("\ufeff始めの印と、\u200b句読点のあと\u200b。", "", []),
        ("家族👨\u200d👩\u200d👧\u200d👦と", "", []),
        ("می\u200cخواهم", "", []),
        ("क्\u200dष", "", []),
        ("葛\U000e0100飾区と神\ufe00社", "", []),
        ("ハート❤️と1️⃣", "", []),
        # Stacks.
        ("e\u0301\u0323\u0302が三つ", "", []),
        ("Z\u0301\u0323\u0302\u0300algo", "marks", ["\u0301\u0323\u0302\u0300"]),
        (unicodedata.normalize("NFD", "がぎぐげご Tiếng Việt שָׁלוֹם"), "", []),
        ("ผู้ใหญ่บ้านที่นี่", "", []),
        ("ส้้้้้", "marks", ["้้้้้"]),
        ("あ\u3099\u3099\u3099\u3099", "marks", ["\u3099\u3099\u3099\u3099"]),
        ("あ゛゛゛゛゛", "", []),
        ("ordinary", "", []),
        ("", "", []),
        ("\u200b\u2060", "", []),
    ],
)
def test_each(body: str, code: str, hits: list[str]) -> None:
    assert codes(HiddenCharacters(), submission(body)) == ([code] if code else [])
    assert marked(HiddenCharacters(), submission(body)) == hits


ALL = "a\x07b\u202ec\u200bdé\u0301\u0301\u0301\u0301\u0301"


def test_what_is_told_is_chosen_and_in_one_order() -> None:
    assert codes(HiddenCharacters(), submission(ALL)) == ["control", "bidi", "zero-width", "marks"]
    assert codes(HiddenCharacters(tell=("marks", "control")), submission(ALL)) == ["control", "marks"]
    (finding,) = findings(HiddenCharacters(tell=("marks",)), submission(ALL))
    assert finding.data == {"count": 1, "highest": 5, "most": 3}


@pytest.mark.parametrize(
    ("least", "marks", "expected"), [(1, 5, ["zero-width"]), (2, 4, ["marks"]), (2, 5, [])]
)
def test_bounds(least: int, marks: int, expected: list[str]) -> None:
    check = HiddenCharacters(tell=("zero-width", "marks"), least=least, marks=marks)
    assert codes(check, submission(ALL)) == expected


def test_thousands_show_the_first_few() -> None:
    (finding,) = findings(HiddenCharacters(), submission("あ\u200b" * 1_000))
    assert (len(finding.spans), finding.data["count"]) == (SHOWN, 999)
