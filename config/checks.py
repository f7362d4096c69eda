"""What a serving process cannot do without: asked when it starts, and by `manage.py check --deploy`."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ImproperlyConfigured

from config.env import ConfigurationError

# An HMAC-SHA-256 key or a signing key below this can be guessed.
SHORTEST_SECRET = 32
LOCAL = "`manage.py up` sets it for the local stack."


def missing() -> list[CheckMessage]:
    """An error for each setting without which nothing can be served safely."""
    values = {
        "SECRET_KEY": _secret_key(),
        "AUTHOR_KEY_SECRET": settings.AUTHOR_KEY_SECRET,
        "DATABASE_URL": settings.DATABASES["default"]["ENGINE"] != "config.absent_database",
        "REDIS_URL": settings.REDIS_URL,
    }
    return [
        Error(f"{name} is not set.", hint=f"Set {name} or {name}_FILE. {LOCAL}", id=f"sekisho.E00{number}")
        for number, (name, value) in enumerate(values.items(), start=1)
        if not value
    ]


def _secret_key() -> str:
    try:
        return settings.SECRET_KEY
    except ImproperlyConfigured:  # so Django answers for an empty one
        return ""


def weak() -> list[CheckMessage]:
    """A warning for what works and should not be put before the public."""
    found: list[CheckMessage] = []
    if settings.AUTHOR_KEY_SECRET and len(settings.AUTHOR_KEY_SECRET) < SHORTEST_SECRET:
        hint = 'Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
        found.append(
            CheckWarning(
                f"AUTHOR_KEY_SECRET has less than {SHORTEST_SECRET} characters.", hint=hint, id="sekisho.W001"
            )
        )
    return found


@register(Tags.security, deploy=True)
def deployment(**_: Any) -> Iterable[CheckMessage]:
    return [*missing(), *weak()]


def require_serving() -> None:
    """Refuse to serve without what `missing` names; in one sentence, not in the middle of a request."""
    if errors := missing():
        names = ", ".join(str(error.msg).removesuffix(" is not set.") for error in errors)
        raise ConfigurationError(f"Not set: {names}. {LOCAL}")
