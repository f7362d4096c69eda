"""Addresses as shown to those who may not see personal data."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

DOTS = "•••"


def may_see_personal_data(user: User | AnonymousUser) -> bool:
    """Whether e-mail and network addresses are shown to `user` in full."""
    return user.has_perm("comments.view_personal_data")


def mask_email(email: str) -> str:
    """The first letter and the last label of the domain: enough to tell two apart in talk."""
    if not email:
        return ""
    local, _, domain = email.rpartition("@")
    _, dot, top = domain.rpartition(".")
    return f"{(local or domain)[:1]}{DOTS}" + (f"@{DOTS}{dot}{top}" if local and dot else "")


def mask_address(address: str | None) -> str:
    """The network's beginning: two octets of IPv4, two groups of IPv6."""
    if not address:
        return ""
    ip = ip_address(address)
    if ip.version == 4:
        return ".".join([*str(ip).split(".")[:2], "•", "•"])
    return ":".join([*ip.exploded.split(":")[:2], DOTS])
