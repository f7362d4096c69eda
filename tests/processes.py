"""Processes of ours as an operator starts them: `manage.py` in a terminal of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

TOP = Path(__file__).resolve().parents[1]
MANAGE = [sys.executable, str(TOP / "manage.py")]
OURS = {
    *("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "AUTHOR_KEY_SECRET"),
    *("DJANGO_SETTINGS_MODULE", "LOG_FORMAT", "SECURE_SSL_REDIRECT", "DJANGO_ALLOW_ASYNC_UNSAFE"),
}


def fresh_environment(folder: Path) -> dict[str, str]:
    """That of a fresh terminal, with a data folder and a folder for temporary files of its own."""
    (folder / "t").mkdir()
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**kept, "DATA_DIR": str(folder / "data"), "TMPDIR": str(folder / "t")}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` with these arguments, to its end."""
    return subprocess.run([*MANAGE, *arguments], env=environment, capture_output=True, text=True, check=False)


class Up:
    """A running `manage.py up`, whose log is read line by line."""

    def __init__(self, environment: dict[str, str], *options: str) -> None:
        self.process = subprocess.Popen(
            [*MANAGE, "up", "--port", "0", "--workers", "1", *options],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log: list[str] = []

    def read_until(self, part: str) -> str:
        """The first further line of the log that holds `part`."""
        for line in self.stream(self.process.stderr):
            self.log.append(line)
            if part in line:
                return line
        raise AssertionError(f"{part!r} was not said:\n{''.join(self.log)}")

    @staticmethod
    def stream(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe

    def end(self) -> int:
        self.log += self.stream(self.process.stderr).readlines()
        return self.process.wait()

    def stop(self) -> int:
        """As Ctrl-C from outside: everything is stopped; the exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        if not self.stream(self.process.stderr).closed:
            _, said = self.process.communicate()
            self.log += said.splitlines(keepends=True)
        return self.process.wait()
