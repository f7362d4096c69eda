"""Which addresses lead to one mailbox, and which look like another's. Pure."""

import unicodedata
from functools import lru_cache

from moderation.domains import canonical

# One service under two names, in whose addresses dots mean nothing: support.google.com/mail/answer/7436150.
_GMAIL = frozenset({"gmail.com", "googlemail.com"})


def normal(email: str) -> str:
    """An address in the spelling of `comments.authors`: half width, small letters, no blanks around it."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


@lru_cache(maxsize=4_096)
def mailbox(email: str) -> tuple[str, str]:
    """The local part and the domain that the mail really goes to; ("", "") for what is no address.

    What follows a `+` is a tag at all the large services (RFC 5233 calls it
    the detail), and Gmail does not see dots.
    """
    local, at, domain = normal(email).rpartition("@")
    local, domain = local.partition("+")[0] or local, canonical(domain)
    if not at or not local or not domain:
        return "", ""
    if domain in _GMAIL:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return local, domain


def shortened(local: str) -> frozenset[str]:
    """A local part, and what is left of it without any one of its characters.

    Two local parts that share one of these are within one slip of a finger of
    each other: a letter more, less or other, two that changed places, or one
    that went elsewhere. That is found by comparing keys, so that nobody has
    to keep the address (W. Garbe's symmetric deletion, as in SymSpell).
    """
    return frozenset({local, *(local[:at] + local[at + 1 :] for at in range(len(local)))}) - {""}
