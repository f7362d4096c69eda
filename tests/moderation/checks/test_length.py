import pytest

from moderation.checks.length import Length
from tests.moderation.checks.cases import codes, findings, marked, submission


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", ["short"]),
        (" \u3000\n\u200b\u2800", ["short"]),
        ("あ", ["short"]),
        ("あ\u3000\n", ["short"]),
        ("ﾊﾞ", ["short"]),
        ("か\u3099", ["short"]),
        ("𠮷", ["short"]),
        ("👨\u200d👩", []),
        ("賛成", []),
        ("賛 成", []),
        ("ＯＫ", []),
        ("字" * 2_000, []),
        ("字 \n" * 2_000, []),
        ("字" * 2_001, ["long"]),
        ("字　" * 2_001, ["long"]),
        ("𠮷" * 2_001, ["long"]),
    ],
)
def test_defaults(body: str, expected: list[str]) -> None:
    assert codes(Length(), submission(body)) == expected


@pytest.mark.parametrize(
    ("least", "most", "body", "expected"),
    [
        (0, 0, "", []),
        (0, 0, "字" * 20_000, []),
        (0, 3, "abcd", ["long"]),
        (5, 0, "abcd", ["short"]),
        (5, 5, "abcde", []),
    ],
)
def test_parameters(least: int, most: int, body: str, expected: list[str]) -> None:
    assert codes(Length(least=least, most=most), submission(body)) == expected


def test_all_of_it_is_marked() -> None:
    assert marked(Length(), submission("ん ")) == ["ん "]
    assert findings(Length(), submission(""))[0].spans == ()
    (finding,) = findings(Length(most=3), submission("長すぎる"))
    assert Length.sentence("long", finding.data, "ja") == "空白を除いて4文字あります（3文字まで）。"
