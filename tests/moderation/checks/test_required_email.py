from typing import Any

import pytest

from moderation.checks.required_email import RequiredEmail
from tests.moderation.checks.cases import codes, findings, marked, submission

LABEL = "a" * 63


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("hanako@example.jp", []),
        ("  hanako@example.jp\u3000", []),
        ("hanako.yamada+news@mail.example.co.jp", []),
        ("o'neil_1@example.org", []),
        ("hanako@日本語.jp", []),
        ("用例@例え.jp", []),
        ("HANAKO@EXAMPLE.JP", []),
        ("a@" + ".".join([LABEL] * 3) + ".jp", []),
        ("a" * 64 + "@example.jp", []),
        ("taro..yama.@docomo.ne.jp", []),
        (".taro@EZWEB.ne.jp", []),
        ("", ["missing"]),
        (" \u3000\u200b", ["missing"]),
        ("なし", ["malformed"]),
        ("hanako", ["malformed"]),
        ("@example.jp", ["malformed"]),
        ("hanako@", ["malformed"]),
        ("hanako@localhost", ["malformed"]),
        ("hanako@example", ["malformed"]),
        ("ｈａｎａｋｏ@example.jp", ["malformed"]),
        ("hanako＠example.jp", ["malformed"]),
        ("hanako@example。jp", ["malformed"]),
        ("hana ko@example.jp", ["malformed"]),
        ("hanako@example..jp", ["malformed"]),
        ("hanako@-example.jp", ["malformed"]),
        ("hanako@example-.jp", ["malformed"]),
        ("hanako@exam_ple.jp", ["malformed"]),
        ("hanako@example.123", ["malformed"]),
        ("hanako@[192.0.2.1]", ["malformed"]),
        ('"hana ko"@example.jp', ["malformed"]),
        ("hanako@example.jp(home)", ["malformed"]),
        ("hanako@example.jp\r\nBcc: all@example.jp", ["malformed"]),
        ("hanako@example.jp\n", ["malformed"]),
        ("a" * 65 + "@example.jp", ["malformed"]),
        ("字" * 22 + "@example.jp", ["malformed"]),
        (f"a@{LABEL}a.jp", ["malformed"]),
        ("a@" + ".".join([LABEL] * 4) + ".jp", ["malformed"]),
        ("a@" + "例え話の長い名前." * 8 + "jp", []),  # 234 octets as the name service spells it
        ("a@" + "例え話の長い名前." * 9 + "jp", ["malformed"]),  # 263
        ("taro..yama@example.jp", ["malformed"]),
        ("taro.@example.jp", ["malformed"]),
        ("ta ro@docomo.ne.jp", ["malformed"]),
        ("a@b@example.jp", ["malformed"]),
    ],
)
def test_addresses(email: str, expected: list[str]) -> None:
    assert codes(RequiredEmail(), submission(author_email=email)) == expected


def test_the_address_is_marked_and_kept_out_of_the_evidence() -> None:
    comment = submission(author_email="山田のメール")
    assert marked(RequiredEmail(), comment) == ["山田のメール"]
    assert findings(RequiredEmail(), comment)[0].evidence == ()


@pytest.mark.parametrize("facts", [{"identity": False}, {"kind": "pingback"}, {"kind": "trackback"}])
def test_not_applicable(facts: dict[str, Any]) -> None:
    assert not RequiredEmail().applies(submission(author_email="", **facts))


def test_dotted_domains_are_a_parameter() -> None:
    assert codes(RequiredEmail(dotted_domains=()), submission(author_email="a..b@docomo.ne.jp")) == [
        "malformed"
    ]
