"""Hosts in one spelling, and the domains that somebody can register."""

import pytest

from moderation.domains import canonical, has_suffix, is_suffix, registrable, upwards


@pytest.mark.parametrize(
    ("host", "spelling"),
    [
        ("WWW.Example.JP.", "www.example.jp"),
        ("ｅｘａｍｐｌｅ．ｊｐ", "example.jp"),
        ("example。jp", "example.jp"),
        ("xn--wgv71a119e.jp", "日本語.jp"),
        ("xn--\udcff.jp", "xn--\udcff.jp"),
        ("xn--a" + "\x80" + ".jp", "xn--a\x80.jp"),
        ("", ""),
        ("a." * 125 + "jp", "a." * 125 + "jp"),
        ("a." * 126 + "jp", ""),
    ],
)
def test_canonical(host: str, spelling: str) -> None:
    assert canonical(host) == spelling


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("a.b.example.co.jp", "example.co.jp"),
        ("example.jp", "example.jp"),
        ("a.someone.github.io", "someone.github.io"),
        ("日本語.jp", "日本語.jp"),
        ("co.jp", ""),
        ("jp", ""),
        ("192.0.2.7", ""),
        ("[::1]", ""),
        ("localhost", ""),
        ("page.nosuchsuffix", ""),
        ("", ""),
    ],
)
def test_registrable(host: str, domain: str) -> None:
    assert registrable(host) == domain
    assert has_suffix(host) == bool(domain)


def test_suffixes_and_the_way_up() -> None:
    assert [is_suffix(host) for host in ("jp", "co.jp", "github.io", "example.jp", "")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert list(upwards("a.b.jp")) == ["a.b.jp", "b.jp", "jp"]
