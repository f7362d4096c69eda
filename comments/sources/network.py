"""Where a fetch may connect to: the public internet, and what the operator has allowed.

Whoever may edit a source could otherwise have our machine ask others inside
the operator's network. What counts is the address at the moment of
connecting, whatever name led there and however often it was resolved.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from comments.sources.faults import Fault, NotTried

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Translators between the families put the whole IPv4 address into the last 32 bits (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
CONNECT_SECONDS = 10


def is_public(address: IPAddress) -> bool:
    """Whether it belongs to the public internet, and so does every IPv4 address within it."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        plain = address.ipv4_mapped is None and address not in _NAT64
        if plain and (address.is_site_local or not _is_global(address)):
            return False
        return all(_is_global(one) for one in inner if one is not None)
    return _is_global(address)


def _is_global(address: IPAddress) -> bool:
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    )


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an operator allows beside the public internet: networks, and names of hosts."""

    networks: tuple[Network, ...] = ()
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, entries: Sequence[str]) -> Allowed:
        """From `10.1.0.0/16`, `127.0.0.1`, `archive.internal`."""
        networks, names = [], set()
        for entry in entries:
            try:
                networks.append(ipaddress.ip_network(entry.strip("[]"), strict=False))
            except ValueError:
                names.add(entry.lower().rstrip("."))
        return cls(tuple(networks), frozenset(names))

    def names_host(self, host: str) -> bool:
        """Whether the host itself is allowed, as a name or as an address written out."""
        try:
            return self.has(ipaddress.ip_address(host))
        except ValueError:
            return host.lower().rstrip(".") in self.names

    def has(self, address: IPAddress) -> bool:
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in network for network in self.networks)


@dataclass(slots=True)
class Guard:
    """Makes the sockets of one fetch from one host, to permitted addresses alone.

    `refused` is the last address that it did not connect to.
    """

    host: str
    allowed: Allowed = field(default_factory=lambda: Allowed.of(settings.IMPORT_ALLOWED_HOSTS))
    refused: str = ""

    def permits(self, address: str) -> bool:
        """Whether the host may be reached at this numeric address."""
        if self.allowed.names_host(self.host):
            return True
        try:
            number = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return is_public(number) or self.allowed.has(number)

    def make_socket(self, found: tuple[Any, ...]) -> socket.socket:
        """An unconnected socket for a result of `getaddrinfo`. Raises `OSError` where it may not connect."""
        family, kind, protocol, _name, where = found
        if not self.permits(where[0]):
            self.refused = str(where[0])
            raise PermissionError(f"{where[0]} is not permitted")
        return socket.socket(family, kind, protocol)

    def connect(self, port: int) -> socket.socket:
        """A connected socket. Raises `Fault`."""
        try:
            found = socket.getaddrinfo(self.host, port, type=socket.SOCK_STREAM)
        except OSError:
            raise unknown_host(self.host) from None
        for one in found:
            try:
                made = self.make_socket(one)
            except PermissionError:
                continue
            try:
                made.settimeout(CONNECT_SECONDS)
                made.connect(one[4])
            except OSError:
                made.close()
                continue
            return made
        self.complain()
        raise no_answer(self.host)

    def complain(self) -> None:
        """Raise `NotTried` if an address was refused."""
        if self.refused:
            raise NotTried(
                _(
                    "%(host)s leads to %(address)s, which is not on the public internet. If it is meant, "
                    "whoever runs Sekisho must add it to IMPORT_ALLOWED_HOSTS."
                ),
                host=self.host,
                address=self.refused,
            )


def unknown_host(host: str) -> Fault:
    return Fault(_("There is no host called %(host)s. Check the address for a slip."), host=host)


def no_answer(host: str) -> Fault:
    return Fault(_("%(host)s does not answer."), host=host)
