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
    floor: str


# One indexed query a request and no cache, so that a revoked key is refused at once.
_ACCESS = """
SELECT k.id, s.id, s.language, s.floor
FROM comments_sitekey k JOIN comments_site s ON s.id = k.site_id
WHERE k.digest = %s AND k.revoked_at IS NULL
"""


class SiteKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer sk_…`. `request.auth` is the `Access`, and there is no user."""

    def authenticate(self, request: Request) -> tuple[None, Access] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer":
            raise AuthenticationFailed
        rows = bulk.fetch(_ACCESS, [SiteKey.digest_of(secret.strip())])
        if not rows:
            raise AuthenticationFailed
        return None, Access(*rows[0])

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return 'Bearer realm="sekisho"'


class HasSiteKey(BasePermission):
    """Lets in requests with a valid site key alone."""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        return isinstance(request.auth, Access)
