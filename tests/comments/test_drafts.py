"""Drafts refuse what cannot be stored; canonical URLs merge spellings, not pages."""

import re
from datetime import UTC, datetime, timedelta, timezone
from ipaddress import IPv4Address, ip_address
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.drafts import BODY_LIMIT, ArticleDraft, CommentDraft, Refused, canonical_url

SAME = [
    ("HTTPS://News.Example.COM/a", "https://news.example.com/a"),
    ("http://example.com", "http://example.com/"),
    ("http://example.com:80/a", "http://example.com/a"),
    ("https://example.com:443/a", "https://example.com/a"),
    ("https://example.com:8443/a", "https://example.com:8443/a"),
    ("https://example.com:/a", "https://example.com/a"),
    ("https://example.com./a", "https://example.com/a"),
    ("https://my_paper.example.com/a", "https://my_paper.example.com/a"),
    ("https://example.com/a#comments", "https://example.com/a"),
    ("https://example.com/a?", "https://example.com/a"),
    ("https://example.com/a?&&", "https://example.com/a"),
    ("  https://example.com/a \n", "https://example.com/a"),
    # Japanese domains, full-width letters and the ideographic full stop.
    ("https://日本語.jp/", "https://xn--wgv71a119e.jp/"),
    ("https://XN--WGV71A119E.jp/", "https://xn--wgv71a119e.jp/"),
    ("https://新聞。日本語．jp/", "https://xn--efvv70d.xn--wgv71a119e.jp/"),
    ("https://ｅｘａｍｐｌｅ.com/", "https://example.com/"),
    # Percent-encoding: unreserved decoded, hex in capitals, the rest escaped.
    ("https://example.com/%7Etaro/%61%2d%5F", "https://example.com/~taro/a-_"),
    ("https://example.com/%e8%a8%98%e4%ba%8b", "https://example.com/%E8%A8%98%E4%BA%8B"),
    ("https://example.com/記事/一", "https://example.com/%E8%A8%98%E4%BA%8B/%E4%B8%80"),
    ("https://example.com/%82%a0", "https://example.com/%82%A0"),
    ("https://example.com/a b", "https://example.com/a%20b"),
    ("https://example.com/100%", "https://example.com/100%25"),
    ("https://example.com/%zz%4", "https://example.com/%25zz%254"),
    ('https://example.com/<"^`{|}\\>', "https://example.com/%3C%22%5E%60%7B%7C%7D%5C%3E"),
    # Dot segments, escaped ones too.
    ("https://example.com/a/./b/../c", "https://example.com/a/c"),
    ("https://example.com/a/%2e%2E/b", "https://example.com/b"),
    ("https://example.com/../../a/..", "https://example.com/"),
    ("https://example.com/a/.", "https://example.com/a/"),
    ("https://example.com/a//b", "https://example.com/a//b"),
    # Queries: tracking dropped wherever it stands, the rest as it was.
    ("https://example.com/?utm_source=x&id=7&fbclid=Iw", "https://example.com/?id=7"),
    ("https://example.com/?UTM_Campaign=x", "https://example.com/"),
    ("https://example.com/?%75tm_medium=x&b=2&a=1", "https://example.com/?b=2&a=1"),
    ("https://example.com/?q=%e6%96%b0+%2b", "https://example.com/?q=%E6%96%B0+%2B"),
    ("https://example.com/?q=新聞", "https://example.com/?q=%E6%96%B0%E8%81%9E"),
    ("https://example.com/?a[]=1", "https://example.com/?a%5B%5D=1"),
    ("https://example.com/?utm=kept&my_utm_source=kept", "https://example.com/?utm=kept&my_utm_source=kept"),
    # Addresses as hosts.
    ("http://[2001:DB8:0:0::1]:80/a", "http://[2001:db8::1]/a"),
    ("http://[2001:db8::1]:8080/a", "http://[2001:db8::1]:8080/a"),
    ("http://192.0.2.1/a", "http://192.0.2.1/a"),
]

# Spellings that a server may answer differently stay apart.
APART = [
    ("https://example.com/a%2Fb", "https://example.com/a/b"),
    ("https://example.com/a", "https://example.com/a/"),
    ("https://example.com/a%3Bb", "https://example.com/a;b"),
    ("https://example.com/?q=a+b", "https://example.com/?q=a%20b"),
    ("https://example.com/?q=a%2Bb", "https://example.com/?q=a+b"),
    ("https://example.com/?p", "https://example.com/?p="),
    ("https://example.com/?a=1&b=2", "https://example.com/?b=2&a=1"),
    ("https://example.com/?a=1%26b=2", "https://example.com/?a=1&b=2"),
    ("https://example.com/A", "https://example.com/a"),
    ("http://example.com/", "https://example.com/"),
    ("https://example.com/a%252Fb", "https://example.com/a%2Fb"),
]

NO_URL = [
    "", "/news/1", "example.com/news", "ftp://example.com/", "javascript:alert(1)", "https://", "https:///a",
    "https://exa mple.com/", "https://a<b>/", "https://user:pass@example.com/", "https://@example.com/",
    "https://example.com:99999/", "https://example.com:x/", "https://a..b/", "https://[::1/",
    "https://[fe80::1%25eth0]/",
    "https://example.com/a\nb", "https://example.com/a\tb", "https://example.com/\x00", "https://exa\\mple.com/",
    "https://" + "a" * 64 + ".com/", "https://%E6%97%A5.jp/", "https://-a-.com/",
    "https://example.com/" + "記" * 1000,
]  # fmt: skip


