"""Typed readers of the environment, each of which fails loudly.

Every setting `NAME` may also be given as `NAME_FILE`, the path of a file that
holds the value: that is how container secrets arrive.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, parse_qsl, quote, unquote, urlsplit

# What stands in for names that the environment does not hold. Settings put
# the addresses of a running local stack here.
fallback: dict[str, str] = {}


class ConfigurationError(Exception):
    """A setting in the environment is missing or cannot be read; the text says how to mend it."""


def given(name: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment holds `name`, itself or by a file."""
    return bool(environment.get(name) or environment.get(f"{name}_FILE"))


def text(name: str, default: str = "") -> str:
    """The value of `name`, of the file at `{name}_FILE`, or `default`."""
    if path := os.environ.get(f"{name}_FILE"):
        if os.environ.get(name):
            raise ConfigurationError(f"{name} and {name}_FILE are both set: keep one of them.")
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{name}_FILE={path!r} cannot be read: {error}.") from None
    return os.environ.get(name) or fallback.get(name) or default


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


def beginning(prefix: str) -> dict[str, str]:
    """Every variable whose name begins with `prefix`, itself or by a file."""
    names = {name.removesuffix("_FILE") for name in os.environ if name.startswith(prefix)}
    return {name: text(name) for name in sorted(names)}


def database(name: str = "DATABASE_URL") -> dict[str, object]:
    """`postgres://user:password@host:port/name?option=value` as Django's settings.

    The host may also be a folder that holds a socket, percent-encoded or as
    `?host=/run/postgresql`. Without a URL the settings still load, so that
    commands that need no database run in an empty environment; the first
    query then says what is missing.
    """
    url = text(name)
    if not url:
        return {"ENGINE": "config.absent_database", "NAME": "sekisho"}
    parts, port = _split(name, url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ConfigurationError(f"{name} must begin with postgres://; no other database will do.")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")) or "sekisho",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or "") or text("DATABASE_PASSWORD"),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(port or "")),
        "OPTIONS": options,
    }


def redis_url(name: str = "REDIS_URL") -> str:
    """`redis://[:password@]host:port/number`, `rediss://…` or `unix:///path?db=number`, else ""."""
    url = text(name)
    if url:
        parts, _ = _split(name, url)
        if parts.scheme not in {"redis", "rediss", "unix"}:
            raise ConfigurationError(f"{name} must begin with redis://, rediss:// or unix://.")
    return url


def broker_url(url: str) -> str:
    """Celery's spelling of a Redis URL: a socket is `redis+socket://` there, its number `virtual_host`."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    query = parse_qs(parts.query)
    login = parts.netloc
    if not login and "password" in query:
        login = f":{quote(query['password'][0], safe='')}@"
    number = query.get("db", ["0"])[0]
    return f"redis+socket://{login}{parts.path}?virtual_host={number}"


def _split(name: str, url: str) -> tuple[SplitResult, int | None]:
    """The parts of a URL and its port. The message does not repeat the URL: it holds a password."""
    mend = "percent-encode what is special in its user name or password (# is %23, / is %2F, @ is %40)"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigurationError(f"{name} cannot be read as a URL: {mend}.") from None
    if parts.fragment:
        raise ConfigurationError(f"{name} has a part behind #: {mend}.")
    return parts, port
