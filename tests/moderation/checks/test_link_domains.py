from typing import Any

import pytest

from moderation.checks.link_domains import LinkDomains
from tests.moderation.checks.cases import codes, findings, marked, submission

BODY = "https://blog.Spam.jp/1 と http://www.spam.jp と https://notspam.jp/ と https://ｓｐａｍ.jp/x"


@pytest.mark.parametrize(
    ("params", "body", "hits", "domains"),
    [
        ({}, BODY, [], ()),
        (
            {"block": ("spam.jp",)},
            BODY,
            ["https://blog.Spam.jp/1", "http://www.spam.jp", "https://ｓｐａｍ.jp/x"],
            ("spam.jp", "spam.jp", "spam.jp"),
        ),
        (
            {"block": ("https://www.spam.jp/",), "allow": ("blog.spam.jp", "ｓｐａｍ.jp ")},
            BODY,
            [],
            (),
        ),
        ({"block": ("blog.spam.jp",)}, BODY, ["https://blog.Spam.jp/1"], ("spam.jp",)),
        (
            {"block": ("日本語.jp",)},
            "http://xn--wgv71a119e.jp/",
            ["http://xn--wgv71a119e.jp/"],
            ("日本語.jp",),
        ),
        ({"block": ("xn--wgv71a119e.jp",)}, "http://日本語.jp/", ["http://日本語.jp/"], ("日本語.jp",)),
        ({"block": ("a.example.co.jp",)}, "http://example.co.jp/", [], ()),
        ({"block": ("github.io",)}, "http://x.github.io/", ["http://x.github.io/"], ("x.github.io",)),
        ({"block": ("192.0.2.7",)}, "http://192.0.2.7/", ["http://192.0.2.7/"], ("192.0.2.7",)),
        ({"block": ("spam.jp",)}, "spam.jp は語", [], ()),
        ({"block": ("spam.jp",)}, "", [], ()),
        (
            {"allow": ("go.jp.example", "example.jp"), "others": True},
            "http://example.jp http://a.example.jp http://b.jp",
            ["http://b.jp"],
            ("b.jp",),
        ),
    ],
)
def test_lists(params: dict[str, Any], body: str, hits: list[str], domains: tuple[str, ...]) -> None:
    check, comment = LinkDomains(**params), submission(body)
    assert marked(check, comment) == hits
    assert tuple(each for finding in findings(check, comment) for each in finding.evidence) == domains


@pytest.mark.parametrize(
    ("body", "hits"),
    [
        ("spam[.]jp と blog.spam(dot)jp へ", ["spam[.]jp", "blog.spam(dot)jp"]),
        ("「spamドットjp」で検索", ["spamドットjp"]),
        ("ｓｐａｍ．ｊｐ が安い", ["ｓｐａｍ．ｊｐ"]),
        ("hxxps://me@www.spam.jp:8080/a", ["hxxps://me@www.spam.jp:8080/a"]),
        ("hxxp[://]spam[.]jp/?b=1", ["hxxp[://]spam[.]jp/?b=1"]),
        ("hxxp://spam ドット jp", ["hxxp://spam ドット jp"]),
        ("ht\u200btps://spam.jp/", ["ht\u200btps://spam.jp/"]),
        # Each place is told once, though both ways of looking find it.
        ("http://spam[.]jp/a", ["spam[.]jp"]),
        ("http://ｓｐａｍ.jp/a", ["http://ｓｐａｍ.jp/a"]),
        # One that leads on to another domain hides nothing of the first.
        ("https://spam.jp/?to=notspam[.]jp", ["https://spam.jp/?to=notspam"]),
        ("notspam[.]jp spam[.]example spamドット柄 spam。jpg", []),
    ],
)
def test_hidden_links_lead_to_their_domain(body: str, hits: list[str]) -> None:
    assert marked(LinkDomains(block=("spam.jp",)), submission(body)) == hits


def test_many_hidden_links_beside_many_others_take_no_square_of_time() -> None:
    body = "http://a.jp b[.]jp " * 1_500
    found = submission(body).targets
    assert [link.host for _, link in found] == ["a.jp"] * 1_500 + ["b.jp"] * 1_500


def test_the_website_of_the_author_counts() -> None:
    check = LinkDomains(block=("spam.jp",))
    assert marked(check, submission(author_url="www.spam.jp/a")) == ["www.spam.jp/a"]
    assert codes(check, submission(author_url="https://example.jp")) == []


def test_listed_and_others_are_two_findings() -> None:
    check = LinkDomains(block=("spam.jp",), others=True)
    found = findings(check, submission("http://spam.jp http://a.jp http://b.jp"))
    assert [(each.code, each.data["count"]) for each in found] == [("listed", 1), ("others", 2)]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("co.jp", "co.jp is a suffix under which anybody may have a domain"),
        ("com", "com is a suffix"),
        ("スパム", "スパム is no domain; write it like example.co.jp."),
        ("spam jp", "is no domain"),
        ("http://", "is no domain"),
    ],
)
@pytest.mark.parametrize("name", ["block", "allow"])
def test_a_wrong_entry_is_refused(name: str, entry: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        LinkDomains(**{name: ("example.jp", entry)})  # type: ignore[arg-type]


def test_empty_lines_are_none() -> None:
    assert codes(LinkDomains(block=("", " ")), submission(BODY)) == []
