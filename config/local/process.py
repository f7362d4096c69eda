"""Start and stop child processes so that none outlives its owner."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class ServerFailed(Exception):
    """A server did not start or did not answer; the text holds the end of its log."""


def die_with_parent(with_signal: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn` after which the child gets `with_signal` when its parent ends, however it ends.

    The kernel watches the thread that started the child, so children are
    started from the main thread. Elsewhere than on Linux there is no such
    thing, and the next run finds what a killed one left.
    """
    if not sys.platform.startswith("linux"):
        return None
    parent = os.getpid()

    def preexec() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died between the fork and the line above
            os._exit(1)

    return preexec


def spawn(
    command: Sequence[str | Path],
    *,
    log: IO[bytes] | int,
    cwd: Path,
    end_signal: signal.Signals,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own: a Ctrl-C on the terminal reaches its owner only."""
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        env=env,
        start_new_session=True,
        preexec_fn=die_with_parent(end_signal),  # noqa: PLW1509 - one thread, and two system calls
    )


def end(process: subprocess.Popen[bytes], *steps: tuple[signal.Signals, float]) -> None:
    """Send each signal and wait its seconds; whoever still lives then is killed with its whole group."""
    for number, seconds in steps:
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return
    kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a child and whatever it started; its process group outlives it if they do."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def fate(returncode: int) -> str:
    """How a process ended, in words."""
    if returncode < 0:
        try:
            return f"was killed by {signal.Signals(-returncode).name}"
        except ValueError:
            return f"was killed by signal {-returncode}"
    return f"ended with status {returncode}"


def until(ready: Callable[[], bool], seconds: float, pause: float = 0.02) -> bool:
    """Ask again and again until it is so; False after `seconds`."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


SERVERS = frozenset({"postgres", "redis-server", "valkey-server"})


def orphans(folder: Path) -> list[int]:
    """Servers that work in `folder`: PostgreSQL and Redis both make their folder the current one.

    An id from a file may belong to anybody by now; this asks the kernel. Empty
    where there is no /proc. A zombie has no current folder and is not named.
    """
    home = str(folder.resolve())
    return [pid for pid, cwd in _servers() if cwd == home or cwd.startswith(f"{home}/")]


def _servers() -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "comm").read_text().strip() in SERVERS:
                yield int(entry.name), str((entry / "cwd").readlink())
        except OSError:
            continue  # it has ended, or is another user's


def end_orphans(folder: Path) -> None:
    """End what a killed run left working in `folder`. The caller holds the folder's lock.

    They have been told to end by their parent's death and mostly need a moment
    only; what does not end by itself is told again, then killed.
    """
    if until(lambda: not orphans(folder), 3):
        return
    for number, seconds in ((signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        for pid in orphans(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if until(lambda: not orphans(folder), seconds):
            return
    raise ServerFailed(
        f"Processes {orphans(folder)} still work in {folder} and do not end: end them by hand."
    )


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, for an error message."""
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"
