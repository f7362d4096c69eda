"""Whom a sanction is against: what is typed, and what is kept of it."""

import pytest

from comments.models import Article, Comment
from moderation.mailboxes import mailbox, shortened
from moderation.targets import (
    Kind,
    NotSanctionable,
    email_key,
    kinds_in,
    mailbox_key,
    masked,
    spelling_keys,
    target_in,
    target_of,
)
from tests import world


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        (" 203.0.113.77/24 ", "203.0.113.0/24"),
        ("203.0.113.77/31", "203.0.113.76/31"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:3::/80", "2001:db8:1:2::/64"),
        ("2001:db8::/48", "2001:db8::/48"),
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
    ],
)
def test_a_range_is_kept_as_its_network(typed: str, kept: str) -> None:
    target = target_of(Kind.ADDRESS, typed, None)
    assert (target.match, target.shown) == (kept, kept)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (Kind.ADDRESS, "0.0.0.0/0"),
        (Kind.ADDRESS, "10.0.0.0/7"),
        (Kind.ADDRESS, "2001::/16"),
        (Kind.ADDRESS, "渋谷"),
        (Kind.ADDRESS, ""),
        (Kind.EMAIL, "taro"),
        (Kind.EMAIL, "@example.jp"),
        (Kind.EMAIL, "taro@"),
        (Kind.DOMAIN, "co.jp"),
        (Kind.DOMAIN, "example"),
        (Kind.DOMAIN, ""),
        (Kind.NAME, " 　・！"),
        (Kind.AUTHOR, ""),
    ],
)
def test_what_it_cannot_be_against_is_refused_in_words(kind: Kind, typed: str) -> None:
    with pytest.raises(NotSanctionable, match=r"\w{4}"):
        target_of(kind, typed, 1)


def test_an_authors_id_is_of_one_site() -> None:
    assert target_of(Kind.AUTHOR, "u-17", 1).match != target_of(Kind.AUTHOR, "u-17", 2).match
    with pytest.raises(NotSanctionable):
        target_of(Kind.AUTHOR, "u-17", None)


def test_a_domain_is_kept_in_one_spelling() -> None:
    assert target_of(Kind.DOMAIN, "https://www.Mita-Shop.example/x?y", None).match == "mita-shop.example"
    assert target_of(Kind.DOMAIN, "xn--wgv71a119e.jp", None).match == "日本語.jp"


def test_nothing_that_is_kept_of_an_email_tells_what_it_is() -> None:
    target = target_of(Kind.EMAIL, "Takeda.Hiroshi+news@gmail.com", None)
    assert target.shown == "t•••@•••.com"
    assert "takeda" not in repr(target).lower()
    assert target.match == email_key("ｔakeda.hiroshi+NEWS@gmail.com ")
    assert target.match != email_key("takeda.hiroshi@gmail.com")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("taro.yamada@gmail.com", "TaroYamada+paper@googlemail.com", True),
        ("taro@example.jp", "taro+x@example.jp", True),
        ("taro@example.jp", "taro@日本語.jp", False),
        ("taro.yamada@example.jp", "taroyamada@example.jp", False),
        ("taro-x@yahoo.co.jp", "taro@yahoo.co.jp", False),
    ],
)
def test_addresses_of_one_mailbox(one: str, other: str, same: bool) -> None:
    assert (mailbox_key(one) == mailbox_key(other)) is same


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("yamadataro@example.jp", "yamadatarou@example.jp", True),
        ("yamadataro@example.jp", "yamadtaro@example.jp", True),
        ("yamadataro@example.jp", "yamadataru@example.jp", True),
        ("yamadataro@example.jp", "ymaadataro@example.jp", True),
        ("yamadataro@example.jp", "yamadatarouu@example.jp", False),
        ("yamadataro@example.jp", "yamadajiro@example.jp", False),
        ("yamadataro@example.jp", "yamadatarou@example.com", False),
        ("山田太郎@example.jp", "山田太朗@example.jp", True),
    ],
)
def test_addresses_that_are_spelt_nearly_so(one: str, other: str, near: bool) -> None:
    assert bool(spelling_keys(one) & spelling_keys(other)) is near


def test_mailboxes_of_what_is_no_address() -> None:
    assert mailbox("taro") == mailbox("@example.jp") == mailbox("") == ("", "")
    assert mailbox("+@example.jp") == ("+", "example.jp")
    assert shortened("a") == {"a"}


def test_a_comment_gives_what_it_has(article: Article) -> None:
    sent = world.send(article, "どうも。", author_email="kita@example.jp", ip=None, author_name="北")
    comment = Comment.objects.get(pk=sent.comment_id)
    assert kinds_in(comment) == [Kind.EMAIL, Kind.NAME]
    assert target_in(comment, Kind.NAME).match == target_of(Kind.NAME, "北", None).match
    with pytest.raises(NotSanctionable):
        target_in(comment, Kind.DOMAIN)
    with pytest.raises(NotSanctionable):
        target_in(comment, Kind.ADDRESS)


def test_addresses_are_masked_for_who_may_not_see_them() -> None:
    assert masked(Kind.ADDRESS, "203.0.113.0/24") == "203.0.•.•/24"
    assert masked(Kind.ADDRESS, "2001:db8::/64") == "2001:0db8:•••/64"
    assert masked(Kind.NAME, "松田") == "松田"
