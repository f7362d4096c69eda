"""Typed readers of the environment, each of which fails loudly.

Every setting `NAME` may also be given as `NAME_FILE`, the path of a file that
holds the value: that is how container secrets arrive.
"""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit


class ConfigurationError(Exception):
    """A setting in the environment is missing or cannot be read."""


def text(name: str, default: str = "") -> str:
    """The value of `name`, of the file at `{name}_FILE`, or `default`."""
    if path := os.environ.get(f"{name}_FILE"):
        if name in os.environ:
            raise ConfigurationError(f"{name} and {name}_FILE are both set: keep one of them.")
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{name}_FILE={path!r} cannot be read: {error}.") from None
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    """A yes or no: 1, true, yes, on / 0, false, no, off."""
    value = text(name).strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ConfigurationError(f"{name}={value!r} is neither yes nor no: write 1 or 0.")


def integer(name: str, default: int, *, least: int = 0) -> int:
    """A whole number of at least `least`."""
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ConfigurationError(f"{name}={value!r} is not a whole number.") from None
    if number < least:
        raise ConfigurationError(f"{name}={number} is too small: the least is {least}.")
    return number


def words(name: str, default: str = "") -> list[str]:
    """A list, separated by commas; blanks around the parts are dropped."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def database(name: str = "DATABASE_URL") -> dict[str, object]:
    """`postgres://user:password@host:port/name?option=value` as Django's settings.

    The host may also be a folder that holds a socket, percent-encoded or as
    `?host=/run/postgresql`. Without a URL the settings still load, so that
    commands that need no database run in an empty environment; the first
    query then says what is missing.
    """
    url = text(name)
    if not url:
        return {"ENGINE": "django.db.backends.postgresql", "NAME": "sekisho"}
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ConfigurationError(f"{name} must begin with postgres://; no other database will do.")
    options = dict(parse_qsl(parts.query))
    try:
        port = parts.port
    except ValueError as error:
        raise ConfigurationError(f"{name}: {error}.") from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "sekisho",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or "") or text("DATABASE_PASSWORD"),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": str(port or ""),
        "OPTIONS": options,
    }
