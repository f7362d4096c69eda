"""A service's key by reference: a rule names a variable, the environment has its value.

Each is sent to the hosts alone that the operator lists in a second variable,
`…_HOSTS`: whoever may edit a rule could otherwise have any key sent to a host
of his own.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings

from comments.sources.network import Allowed
from moderation.checks.external import HOSTS, External
from moderation.external.protocols import Unasked


def allowed() -> Allowed:
    """What the operator lets rules reach beside the public internet."""
    return Allowed.of(settings.EXTERNAL_ALLOWED_HOSTS)


def secret_of(check: External) -> str:
    """The key of a rule's service, permitted to be sent to its host. Raises `Unasked`."""
    parts = urlsplit(check.address)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "https" and not allowed().names_host(host):
        raise Unasked("not-https")
    secrets: Mapping[str, str] = settings.EXTERNAL_SECRETS
    secret = secrets.get(check.credential)
    if not secret:
        raise Unasked("no-secret")
    hosts = {each.strip().lower() for each in secrets.get(f"{check.credential}{HOSTS}", "").split(",")}
    if host.lower() not in hosts:
        raise Unasked("not-for-host")
    return secret
