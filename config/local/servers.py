"""One PostgreSQL and one Redis: make the folder, start, wait until it answers, stop, kill."""

import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from functools import cache
from pathlib import Path
from typing import ClassVar

import psycopg
import redis
from psycopg import sql

from config.local import binaries
from config.local.process import ServerFailed, end, end_orphans, fate, kill_group, spawn, tail, until

DATABASE = USER = "sekisho"
START_SECONDS = 60
LOG_LIMIT = 5_000_000
NOBODY = 65534
IN_NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
AS_NOBODY = (
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    *("--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--"),
)


class Server(ABC):
    """A server that can be started, stopped, killed and started again on the same folder.

    `sockets` is the private folder of its socket, `log` the file it writes to.
    """

    name: ClassVar[str]
    setting: ClassVar[str]
    end_signal: ClassVar[signal.Signals]

    def __init__(self, sockets: Path, log: Path) -> None:
        self.sockets = sockets
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str: ...

    @abstractmethod
    def command(self) -> list[str | Path]: ...

    @abstractmethod
    def answers(self) -> bool: ...

    @abstractmethod
    def stop(self) -> None: ...

    @property
    def folder(self) -> Path:
        """The current folder of its process, by which it is known again."""
        return self.sockets

    @abstractmethod
    def prepare(self) -> None:
        """Make ready what the process needs, and mend what a killed one left."""

    def start(self) -> None:
        """Start it and return when it answers; raise `ServerFailed` with the end of its log."""
        self.prepare()
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.unlink()
        with self.log.open("ab") as log:
            self.process = spawn(self.command(), log=log, cwd=self.folder, end_signal=self.end_signal)
        if not until(self._settled, START_SECONDS) or not self.alive:
            self.kill()
            raise ServerFailed(f"{self.name} did not start. The end of {self.log}:\n{tail(self.log)}")

    def _settled(self) -> bool:
        return not self.alive or self.answers()

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def fate(self) -> str:
        """How it ended, in words."""
        return fate(self.process.returncode) if self.process else "did not start"

    def kill(self) -> None:
        """SIGKILL, as a power cut would: nothing is flushed or told."""
        if self.process is not None:
            kill_group(self.process)

    def restart(self) -> None:
        self.stop()
        self.start()


