"""The local stack: it starts, survives what is done to it, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from config import local
from config.local import Busy, ServerFailed, Stack, binaries, ports, servers
from config.local import stack as stack_module
from config.local.process import orphans, until

pytestmark = pytest.mark.stack


def rows(stack: Stack) -> list[tuple[int]]:
    with psycopg.connect(stack.database_url) as db:
        return db.execute("SELECT n FROM kept ORDER BY n").fetchall()


def keep(stack: Stack, number: int) -> None:
    with psycopg.connect(stack.database_url) as db:
        db.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        db.execute("INSERT INTO kept VALUES (%s)", [number])


def test_what_is_kept_is_there_again_and_the_private_folder_is_gone(tmp_path: Path) -> None:
    with Stack.start(tmp_path / "data") as stack:
        keep(stack, 1)
        folder = stack.folder
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()
    assert orphans(tmp_path) == []
    with Stack.start(tmp_path / "data") as stack:
        assert rows(stack) == [(1,)]


def test_killed_servers_come_back_with_what_was_committed() -> None:
    with Stack.start() as stack:
        keep(stack, 7)
        with redis.Redis.from_url(stack.redis_url) as client:
            client.set("counter", 1)
        stack.postgres.kill()
        stack.redis.kill()
        assert [server.alive for server in stack.servers] == [False, False]
        for server in stack.servers:
            server.start()
        assert rows(stack) == [(7,)]
        with redis.Redis.from_url(stack.redis_url) as client:
            assert client.dbsize() == 0


def test_a_second_run_on_one_folder_is_refused(tmp_path: Path) -> None:
    with Stack.start(tmp_path, postgres=False), pytest.raises(Busy, match=str(os.getpid())):
        Stack.start(tmp_path, postgres=False)


KILLED = """
import os, signal, sys
from pathlib import Path
from config.local import Stack
stack = Stack.start(Path(sys.argv[1]) if sys.argv[1] else None)
import psycopg
with psycopg.connect(stack.database_url) as db:
    db.execute("CREATE TABLE kept (n int)")
    db.execute("INSERT INTO kept VALUES (5)")
print(stack.folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_run(data: str) -> Path:
    """Start a stack in a process that kills itself; its private folder."""
    done = subprocess.run([sys.executable, "-c", KILLED, data], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return Path(done.stdout.strip())


def test_after_a_killed_run_the_next_one_recovers(tmp_path: Path) -> None:
    folder = killed_run(str(tmp_path / "data"))
    assert folder.exists()
    with Stack.start(tmp_path / "data") as stack:
        assert rows(stack) == [(5,)]
        assert not folder.exists()


def test_a_killed_throw_away_run_is_swept_and_its_servers_end() -> None:
    folder = killed_run("")
    assert until(lambda: not orphans(folder), 10)
    stack_module.sweep()
    assert not folder.exists()


def test_a_stale_pid_file_that_names_a_stranger_harms_nobody(tmp_path: Path) -> None:
    with Stack.start(tmp_path, redis=False) as stack:
        keep(stack, 3)
        stack.postgres.kill()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        pid_file = tmp_path / "postgres" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        with Stack.start(tmp_path, redis=False) as stack:
            assert rows(stack) == [(3,)]
        assert stranger.poll() is None
        stranger.kill()


def test_half_made_folders_are_put_aside(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n")
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("18\n")
    with Stack.start(tmp_path, redis=False) as stack:
        keep(stack, 1)
    assert not (tmp_path / "postgres.new").exists()
    assert [path.name for path in tmp_path.glob("postgres.half-made-*/PG_VERSION")] == ["PG_VERSION"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused by PostgreSQL")
def test_root_without_user_namespaces_runs_it_as_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Stack.start(tmp_path, redis=False) as stack:
        keep(stack, 1)
    monkeypatch.setattr(servers, "IN_NAMESPACE", ("false",))
    servers._as_other_user.cache_clear()
    with Stack.start(tmp_path, redis=False) as stack:
        assert (tmp_path / "postgres").stat().st_uid == servers.NOBODY
        keep(stack, 2)
    monkeypatch.undo()
    servers._as_other_user.cache_clear()
    with Stack.start(tmp_path, redis=False) as stack:
        assert rows(stack) == [(1,), (2,)]


def test_a_folder_of_another_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "global").mkdir(parents=True)
    (tmp_path / "postgres" / "global" / "pg_control").write_bytes(b"")
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServerFailed, match="made by PostgreSQL 9"):
        Stack.start(tmp_path, redis=False)
    assert (tmp_path / "postgres" / "PG_VERSION").read_text() == "9\n"


def test_long_paths_with_blanks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("a folder " * 20)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with Stack.start(deep / "data") as stack:
        keep(stack, 1)
        assert len(str(stack.redis.socket)) < 107


def test_texts_are_compared_alike_on_every_machine() -> None:
    with Stack.start(redis=False) as stack, psycopg.connect(stack.database_url) as db:
        row = db.execute("SELECT lower('ÄＢ'), current_setting('server_encoding'), 'a' < 'B'").fetchone()
    assert row == ("äｂ", "UTF8", False)


def test_what_a_running_stack_says_of_itself(tmp_path: Path) -> None:
    assert local.running(tmp_path) == {}
    with Stack.start(tmp_path, postgres=False) as stack:
        stack.publish({"REDIS_URL": stack.redis_url})
        assert local.running(tmp_path) == {"REDIS_URL": stack.redis_url}
        assert (tmp_path / "stack.json").stat().st_mode & 0o777 == 0o600
        left = (tmp_path / "stack.json").read_bytes()
    assert local.running(tmp_path) == {}
    (tmp_path / "stack.json").write_bytes(left)  # as a killed run leaves it
    assert local.running(tmp_path) == {}


def test_a_machine_without_servers_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("POSTGRES_BIN", raising=False)
    monkeypatch.setattr(binaries, "_wheel", lambda package: None)
    monkeypatch.setattr(binaries, "DEBIAN", tmp_path)
    for find, name in ((binaries.postgres_folder, "DATABASE_URL"), (binaries.redis_server, "REDIS_URL")):
        with pytest.raises(binaries.NoBinary, match=f"make setup.*{name}"):
            find.__wrapped__()


def test_a_port_in_use_is_named_or_avoided() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ports.PortTaken, match=str(port)), ports.reserved_port(port):
            pass


@pytest.mark.parametrize("number", [-1, 65_536])
def test_a_number_that_is_no_port_is_refused(number: int) -> None:
    with pytest.raises(ports.PortTaken, match="no port"), ports.reserved_port(number):
        pass


def test_two_runs_never_share_a_port() -> None:
    with (
        ports.reserved_port(None) as first,
        ports.reserved_port(None) as second,
        ports.reserved_port(0) as third,
    ):
        assert len({first, second, third}) == 3
        with pytest.raises(ports.PortTaken), ports.reserved_port(first):
            pass
    with ports.reserved_port(first) as again:
        assert again == first
