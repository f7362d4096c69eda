"""A progress bar of one line."""

from __future__ import annotations

import time
from typing import Self, TextIO

from comments.imports import Source
from comments.models import ImportRun

WIDTH = 20


class Bar:
    """Shows a run's progress on a terminal; on `None` it is silent."""

    def __init__(self, terminal: TextIO | None, source: Source) -> None:
        self.terminal = terminal
        self.source = source
        self.began: tuple[float, float, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._draw("")

    def show(self, stage: str, run: ImportRun) -> None:
        """Draw the line again (`imports.Progress`)."""
        done, now = self.source.fraction(), time.monotonic()
        self.began = self.began or (now, done, run.position)
        seconds = max(now - self.began[0], 1e-3)
        rate = (run.position - self.began[2]) / seconds
        left = seconds * (1 - done) / max(done - self.began[1], 1e-6)
        problems = sum(counts["problems"] for counts in run.counts.values())
        bar = "█" * round(done * WIDTH)
        self._draw(
            f"{stage:<10} {bar:░<{WIDTH}} {done:4.0%} {run.position:>10,} rows {rate:>7,.0f}/s "
            f"{min(left, 99_999):>5,.0f} s left {problems:>5,} problems"
        )

    def _draw(self, line: str) -> None:
        if self.terminal is not None:
            self.terminal.write(f"\r\x1b[K{line}")
            self.terminal.flush()