@cache
def _as_other_user(uid: int) -> tuple[tuple[str, ...], int]:
    """The words before `postgres`, which refuses to run as root, and whom its files must belong to.

    A user namespace shows root's own process another number and changes
    nothing else. Where the kernel forbids one (containers), the process
    becomes `nobody` and keeps the one right it needs, to pass folders that
    are closed to others.
    """
    if uid != 0:
        return (), uid
    for words, owner in ((IN_NAMESPACE, 0), (AS_NOBODY, NOBODY)):
        try:
            subprocess.run([*words, "true"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return words, owner
    raise ServerFailed(
        "PostgreSQL refuses to run as root, and neither `unshare --user` nor `setpriv` works here. "
        "Run this as an ordinary user, or set DATABASE_URL to a server of your own."
    )


class Postgres(Server):
    """PostgreSQL on the data folder `data`.

    A `durable` one flushes every commit to the disk. A throw-away one does
    not: killing its processes still loses nothing, a power cut would.
    """

    name = "PostgreSQL"
    setting = "DATABASE_URL"
    # At once, without a checkpoint: what is committed is in the log, and the
    # next start reads it. SIGINT can hang while it still recovers.
    end_signal = signal.SIGQUIT

    def __init__(self, data: Path, sockets: Path, log: Path, *, durable: bool) -> None:
        super().__init__(sockets, log)
        self.data = data
        self.durable = durable

    @property
    def url(self) -> str:
        return f"postgres://{USER}@/{DATABASE}?host={self.sockets}"

    @property
    def folder(self) -> Path:
        return self.data

    def command(self) -> list[str | Path]:
        words, _ = _as_other_user(os.geteuid())
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            # Two web workers of four threads, the Celery pool, beat, a shell,
            # and a bench beside them.
            "max_connections": "100",
            "shared_buffers": "256MB",
            "timezone": "UTC",
            "logging_collector": "off",
            # Debian's PostgreSQL compiles queries of which the planner fears the worst, as it does of young
            # tables: a second each, fifty times what they then take (measured).
            "jit": "off",
        }
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [*words, binaries.postgres_folder() / "postgres", "-D", self.data, *options]

    def prepare(self) -> None:
        end_orphans(self.data)
        if not (self.data / "global" / "pg_control").is_file():
            self._initdb()
        made_by, ours = (self.data / "PG_VERSION").read_text().strip(), self._major()
        if made_by != str(ours):
            raise ServerFailed(
                f"{self.data} was made by PostgreSQL {made_by}, and this is {ours}. Take its data over with "
                f"pg_dump of version {made_by}, or move the folder away to start empty."
            )
        _, owner = _as_other_user(os.geteuid())
        if self.data.stat().st_uid != owner:
            for path in (self.data, *self.data.rglob("*")):
                os.chown(path, owner, -1, follow_symlinks=False)
        self._adopt_pid_file(self.data / "postmaster.pid")
        for path in self.sockets.glob(".s.PGSQL.*.lock"):
            self._adopt_pid_file(path)

    def _major(self) -> int:
        return binaries.version(binaries.postgres_folder() / "postgres")

    def _adopt_pid_file(self, path: Path) -> None:
        """Let PostgreSQL see that a pid file is stale although its number is in use again.

        It takes any living process of that number for a server and refuses to
        start; its parent's number (ours) it knows to be no server. The rest of
        the file stays, for by it PostgreSQL finds and frees the shared memory.
        Whether a server of ours still lives was settled before, where /proc
        can tell; elsewhere the file is left to PostgreSQL.
        """
        if not path.exists() or not Path("/proc/self").exists():
            return
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        path.write_text("".join([f"{os.getpid()}\n", *lines[1:]]), encoding="utf-8")

    def _initdb(self) -> None:
        """Make the data folder beside its place and move it there: it is whole or absent."""
        new = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        if self.data.exists() and any(self.data.iterdir()):
            self.data.rename(self.data.with_name(f"{self.data.name}.half-made-{time.time_ns()}"))
        words, owner = _as_other_user(os.geteuid())
        new.mkdir(mode=0o700, parents=True)
        os.chown(new, owner, -1)
        locale = ["--locale=C.UTF-8"]
        if self._major() >= 17:  # the same everywhere, whatever the machine's C library
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command: list[str | Path] = [
            *words,
            binaries.postgres_folder() / "initdb",
            *("-D", str(new), f"--username={USER}"),
            *("--encoding=UTF8", *locale, "--auth-local=trust", "--auth-host=reject"),
            *(() if self.durable else ("--no-sync",)),
        ]
        process = spawn(command, log=subprocess.PIPE, cwd=new, end_signal=signal.SIGKILL)
        said, _ = process.communicate()
        if process.returncode:
            raise ServerFailed(f"initdb could not make {new}:\n{said.decode(errors='replace')}")
        new.rename(self.data)

    def answers(self) -> bool:
        try:
            with psycopg.connect(host=str(self.sockets), user=USER, dbname="postgres", autocommit=True) as db:
                known = db.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                if known is None:
                    db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        if self.process is not None:
            end(self.process, (signal.SIGINT, 20), (signal.SIGQUIT, 10))


class Redis(Server):
    """Redis that keeps nothing: messages, counters and caches may be lost by design."""

    name = "Redis"
    setting = "REDIS_URL"
    end_signal = signal.SIGTERM

    @property
    def socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def prepare(self) -> None:
        self.socket.unlink(missing_ok=True)

    def command(self) -> list[str | Path]:
        return [
            *(binaries.redis_server(), "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--dir", self.sockets, "--daemonize", "no"),
        ]

    def answers(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self.socket)) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def stop(self) -> None:
        if self.process is not None:
            end(self.process, (signal.SIGTERM, 5))
