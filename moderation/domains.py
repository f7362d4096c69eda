"""Hosts, and the registrable domains they belong to. Pure.

A registrable domain is a public suffix and one label more: `example.co.jp` of
`blog.example.co.jp`, `someone.github.io` of itself. The suffixes are those of
the Public Suffix List, in the release that comes with the library.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList

# `https://user@www.example.jp:443/path` as people paste it into a list of domains.
_AROUND = re.compile(r"^(?:[a-z][a-z0-9+.\-]*:)?(?://)?(?:[^/@]*@)?|(?::\d*)?(?:[/?#].*)?$")
# RFC 1035, section 2.3.4, without the root's dot.
_LONGEST = 253
_HOST = re.compile(r"[\w\-]+(?:\.[\w\-]+)+")
# A number as browsers read it in a host (WHATWG URL, "IPv4 parser"): octal, hexadecimal or decimal.
_NUMBER = re.compile(r"0x[0-9a-f]*|\d+")


@cache
def _suffixes() -> PublicSuffixList:
    # 50 ms and 2 MB, so only where somebody asks. A last label that is on no list is no suffix.
    return PublicSuffixList(accept_unknown=False)


@cache
def _internet_suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def canonical(host: str) -> str:
    """A host in one spelling: small letters, half width, Unicode instead of `xn--`, no dot at the end.

    The ideographic full stop is a dot, as it is to browsers (UTS #46). "" for
    what is longer than a name can be, which leads nowhere.
    """
    return _canonical(host) if len(host) <= _LONGEST else ""


@lru_cache(maxsize=4096)
def _canonical(host: str) -> str:
    host = unicodedata.normalize("NFKC", host).casefold().replace("。", ".").strip(".")
    if "xn--" not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


@lru_cache(maxsize=4096)
def registrable(host: str) -> str:
    """The registrable domain of a canonical host; "" for an address, a suffix, an unknown last label."""
    return _suffixes().privatesuffix(host) or ""


def linked_domain(host: str) -> str:
    """Whose a link's host is: its registrable domain, else the host itself; "" for what leads nowhere."""
    host = canonical(host)
    return registrable(host) or host


def is_suffix(host: str) -> bool:
    """Whether anybody may register a name right under `host`: `jp`, `co.jp`, but not `github.io`."""
    return _internet_suffixes().publicsuffix(host) == host


def has_suffix(host: str) -> bool:
    """Whether `host` ends with a suffix that there is, and is more than that."""
    return bool(registrable(canonical(host)))


def is_address(host: str) -> bool:
    """Whether a browser takes the host for an address: `192.0.2.7`, `3221225991`, `0xc0.0.2.7`, `[::1]`."""
    if host.startswith("["):
        return True
    parts = host.split(".")
    return len(parts) <= 4 and all(_NUMBER.fullmatch(part) for part in parts)


def leads_somewhere(host: str) -> bool:
    """Whether a browser would get anywhere: `host` is an address, or ends with a suffix that there is."""
    return has_suffix(host) or is_address(canonical(host))


def upwards(host: str) -> Iterator[str]:
    """The host and every domain that it lies in: `a.b.jp`, `b.jp`, `jp`."""
    yield host
    while "." in host:
        host = host.partition(".")[2]
        yield host


def listed(entries: Iterable[str]) -> frozenset[str]:
    """The domains of a list that a person keeps, canonical: a URL counts as its host, `www.` for nothing.

    Raises ValueError for an entry that is no domain, and for a suffix, which
    would list a whole country.
    """
    return frozenset(map(_entry, filter(None, map(str.strip, entries))))


def _entry(entry: str) -> str:
    host = canonical(_AROUND.sub("", entry.casefold())).removeprefix("*.").removeprefix("www.")
    if is_suffix(host):
        raise ValueError(f"{entry:.80} is a suffix under which anybody may have a domain; list the domains.")
    if not _HOST.fullmatch(host):
        raise ValueError(f"{entry:.80} is no domain; write it like example.co.jp.")
    return host
