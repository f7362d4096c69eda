"""Which kills there are, and how each is done and mended."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.chaos import points
from bench.chaos.clients import Clients
from bench.chaos.importing import NAME as IMPORTER
from bench.chaos.importing import Importer
from bench.stand import Stand, say
from config.local.process import until

# Those that a short plan must have come first.
POINTS = (
    "worker: claimed",
    "web: committed",
    "import: in a chunk",
    "worker: written",
    "web: stored",
    "web: flag set",
    "web: rung",
    "worker: bell answered",
    "worker: facts gathered",
    "worker: judged",
    "worker: committed",
    "worker: ringing on",
    "import: counted",
    "import: between chunks",
    "import: linking",
    "import: announcing",
)
SERVICES = ("web", "worker", "beat")
WHOLE = ("everything", "Redis", "PostgreSQL", "worker", "web", "beat")
# A point that nobody passes in this time is a fault of the script, in seconds.
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Killed:
    """One line of the table. `at` is seconds since the start; what was accepted and waited when it fell."""

    where: str
    at: float
    pid: str
    what: str
    accepted: int
    pending: int


def plan(count: int, rng: random.Random) -> list[str]:
    """So many kills, in a random order; a short plan has the most telling ones, a long one some twice."""
    telling = [place for pair in zip(WHOLE, POINTS, strict=False) for place in pair]
    every = telling + [point for point in POINTS if point not in telling]
    chosen: list[str] = []
    while len(chosen) < count:
        chosen += every[: count - len(chosen)]
    rng.shuffle(chosen)
    return chosen


class Killer:
    """Kills by the plan while the clients submit, and starts again what is gone."""

    def __init__(
        self, standing: Stand, clients: Clients, importer: Importer, folder: Path, rng: random.Random
    ) -> None:
        self.standing, self.clients, self.importer = standing, clients, importer
        self.folder, self.rng = folder, rng
        self.started = time.time()

    def kill(self, where: str, slice_: int) -> Killed:
        """Let `slice_` submissions through, kill amid them, mend, wait until half are accepted."""
        released = self.clients.released
        if where in POINTS:
            killed = self._at_point(where, slice_)
        else:
            self.clients.release(slice_)
            self._wait(lambda: self.clients.done >= released + slice_ * self.rng.uniform(0.1, 0.6))
            killed = self._whole(where)
        self.importer.keep_going()
        self._wait(lambda: self.clients.done >= released + slice_ // 2)
        return killed

    def _at_point(self, point: str, slice_: int) -> Killed:
        self.importer.keep_going()
        points.arm(self.folder, point)
        self.clients.release(slice_)
        fall: points.Fall | None = None

        def fell() -> bool:
            nonlocal fall
            self.importer.keep_going()
            fall = fall or points.fallen(self.folder, point)
            return fall is not None

        if not until(fell, PATIENCE) or fall is None:
            raise RuntimeError(f"nobody came by {point!r} in {PATIENCE:g} s.")
        return self._killed(point, str(fall.pid), fall.what, fall.at)

    def _whole(self, where: str) -> Killed:
        names = {"everything": (*SERVICES, IMPORTER), "Redis": (), "PostgreSQL": ()}.get(where, (where,))
        servers = [server for server in self.standing.stack.servers if where in {"everything", server.name}]
        what = f"{self.clients.tally.in_flight} submissions under way"
        killed = self._killed(where, "", what, time.time())
        pids = [self.standing.kill(name) for name in names if name in self.standing.processes]
        for server in servers:
            if server.process is not None:
                pids.append(server.process.pid)
            server.kill()
        time.sleep(self.rng.uniform(0.1, 1.0))
        for server in servers:
            server.start()
        self.standing.start(*(name for name in names if name in SERVICES))
        if "web" in names:
            self.standing.wait_for_web()
        return Killed(where, killed.at, " ".join(map(str, pids)), what, killed.accepted, killed.pending)

    def _killed(self, where: str, pid: str, what: str, at: float) -> Killed:
        with self.standing.database() as db:
            (pending,) = db.execute("SELECT count(*) FROM moderation_pending").fetchone() or (0,)
        return Killed(where, at - self.started, pid, what, self.clients.done, pending)

    def _wait(self, done: Callable[[], bool]) -> None:
        if not until(done, PATIENCE):
            say(f"waited {PATIENCE:g} s in vain: {self.clients.done} of {self.clients.released} accepted")
