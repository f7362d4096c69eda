"""Where a request comes from."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

Address = IPv4Address | IPv6Address


def parse_address(text: str) -> Address | None:
    """The address that `text` is; None for anything else, also for one with a zone (`%eth0`)."""
    if "%" in text:
        return None
    try:
        return ip_address(text.strip())
    except ValueError:
        return None


# Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
_WITH_PORT = re.compile(r"\s*(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)\s*")


def _hop(entry: str) -> Address | None:
    """The address of an entry of X-Forwarded-For."""
    found = _WITH_PORT.fullmatch(entry)
    return parse_address((found[1] or found[2]) if found else entry)


def client_address(meta: Mapping[str, str]) -> Address | None:
    """The address that stands before our own proxies (setting TRUSTED_PROXIES).

    Each proxy appends the address it saw to X-Forwarded-For, so the entry
    that our outermost one wrote is counted from the right; what stands to the
    left of it anybody may have written.
    """
    proxies = settings.TRUSTED_PROXIES
    hops = meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if proxies else []
    if proxies and len(hops) >= proxies and (address := _hop(hops[-proxies])):
        return address
    return parse_address(meta.get("REMOTE_ADDR", ""))


def network(address: Address) -> str:
    """What counts as one client: an IPv4 address, or the /64 of an IPv6 one.

    A subscriber gets at least a /64 (RFC 6177), so single IPv6 addresses cost
    nothing to change.
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(IPv6Network((address, 64), strict=False).network_address)
    return str(address)


def login_address(request: HttpRequest) -> str | None:
    """Whom the lock-out of logins counts (setting AXES_CLIENT_IP_CALLABLE)."""
    address = client_address(request.META)
    return str(address) if address else None
