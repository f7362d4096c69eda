"""Web, worker and beat on the local stack: started together, watched, restarted, stopped together.

One thread does it all: the kernel ends a child with the thread that started
it, and one loop that reads every pipe needs no locks.
"""

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, TextIO

from config.local.process import ServerFailed, fate, kill_group, spawn
from config.local.servers import Server

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
# Who lived this long was well: its next crash is a first one again.
WELL_AFTER = 20.0
TICK = 0.2
STOP_SECONDS = 15.0
READY_SECONDS = 90.0


class NotReady(Exception):
    """What was started does not answer."""


class Log:
    """Lines on a stream behind the name of who says them, coloured on a terminal only."""

    COLOURS = {"sekisho": 1, "web": 36, "worker": 33, "imports": 32, "beat": 35, "migrate": 34}

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self.stream = stream
        self.coloured = stream.isatty() and not os.environ.get("NO_COLOR")

    def say(self, name: str, line: str, *, loud: bool = False) -> None:
        prefix = f"{name:<8}|"
        if self.coloured:
            prefix = f"\033[{self.COLOURS.get(name, 37)}m{prefix}\033[0m"
            line = f"\033[1;31m{line}\033[0m" if loud else line
        try:
            self.stream.write(f"{prefix} {line}\n")
            self.stream.flush()
        except (BrokenPipeError, ValueError):  # the reader has gone; the services have not
            self.stream = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115


class Unit(Protocol):
    """Something that is started and may die: a service or a server."""

    @property
    def name(self) -> str: ...
    @property
    def alive(self) -> bool: ...
    def start(self) -> None: ...
    def fate(self) -> str: ...


class Service:
    """A process of ours whose output goes to the log line by line."""

    def __init__(
        self, name: str, command: Sequence[str | Path], environment: Mapping[str, str], cwd: Path, log: Log
    ) -> None:
        self.name = name
        self.command = command
        self.environment = environment
        self.cwd = cwd
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self.output: IO[bytes] | None = None
        self._rest = b""

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        if self.process is not None:
            kill_group(self.process)  # a pool outlives its crashed master otherwise
        self.process = spawn(
            self.command, log=subprocess.PIPE, cwd=self.cwd, end_signal=signal.SIGTERM, env=self.environment
        )
        self.output = self.process.stdout
        if self.output is not None:
            os.set_blocking(self.output.fileno(), False)

    def fate(self) -> str:
        return fate(self.process.returncode) if self.process else "did not start"

    def drain(self) -> bool:
        """Log what it has written since; False at the end of its output."""
        if self.output is None:
            return False
        try:
            data = os.read(self.output.fileno(), 65_536)
        except BlockingIOError:
            return True
        *lines, self._rest = (self._rest + data).split(b"\n")
        if not data and self._rest:
            lines, self._rest = [self._rest], b""
        for line in lines:
            self.log.say(self.name, line.decode("utf-8", errors="replace").rstrip("\r"))
        return bool(data)


@dataclass(slots=True)
class Watch:
    """The restarts of one unit: after a crash at once, then after pauses that double."""

    unit: Unit
    pause: float = 0.0
    due: float | None = None
    started: float = 0.0

    def start(self) -> None:
        self.started = time.monotonic()
        self.due = None
        self.unit.start()

    def crashed(self, now: float) -> float:
        """Note a crash; the seconds to wait before the restart."""
        if now - self.started > WELL_AFTER:
            self.pause = 0.0
        self.pause = min(max(FIRST_PAUSE, self.pause * 2), LONGEST_PAUSE)
        self.due = now + self.pause
        return self.pause


class Supervisor:
    """Watches `servers` (already started) and `services` until a signal or the end of a command."""

    def __init__(self, servers: Sequence[Server], services: Sequence[Service], log: Log) -> None:
        now = time.monotonic()
        self.services = services
        self.watches = [Watch(server, started=now) for server in servers] + [Watch(unit) for unit in services]
        self.log = log
        self.signal: int | None = None
        self._selector = selectors.DefaultSelector()
        self._wake, self._waker = socket.socketpair()

    # --- signals ----------------------------------------------------------

    def listen(self) -> None:
        """From now on SIGINT, SIGTERM and SIGHUP are noted; the loop stops everything."""
        for end in (self._wake, self._waker):
            end.setblocking(False)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        self._selector.register(self._wake, selectors.EVENT_READ)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: object) -> None:
        self.signal = number

    # --- the loop ---------------------------------------------------------

    def start(self) -> None:
        for watch in self.watches:
            if isinstance(watch.unit, Service):
                self._start(watch)

    def run_until(self, done: Callable[[], bool]) -> None:
        """Serve until `done()` says so or a signal has come."""
        while self.signal is None and not done():
            self.tick()

    def wait_for(self, name: str, ready: Callable[[], bool], seconds: float) -> None:
        """Serve until `ready()`; raise `NotReady` when it takes longer than `seconds`."""
        deadline = time.monotonic() + seconds

        def done() -> bool:
            if time.monotonic() > deadline:
                raise NotReady(f"{name} does not answer after {seconds:g} s. What it said stands above.")
            return ready()

        self.run_until(done)

    def tick(self, seconds: float = TICK) -> None:
        self._read(seconds)
        now = time.monotonic()
        for watch in self.watches:
            if watch.due is not None:
                if now >= watch.due:
                    self._start(watch)
            elif not watch.unit.alive:
                self._say_crash(watch, watch.unit.fate(), now)

    def _start(self, watch: Watch) -> None:
        unit = watch.unit
        if isinstance(unit, Service):
            self._forget(unit)
        try:
            watch.start()
        except (ServerFailed, OSError) as error:
            self._say_crash(watch, f"did not start: {error}", time.monotonic())
            return
        if isinstance(unit, Service) and unit.output is not None:
            self._selector.register(unit.output, selectors.EVENT_READ, unit)
        if watch.pause:
            self.log.say("sekisho", f"{unit.name} runs again.")

    def _say_crash(self, watch: Watch, what: str, now: float) -> None:
        unit = watch.unit
        if isinstance(unit, Service):
            self._drain_all(unit)
        pause = watch.crashed(now)
        self.log.say("sekisho", f"!!! {unit.name} {what}. It is started again in {pause:g} s.", loud=True)
        if isinstance(unit, Server):
            self.log.say("sekisho", f"    its log: {unit.log}")

    def _read(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if isinstance(key.data, Service):
                if not key.data.drain():
                    self._forget(key.data)
            else:
                self._wake.recv(4096)

    def _drain_all(self, service: Service) -> None:
        """What a dead process wrote last, up to what its pipe holds."""
        for _ in range(64):
            if not service.drain():
                break

    def _forget(self, service: Service) -> None:
        if service.output is not None:
            if service.output.fileno() in self._selector.get_map():
                self._selector.unregister(service.output)
            service.output.close()
            service.output = None

    # --- the end ----------------------------------------------------------

    def stop(self) -> None:
        """End every service: asked first, killed after `STOP_SECONDS` or at a second signal."""
        self.signal = None
        living = [service for service in self.services if service.alive]
        for service in living:
            if service.process is not None:
                service.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while any(service.alive for service in living):
            if self.signal is not None or time.monotonic() > deadline:
                names = ", ".join(service.name for service in living if service.alive)
                self.log.say("sekisho", f"{names} did not stop in time and is killed.", loud=True)
                break
            self._read(0.05)
        for service in self.services:
            if service.process is not None:
                kill_group(service.process)
                self._drain_all(service)
            self._forget(service)
        signal.set_wakeup_fd(-1)
        self._selector.close()
        self._wake.close()
        self._waker.close()
