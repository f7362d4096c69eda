from typing import Any

import pytest

from moderation.checks.base import SHOWN
from moderation.checks.disguised_links import DisguisedLinks
from moderation.domains import is_address
from tests.moderation.checks.cases import codes, findings, marked, submission

BODIES: list[tuple[str, str, list[str]]] = [
    ("出典はhttps://www.example.co.jp/news/1です", "", []),
    ("asahi.com の記事、node.js と ASP.NET の話、Ｎｏ．１、ｖｅｒ．２", "", []),
    # Shorteners.
    ("こちら→https://bit.ly/3xYz", "shortener", ["https://bit.ly/3xYz"]),
    ("HTTP://WWW.TINYURL.COM/abc", "shortener", ["HTTP://WWW.TINYURL.COM/abc"]),
    ("https://x.gd/abcと https://onl.sc/d", "shortener", ["https://x.gd/abc", "https://onl.sc/d"]),
    ("https://notbit.ly/3 と https://bit.ly.example.jp/3", "", []),
    ("動画はhttps://youtu.be/dQw4", "", []),
    # Bare addresses, as browsers read them.
    ("http://192.0.2.7/login", "address", ["http://192.0.2.7/login"]),
    ("http://3221225991/", "address", ["http://3221225991/"]),
    ("http://0xC0000207/x", "address", ["http://0xC0000207/x"]),
    ("http://0300.0.02.7:8080/", "address", ["http://0300.0.02.7:8080/"]),
    ("http://[2001:db8::1]/へ", "address", ["http://[2001:db8::1]/"]),
    ("http://192.0.2.7.example.jp/", "", []),
    ("http://1.2.3.4.5/", "", []),
    # User-info.
    ("https://www.bank.example@evil.example/a", "user-info", ["https://www.bank.example@evil.example/a"]),
    ("https://example.jp/@taro と https://example.jp/?to=a@b.jp", "", []),
    # Hidden: the scheme is bent.
    ("hxxp://evil.example.com/a を見て", "hidden", ["hxxp://evil.example.com/a"]),
    ("ｈｘｘｐｓ：//evil.example.com", "hidden", ["ｈｘｘｐｓ：//evil.example.com"]),
    ("ttp://example.jp/1.htmlです。", "hidden", ["ttp://example.jp/1.html"]),
    ("ｈ＊＊ｐ://a.jp", "hidden", ["ｈ＊＊ｐ://a.jp"]),
    ("https[:]//evil.example.com", "hidden", ["https[:]//evil.example.com"]),
    ("ftp://example.jp/a と sftp://example.jp/", "", []),
    # Hidden: the dots are.
    ("example[.]comへ", "hidden", ["example[.]com"]),
    ("www.example(dot)co(dot)jp まで", "hidden", ["www.example(dot)co(dot)jp"]),
    ("ｅｘａｍｐｌｅ（ｄｏｔ）ｃｏｍ", "hidden", ["ｅｘａｍｐｌｅ（ｄｏｔ）ｃｏｍ"]),
    ("exampleドットcom と example ドット jp", "hidden", ["exampleドットcom", "example ドット jp"]),
    ("exampleﾄﾞｯﾄcom", "hidden", ["exampleﾄﾞｯﾄcom"]),
    ("http://example[.]com/a", "hidden", ["example[.]com"]),
    ("価格ドットコム、10ドット、水玉ドット柄、どっと疲れた、the dot com bubble", "", []),
    ("f(.)x と a[.]b", "", []),
    # Hidden: width, and characters of no width.
    ("ｈｔｔｐｓ：／／ｅｖｉｌ．ｃｏｍ／ａ", "hidden", ["ｈｔｔｐｓ：／／ｅｖｉｌ．ｃｏｍ／ａ"]),
    ("ht\u200btp://evil.com/", "hidden", ["ht\u200btp://evil.com/"]),
    ("https://ev\u200bil.com/a", "hidden", ["https://ev\u200bil.com/a"]),
    ("https://evil\u200b.comとhttp://localhost/", "hidden", ["https://evil\u200b.com"]),
    ("ｗｗｗ．ｅｖｉｌ．ｃｏｍ", "hidden", ["ｗｗｗ．ｅｖｉｌ．ｃｏｍ"]),
    ("𝐡𝐭𝐭𝐩://evil.com", "hidden", ["𝐡𝐭𝐭𝐩://evil.com"]),
    ("ｅｖｉｌ．ｃｏｍ で検索", "hidden", ["ｅｖｉｌ．ｃｏｍ"]),
    ("evil。com で検索", "hidden", ["evil。com"]),
    ("安い。ｅｖｉｌ．ｃｏｍ です", "hidden", ["ｅｖｉｌ．ｃｏｍ"]),
    ("笑えるｗｗｗ．Ok。ｗｗｗ...", "", []),
    ("https://example.jp/a？ｂ＝１ と（https://example.jp/c）", "", []),
    ("使うのはＭａｃ．Ｓｏ、Windows。Netは", "hidden", ["Windows。Net"]),
    ("", "", []),
    ("\u200b", "", []),
]


@pytest.mark.parametrize(("body", "code", "hits"), BODIES)
def test_each(body: str, code: str, hits: list[str]) -> None:
    assert codes(DisguisedLinks(), submission(body)) == ([code] if code else [])
    assert marked(DisguisedLinks(), submission(body)) == hits


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://bit.ly/3xYz", ["shortener"]),
        ("bit.ly/3xYz", ["shortener"]),
        ("http://192.0.2.7", ["address"]),
        ("http://me@evil.example.com/", ["user-info"]),
        ("https://example.jp/", []),
        ("example[.]com", []),
        ("なし", []),
    ],
)
def test_the_website_of_the_author(url: str, expected: list[str]) -> None:
    comment = submission(author_url=url)
    assert codes(DisguisedLinks(), comment) == expected
    assert marked(DisguisedLinks(), comment) == [url] * len(expected)


ALL = "http://me@192.0.2.7/ http://bit.ly/a hxxp://a.jp"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["shortener", "address", "user-info", "hidden"]),
        ({"tell": ("hidden", "address")}, ["address", "hidden"]),
        ({"shorteners": ()}, ["address", "user-info", "hidden"]),
        ({"shorteners": ("https://a.bit.ly",)}, ["address", "user-info", "hidden"]),
    ],
)
def test_parameters(params: dict[str, Any], expected: list[str]) -> None:
    assert codes(DisguisedLinks(**params), submission(ALL)) == expected


def test_a_wrong_shortener_is_refused() -> None:
    with pytest.raises(ValueError, match="bitly is no domain"):
        DisguisedLinks(shorteners=("bitly",))


def test_evidence_and_many() -> None:
    (finding,) = findings(DisguisedLinks(), submission("hxxp://a.jp " * 300))
    assert (len(finding.spans), finding.evidence[0], finding.data) == (SHOWN, "hxxp://a.jp", {"count": 300})


@pytest.mark.parametrize("host", ["1", "0x7f.1", "127.0.0.1", "[::1]", "017700000001"])
def test_addresses(host: str) -> None:
    assert is_address(host)


@pytest.mark.parametrize("host", ["a.jp", "1.2.3.4.5", "1a", "1..2", "0y1", ""])
def test_no_addresses(host: str) -> None:
    assert not is_address(host)
