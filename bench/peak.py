"""A command's time and the most memory that it held.

    python -m bench.peak COMMAND…

The system counts in a process's peak what its parent held when it was
started. So commands are started from here, a process that holds nothing.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Peak:
    """Wall seconds, the peak in MiB, exit status and standard output."""

    seconds: float
    mebibytes: float
    status: int
    output: str


def run(*command: str, environment: Mapping[str, str] | None = None, expected: Sequence[int] = (0,)) -> Peak:
    """Run a command from the project's top. Raises `RuntimeError` for an unexpected exit status."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.peak", *command],
        stdout=subprocess.PIPE,
        cwd=TOP,
        env=environment,
        check=True,
    )
    peak = Peak(**json.loads(done.stdout))
    if peak.status not in expected:
        raise RuntimeError(f"{' '.join(command[:4])} … ended with {peak.status}:\n{peak.output[-2000:]}")
    return peak


def main() -> int:
    """The process that starts the command."""
    started = time.perf_counter()
    done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True, check=False)
    seconds = time.perf_counter() - started
    kibibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    shown = {"seconds": seconds, "mebibytes": kibibytes / 1024, "status": done.returncode}
    print(json.dumps({**shown, "output": done.stdout}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
