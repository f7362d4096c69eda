"""PostgreSQL and Redis together, their private folder, and the traces of runs that were killed."""

import fcntl
import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from config.local.process import ServerFailed, end_orphans
from config.local.servers import Postgres, Redis, Server

PREFIX = "sekisho-"
# A socket's path may have 107 bytes; the longest name here, with PostgreSQL's
# socket in the folder of eight random characters, has 34.
LONGEST_TEMPORARY = 107 - 34
STATE = "stack.json"


class Busy(ServerFailed):
    """Another process uses this data folder."""


def lock(path: Path) -> IO[str] | None:
    """Hold `path` until the file is closed or the process ends, however it ends; None if it is held."""
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    file.seek(0)
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def temporary_root() -> Path:
    """Where private folders are made: $TMPDIR, or /tmp when a socket's path would be too long there."""
    root = Path(tempfile.gettempdir()).resolve()
    return root if len(os.fsencode(root)) <= LONGEST_TEMPORARY else Path("/tmp")  # noqa: S108


def private_folder() -> tuple[Path, IO[str]]:
    """A new folder that only we can enter, and the lock that says it is in use.

    It gets its name when it is locked, so that a run that sweeps at the same
    moment never takes it for an abandoned one.
    """
    root = temporary_root()
    new = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=root))
    held = lock(new / "lock")
    if held is None:
        raise ServerFailed(f"{new} was taken by another process.")
    folder = new.rename(root / new.name.removeprefix("."))
    return folder, held


def sweep() -> None:
    """Remove the private folders of our own runs that were killed."""
    for folder in temporary_root().glob(f"{PREFIX}????????"):
        try:
            found = folder.lstat()
            if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
                continue
            held = lock(folder / "lock")
        except OSError:
            continue  # removed by another sweep
        if held is not None:
            with held:
                end_orphans(folder)
                shutil.rmtree(folder, ignore_errors=True)


class Stack:
    """A running PostgreSQL and Redis. Start and restart them from the main thread."""

    def __init__(self, data: Path | None, *, postgres: bool, redis: bool) -> None:
        self.data = data
        self._lock = self._hold(data) if data else None
        sweep()
        self.folder, self._folder_lock = private_folder()
        home = data or self.folder
        self.postgres = Postgres(
            home / "postgres", self.folder, home / "postgres.log", durable=data is not None
        )
        self.redis = Redis(self.folder, home / "redis.log")
        wanted: list[tuple[Server, bool]] = [(self.postgres, postgres), (self.redis, redis)]
        self.servers = [server for server, here in wanted if here]

    @staticmethod
    def _hold(data: Path) -> IO[str]:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Who only asks whether a stack runs here holds the lock for an instant.
        deadline = time.monotonic() + 0.5
        while (held := lock(data / "lock")) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if held is None:
            owner = (data / "lock").read_text(encoding="utf-8").strip()
            raise Busy(
                f"Process {owner} runs a stack on {data}. Stop it, or use a throw-away one (--ephemeral)."
            )
        return held

    @classmethod
    def start(cls, data: Path | None = None, *, postgres: bool = True, redis: bool = True) -> Self:
        """Start the servers on the folder `data`, or on one that `stop` throws away.

        Raises `ServerFailed`, or `NoBinary` where a server is not installed.
        """
        stack = cls(data.resolve() if data else None, postgres=postgres, redis=redis)
        try:
            for server in stack.servers:
                server.start()
        except BaseException:
            stack.stop()
            raise
        return stack

    @property
    def database_url(self) -> str:
        return self.postgres.url

    @property
    def redis_url(self) -> str:
        return self.redis.url

    @property
    def environment(self) -> dict[str, str]:
        """The settings that lead to the servers started here."""
        return {server.setting: server.url for server in self.servers}

    def publish(self, environment: Mapping[str, str]) -> None:
        """Say in the data folder how to reach this stack, for `manage.py` in a second terminal."""
        if self.data:
            path = self.data / STATE
            path.unlink(missing_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(dict(environment), file)

    def stop(self) -> None:
        """Stop both servers and remove the private folder."""
        if self.data:
            (self.data / STATE).unlink(missing_ok=True)
        for server in reversed(self.servers):
            server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._folder_lock.close()
        if self._lock:
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def running(data: Path) -> dict[str, str]:
    """The environment that a stack running on `data` has published; empty when none runs."""
    path = data / STATE
    try:
        if path.stat().st_uid != os.geteuid() or not _held(data / "lock"):
            return {}  # another user's, or what a killed run left
        published = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in published.items()}


def _held(path: Path) -> bool:
    with path.open(encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
