"""Named points at which a process kills itself, once each time that the point is armed.

Nothing of this is in the product: `bench.chaos.web`, `worker` and `importer`
start the real programs and wrap the functions at whose borders the points
lie. A point is armed by a file of its name in the folder FAILPOINTS; whoever
comes by first takes the file and dies.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = "FAILPOINTS"

# Says what is in flight, of a call's arguments or of its result; empty: this call does not count.
Describe = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Fall:
    """A process that died at a point. `at` is seconds since the epoch."""

    pid: int
    at: float
    what: str


def arm(folder: Path, name: str) -> None:
    (folder / name).touch()


def disarm(folder: Path, name: str) -> bool:
    """Take the file back; False if somebody was faster."""
    try:
        (folder / name).unlink()
    except FileNotFoundError:
        return False
    return True


def fallen(folder: Path, name: str) -> Fall | None:
    """Who died at the point since it was armed; asked once."""
    path = folder / f"{name}.fell"
    try:
        fall = Fall(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    path.unlink()
    return fall


def reached(name: str, what: str) -> None:
    """Die here if the point is armed. SIGKILL: no `finally` runs, nothing is flushed."""
    folder = Path(os.environ[FOLDER])
    taken = folder / f"{name}.taken-{os.getpid()}"
    try:
        (folder / name).rename(taken)
    except FileNotFoundError:
        return
    taken.write_text(json.dumps({"pid": os.getpid(), "at": time.time(), "what": what}), encoding="utf-8")
    taken.rename(folder / f"{name}.fell")
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, function: str, point: str, describe: Describe) -> None:
    """Let a point lie before each call of `owner.function`; `describe` gets its arguments."""
    wrapped = getattr(owner, function)

    @functools.wraps(wrapped)
    def call(*args: Any, **options: Any) -> Any:
        if what := describe(*args, **options):
            reached(point, what)
        return wrapped(*args, **options)

    setattr(owner, function, call)


def after(owner: Any, function: str, point: str, describe: Describe) -> None:
    """Let a point lie after each call of `owner.function`; `describe` gets its result."""
    wrapped = getattr(owner, function)

    @functools.wraps(wrapped)
    def call(*args: Any, **options: Any) -> Any:
        result = wrapped(*args, **options)
        if what := describe(result):
            reached(point, what)
        return result

    setattr(owner, function, call)
