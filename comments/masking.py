"""Addresses as shown to those who may not see personal data."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

DOTS = "•••"
# In a raw row of whatever form: addresses with an @, IPv4, IPv6 of three groups at least, and what browsers
# say of themselves, up to the end of its cell.
_WITHIN = re.compile(
    r"(?P<email>[\w.+%-]+@[\w.-]+)|(?P<ip>\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}"
    r"[0-9A-Fa-f]{1,4}(?![\w:]))|(?P<agent>\b(?:Mozilla|Opera)/[^\"\t\r\n]*)"
)


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


def mask_within(text: str) -> str:
    """A raw row with e-mail and network addresses and user agents masked, wherever they stand.

    Times of day (12:30:05) read as no address: a group of theirs is decimal and of two digits.
    """
    return _WITHIN.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    if found["email"]:
        return mask_email(found["email"])
    if found["ip"] and ":" in found["ip"] and re.fullmatch(r"\d\d?(?::\d\d){2}", found["ip"]):
        return found["ip"]
    try:
        return mask_address(found["ip"]) if found["ip"] else DOTS
    except ValueError:
        return found["ip"]
