"""Site keys: who speaks to the API, and for which site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission

from comments import bulk
from comments.models import SiteKey

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


@dataclass(frozen=True, slots=True)
class Access:
    """What a site key opens: one site, and nothing of any other."""

    key_id: int
    site_id: int
    language: str


_ACCESS = """
SELECT k.id, s.id, s.language
FROM comments_sitekey k JOIN comments_site s ON s.id = k.site_id
WHERE k.digest = %s AND k.revoked_at IS NULL
"""


class SiteKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer sk_…`. `request.auth` is the `Access`, and there is no user.

    One indexed query a request and no cache: a revoked key is refused at once.
    """

    def authenticate(self, request: Request) -> tuple[None, Access] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer":
            raise AuthenticationFailed
        access = self.find(SiteKey.digest_of(secret.strip()))
        if access is None:
            raise AuthenticationFailed
        return None, access

    def find(self, digest: bytes) -> Access | None:
        """What the key of this digest opens, if it is in force."""
        rows = bulk.fetch(_ACCESS, [digest])
        return Access(*rows[0]) if rows else None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return 'Bearer realm="sekisho"'


# Keys that were in force once. Which site a key opens never changes.
_seen: dict[bytes, Access] = {}


class SeenSiteKeyAuthentication(SiteKeyAuthentication):
    """For a view whose own first query asks whether the key is still in force.

    A key that this process has seen before costs no query here. The view must
    refuse a key that was revoked since: `intake.look_up` does.
    """

    def find(self, digest: bytes) -> Access | None:
        access = _seen.get(digest) or super().find(digest)
        if access:
            _seen[digest] = access
        return access


class HasSiteKey(BasePermission):
    """Lets in requests with a valid site key alone."""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        return isinstance(request.auth, Access)
