"""Whom or what a sanction is against, as it is typed and as it is kept.

An e-mail address is kept as keys alone (`comments.authors.keyed`): they tell
whether an address is the sanctioned one, or near it, and not what it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from comments.authors import author_key, keyed
from comments.masking import mask_address, mask_email
from moderation.confusable import skeleton
from moderation.domains import is_suffix, listed
from moderation.mailboxes import mailbox, normal, shortened

if TYPE_CHECKING:
    from comments.models import Comment

Network = IPv4Network | IPv6Network

# A subscriber of IPv6 has a /64 to himself (RFC 6177), and changes the rest of the address at will.
SUBSCRIBER = 64
# Wider ranges are whole countries' carriers: a slip of the finger.
WIDEST = {4: 8, 6: 32}


class Kind(StrEnum):
    """What of a comment a sanction is compared with."""

    AUTHOR = "author"
    EMAIL = "email"
    ADDRESS = "address"
    DOMAIN = "domain"
    NAME = "name"


# Those that are personal data: typed and seen in full by those who may see such data.
PERSONAL = frozenset({Kind.AUTHOR, Kind.EMAIL, Kind.ADDRESS})


class NotSanctionable(ValueError):
    """What a sanction cannot be against, with a sentence for people in the language of the moment."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is compared (`match`), what people are shown (`shown`), and the keys of near addresses."""

    kind: Kind
    match: str
    shown: str
    near: tuple[UUID, ...] = ()


def target_of(kind: Kind, value: str, site_id: int | None) -> Target:
    """The target that a person typed. `site_id` is None for all sites. Raises `NotSanctionable`."""
    match kind:
        case Kind.AUTHOR:
            return _author(author_key(_one_site(site_id), value.strip(), ""))
        case Kind.EMAIL:
            return _email(value)
        case Kind.ADDRESS:
            return _address(value)
        case Kind.DOMAIN:
            return _domain(value)
        case Kind.NAME:
            return _name(value)


def target_in(comment: Comment, kind: Kind) -> Target:
    """The target of a kind that a comment gives. Raises `NotSanctionable` where it gives none."""
    if kind is Kind.AUTHOR:
        return _author(comment.author_key)
    if kind is Kind.DOMAIN:
        raise NotSanctionable(_("A comment may hold several domains: type the one that is meant."))
    value = {
        Kind.EMAIL: comment.author_email,
        Kind.ADDRESS: comment.ip or "",
        Kind.NAME: comment.author_name,
    }[kind]
    return target_of(kind, value, comment.site_id)


def kinds_in(comment: Comment) -> list[Kind]:
    """The kinds of target that a comment gives."""
    has = {
        Kind.AUTHOR: comment.author_id,
        Kind.EMAIL: mailbox(comment.author_email)[0],
        Kind.ADDRESS: comment.ip,
        Kind.NAME: skeleton(comment.author_name),
    }
    return [kind for kind, value in has.items() if value]


def network_of(address: str) -> Network:
    """The network that an address stands for: itself, of IPv6 its /64. Raises ValueError."""
    network = ip_network(address, strict=False)
    if isinstance(network, IPv6Network) and (mapped := network.network_address.ipv4_mapped):
        return IPv4Network((mapped, max(0, network.prefixlen - 96)), strict=False)
    if network.version == 6 and network.prefixlen > SUBSCRIBER:
        return network.supernet(new_prefix=SUBSCRIBER)
    return network


def email_key(email: str) -> str:
    """The key of an address, the same at every site."""
    return keyed(f"sanction\0{normal(email)}").hex


def mailbox_key(email: str) -> UUID:
    """The key of the mailbox that an address leads to."""
    return keyed("mailbox\0{}@{}".format(*mailbox(email)))


def spelling_keys(email: str) -> frozenset[UUID]:
    """The keys that an address shares with those of the same domain that are spelt nearly so."""
    local, domain = mailbox(email)
    return frozenset(keyed(f"spelling\0{each}@{domain}") for each in shortened(local))


def masked(kind: str, shown: str) -> str:
    """What a target looks like to who may not see personal data."""
    if kind != Kind.ADDRESS:
        return shown
    address, _slash, prefix = shown.partition("/")
    return f"{mask_address(address)}/{prefix}"


def _one_site(site_id: int | None) -> int:
    if site_id is None:
        raise NotSanctionable(_("An author's id is that of one site: choose the site."))
    return site_id


def _author(key: UUID | None) -> Target:
    if key is None:
        raise NotSanctionable(_("Give the author's id, as the publisher's site sends it."))
    return Target(Kind.AUTHOR, key.hex, key.hex[:8])


def _email(value: str) -> Target:
    if not all(mailbox(value)):
        raise NotSanctionable(_("That is no e-mail address: write it like name@example.jp."))
    near = (mailbox_key(value), *sorted(spelling_keys(value)))
    return Target(Kind.EMAIL, email_key(value), mask_email(normal(value)), near)


def _address(value: str) -> Target:
    try:
        network = network_of(value.strip())
    except ValueError:
        told = _("That is no address or range: write it like 203.0.113.7, 203.0.113.0/24 or 2001:db8::/64.")
        raise NotSanctionable(told) from None
    if network.prefixlen < (widest := WIDEST[network.version]):
        told = _("The range is too wide: /%(widest)d is the widest.") % {"widest": widest}
        raise NotSanctionable(told)
    return Target(Kind.ADDRESS, str(network), str(network))


def _domain(value: str) -> Target:
    try:
        (domain,) = listed((value,)) or {""}
    except ValueError:
        domain = ""
    if not domain or is_suffix(domain):
        raise NotSanctionable(
            _("That is no domain that one person or company has: write it like example.co.jp.")
        )
    return Target(Kind.DOMAIN, domain, domain)


def _name(value: str) -> Target:
    seen = skeleton(value)
    if not seen:
        raise NotSanctionable(_("A name needs letters or kanji: blanks and signs are not compared."))
    return Target(Kind.NAME, seen, value.strip())
