"""What of a comment a sanction may be set against, and the sanctions that were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from django.db.models import Q

from moderation.domains import canonical, linked_domain, upwards
from moderation.mailboxes import mailbox
from moderation.targets import (
    WIDEST,
    Kind,
    NotSanctionable,
    Target,
    email_key,
    kinds_in,
    target_in,
    target_of,
)
from moderation.text import links, website

if TYPE_CHECKING:
    from comments.models import Comment

# Domains of links that are offered, and those that sanctions are looked for of.
MOST_DOMAINS, MOST_HOSTS = 5, 20
# What a provider gives to one customer or to a few: the last octet of IPv4; of IPv6 a /48 (RFC 6177).
RANGE = {4: 24, 6: 48}


@dataclass(frozen=True, slots=True)
class Offer:
    """A target that a comment gives. `key` names it in a form and tells nothing that is masked."""

    key: str
    target: Target


def offers_in(comment: Comment) -> list[Offer]:
    """All targets that a comment gives: its author's, and the domains that it links to."""
    return list(_offers(comment))


def _offers(comment: Comment) -> Iterator[Offer]:
    for kind in kinds_in(comment):
        if (offer := _offer(comment, kind)) is not None:
            yield offer
        if kind is Kind.ADDRESS:
            ip = str(comment.ip)
            yield Offer("range", target_of(kind, f"{ip}/{RANGE[ip_address(ip).version]}", comment.site_id))
    found = 0
    for domain in dict.fromkeys(linked_domain(host) for host in _hosts(comment)):
        try:
            target = target_of(Kind.DOMAIN, domain, comment.site_id)
        except NotSanctionable:
            continue
        yield Offer(f"{Kind.DOMAIN}:{target.match}", target)
        found += 1
        if found == MOST_DOMAINS:
            return


def _offer(comment: Comment, kind: Kind) -> Offer | None:
    try:
        return Offer(kind.value, target_in(comment, kind))
    except NotSanctionable:
        return None


def _hosts(comment: Comment) -> list[str]:
    found = [link.host for link in (*website(comment.author_url), *links(comment.body))]
    return list(dict.fromkeys(found))[:MOST_HOSTS]


def against(comment: Comment) -> Q:
    """The sanctions whose target a comment gives, lifted and over ones, too; near addresses not.

    By the index `sanction_by_target`: the ranges that an address lies in are some thirty texts.
    """
    matches: dict[Kind, list[str]] = {
        offer.target.kind: [offer.target.match]
        for kind in kinds_in(comment)
        if (offer := _offer(comment, kind)) is not None
    }
    if comment.ip:
        matches[Kind.ADDRESS] = list(_networks(str(comment.ip)))
    hosts = [canonical(host) for host in _hosts(comment)]
    if all(mailbox(comment.author_email)):
        hosts.append(canonical(comment.author_email.rstrip().rpartition("@")[2]))
        matches[Kind.EMAIL] = [email_key(comment.author_email)]
    if domains := [domain for host in hosts for domain in upwards(host)]:
        matches[Kind.DOMAIN] = list(dict.fromkeys(domains))
    found = Q(pk__in=())
    for kind, values in matches.items():
        found |= Q(kind=kind, match__in=values)
    return found


def _networks(ip: str) -> Iterator[str]:
    """Every range that holds an address and may be under a sanction, as it is kept."""
    address = ip_address(ip)
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    for bits in range(WIDEST[address.version], address.max_prefixlen + 1):
        yield str(ip_network((str(address), bits), strict=False))
