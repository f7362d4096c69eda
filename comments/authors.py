"""The key of an author's history."""

import hashlib
import hmac
import unicodedata
from functools import cache
from uuid import UUID

from django.conf import settings


def author_key(site_id: int, author_id: str, email: str) -> UUID | None:
    """16 bytes that stand for one author at one site, or None for nobody.

    The publisher's own opaque id comes first; else the e-mail, folded, under
    an HMAC so that the key tells nothing about the address. The kind and the
    site are part of the message: keys of two sites can not be joined.
    """
    if author_id:
        message = f"id\0{site_id}\0{author_id}"
    elif email.strip():
        message = f"email\0{site_id}\0{unicodedata.normalize('NFKC', email.strip()).casefold()}"
    else:
        return None
    return keyed(message)


def keyed(message: str) -> UUID:
    """16 bytes that stand for a message and tell nothing about it to who has not the secret."""
    return UUID(bytes=hmac.digest(_secret(), message.encode(), hashlib.sha256)[:16])


@cache
def _secret() -> bytes:
    """The setting, looked up once: a look takes Django longer than the HMAC itself."""
    return (settings.AUTHOR_KEY_SECRET or settings.SECRET_KEY).encode()
