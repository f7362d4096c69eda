"""Statements are prepared on a connection of our own, and work through a pooler."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper

from config.local.process import end, tail, until
from config.local.servers import IN_NAMESPACE

PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%asked often%%'"
OFTEN = "SELECT %s::int + 1 -- asked often"


def ask_often(wrapper: Any) -> int:
    """Ask the same a dozen times; how many statements the session has prepared of it."""
    with wrapper.cursor() as cursor:
        for number in range(12):
            cursor.execute(OFTEN, [number])
            assert cursor.fetchone() == (number + 1,)
        cursor.execute(PREPARED)
        (prepared,) = cursor.fetchone()
    return int(prepared)


@pytest.fixture
def alike(db: None) -> dict[str, Any]:
    """The settings of the tests' database, for connections of one's own."""
    return connection.settings_dict.copy()


@contextmanager
def opened(settings: dict[str, Any]) -> Iterator[DatabaseWrapper]:
    wrapper = DatabaseWrapper(settings, alias=connection.alias)
    try:
        yield wrapper
    finally:
        wrapper.close()


def test_what_is_asked_often_is_prepared(alike: dict[str, Any]) -> None:
    with opened(alike) as wrapper:
        assert ask_often(wrapper) == 1


@pytest.mark.stack
@pytest.mark.skipif(not shutil.which("pgbouncer"), reason="pgbouncer is not installed")
def test_behind_a_pooler_nothing_is_prepared(alike: dict[str, Any], tmp_path: Path) -> None:
    with pooler(alike, tmp_path) as folder, opened({**alike, "HOST": folder, "PORT": "6432"}) as one:
        assert ask_often(one) == 0
        # The second client gets the session that the first had.
        with opened({**alike, "HOST": folder, "PORT": "6432"}) as other:
            assert ask_often(other) == 0


@contextmanager
def pooler(settings: dict[str, Any], folder: Path) -> Iterator[str]:
    """PgBouncer with one server connection, pooled by transaction; the folder of its socket."""
    sockets = Path(tempfile.mkdtemp(prefix="pgb-"))  # a socket's path may not be long
    user = settings["USER"] or pwd.getpwuid(os.getuid()).pw_name
    server = f"host={settings['HOST']} dbname={settings['NAME']} user={user}"
    server += f" port={settings['PORT']}" if settings["PORT"] else ""
    server += f" password={settings['PASSWORD']}" if settings["PASSWORD"] else ""
    configuration = sockets / "pgbouncer.ini"
    configuration.write_text(
        f"[databases]\n{settings['NAME']} = {server}\n"
        f"[pgbouncer]\nunix_socket_dir = {sockets}\nlisten_port = 6432\nauth_type = any\n"
        "pool_mode = transaction\ndefault_pool_size = 1\n"
    )
    as_user = IN_NAMESPACE if os.getuid() == 0 else ()  # PgBouncer refuses to be root
    log = folder / "pgbouncer.log"
    with log.open("ab") as stderr:
        process = subprocess.Popen([*as_user, "pgbouncer", str(configuration)], stderr=stderr)
    try:
        if not until((sockets / ".s.PGSQL.6432").exists, 10):
            raise RuntimeError(f"PgBouncer does not start:\n{tail(log)}")
        yield str(sockets)
    finally:
        end(process, (signal.SIGTERM, 5))
        shutil.rmtree(sockets)
