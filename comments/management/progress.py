"""The bar of an import on a terminal."""

from __future__ import annotations

import time
from typing import Self, TextIO

from comments.imports import Source
from comments.imports.counting import counts_of, total
from comments.models import ImportRun

WIDTH = 20
# Seconds between two drawings: a chunk may take less, and each asks the database for the counts.
PAUSE = 0.2


class Bar:
    """Shows a run's progress on a terminal; on `None` it is silent."""

    def __init__(self, terminal: TextIO | None, source: Source) -> None:
        self.terminal = terminal
        self.source = source
        self.began: tuple[float, float, int] | None = None
        self.drawn = ("", 0.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._draw("")

    def show(self, stage: str, run: ImportRun) -> None:
        """Draw the line again, if that is due (`imports.Progress`)."""
        done, now = self.source.fraction(), time.monotonic()
        self.began = self.began or (now, done, run.position)
        if self.terminal is None or (self.drawn[0] == stage and now - self.drawn[1] < PAUSE):
            return
        self.drawn = (stage, now)
        seconds = max(now - self.began[0], 1e-3)
        rate = (run.position - self.began[2]) / seconds
        left = seconds * (1 - done) / max(done - self.began[1], 1e-6)
        problems = total(counts_of(run), "problems")
        bar = "█" * round(done * WIDTH)
        self._draw(
            f"{stage:<10} {bar:░<{WIDTH}} {done:4.0%} {run.position:>10,} rows {rate:>7,.0f}/s "
            f"{min(left, 99_999):>5,.0f} s left {problems:>5,} problems"
        )

    def _draw(self, line: str) -> None:
        if self.terminal is not None:
            self.terminal.write(f"\r\x1b[K{line}")
            self.terminal.flush()