@pytest.mark.parametrize(("given_url", "canonical"), SAME)
def test_one_spelling(given_url: str, canonical: str) -> None:
    assert canonical_url(given_url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(("one", "other"), APART)
def test_different_pages_stay_apart(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize("url", NO_URL)
def test_no_url(url: str) -> None:
    with pytest.raises(Refused) as caught:
        canonical_url(url)
    assert caught.value.field == "url"
    assert caught.value.code in {"url", "unstorable", "too-long"}
    assert caught.value.mend.endswith(".")


PIECE = st.text("aZ09-._~/!$&'()*+,;=:@%?#[]{}|<>\"\\ 日ー é", max_size=20)
ESCAPES = st.lists(st.one_of(PIECE, st.integers(0, 255).map("%{:02x}".format)), max_size=8).map("".join)


@given(path=ESCAPES, query=ESCAPES)
def test_canonical_twice_is_canonical_once(path: str, query: str) -> None:
    canonical = canonical_url(f"https://example.com/{re.split('[?#]', path)[0]}?{query}")
    assert canonical_url(canonical) == canonical
    assert canonical.isascii()


@given(query=ESCAPES.filter(lambda q: "#" not in q))
def test_values_of_parameters_survive(query: str) -> None:
    query += "&end=1"
    canonical = canonical_url(f"https://example.com/?{query}")
    kept = parse_qsl(urlsplit(canonical).query, keep_blank_values=True, encoding="latin-1")
    assert kept == parse_qsl(query.encode().decode("latin-1"), keep_blank_values=True, encoding="latin-1")


@given(segment=ESCAPES)
def test_bytes_of_a_segment_survive(segment: str) -> None:
    segment = re.split("[/?#]", segment)[0]
    given_bytes = unquote_to_bytes(segment)
    if given_bytes in {b".", b".."}:
        return
    canonical = canonical_url(f"https://example.com/x/{segment}?end")
    assert (
        unquote_to_bytes(canonical.removeprefix("https://example.com/x/").removesuffix("?end")) == given_bytes
    )
    assert canonical.count("/") == 4


@given(st.text(max_size=60))
def test_any_text_is_a_url_or_refused(text: str) -> None:
    for url in (text, "https://" + text, f"http://example.com/{text}"):
        try:
            canonical = canonical_url(url)
        except Refused:
            continue
        assert canonical_url(canonical) == canonical


REFUSED_COMMENTS = [
    ({"body": ""}, "body", "blank"),
    ({"body": " \n　"}, "body", "blank"),
    ({"body": "\u200b\u2060\ufe0f ㅤ\u2800"}, "body", "blank"),
    ({"body": "x" * (BODY_LIMIT + 1)}, "body", "too-long"),
    ({"body": "a\0b"}, "body", "unstorable"),
    ({"body": "a\ud800"}, "body", "unstorable"),
    ({"author_name": "佐" * 201}, "author_name", "too-long"),
    ({"author_email": "a" * 255}, "author_email", "too-long"),
    ({"external_id": "1\0"}, "id", "unstorable"),
    ({"posted_at": datetime(2026, 1, 10, 9)}, "posted_at", "naive-time"),
    ({"posted_at": datetime(1969, 12, 31, tzinfo=UTC)}, "posted_at", "range"),
    ({"number": 0}, "number", "range"),
    ({"ip": ip_address("fe80::1%eth0")}, "ip", "ip"),
]


@pytest.mark.parametrize(("fields", "field", "code"), REFUSED_COMMENTS)
def test_refused_comment(fields: dict[str, object], field: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        CommentDraft(**{"body": "よい記事でした。", **fields})  # type: ignore[arg-type]
    assert (caught.value.field, caught.value.code) == (field, code)


REFUSED_ARTICLES = [
    ({}, "id", "required"),
    ({"external_id": "a", "url": "/relative"}, "url", "url"),
    ({"external_id": "a", "title": "題" * 1001}, "title", "too-long"),
    ({"external_id": "a", "related": ("x",) * 101}, "related", "too-long"),
    ({"external_id": "a", "published_at": datetime(1599, 1, 1, tzinfo=UTC)}, "published_at", "range"),
]


@pytest.mark.parametrize(("fields", "field", "code"), REFUSED_ARTICLES)
def test_refused_article(fields: dict[str, object], field: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        ArticleDraft(**fields)  # type: ignore[arg-type]
    assert (caught.value.field, caught.value.code) == (field, code)


def test_drafts_hold_one_spelling() -> None:
    article = ArticleDraft(
        url="HTTPS://Example.com:443/a?utm_source=mail", published_at=datetime(1874, 11, 2, tzinfo=UTC)
    )
    assert article.url == "https://example.com/a"
    assert CommentDraft(body="同感です。", ip=ip_address("::ffff:192.0.2.7")).ip == IPv4Address("192.0.2.7")


@pytest.mark.parametrize("hours", [-23.98, -16, 9, 16, 23.98])
def test_drafts_hold_times_in_utc(hours: float) -> None:
    """Python reads offsets to a day, PostgreSQL none of 16 hours and more."""
    time = datetime(2026, 1, 10, 9, tzinfo=timezone(timedelta(hours=hours)))
    for held in (
        CommentDraft(body="同感です。", posted_at=time).posted_at,
        ArticleDraft(external_id="a", published_at=time).published_at,
    ):
        assert held == time
        assert held is not None
        assert held.tzinfo is UTC
