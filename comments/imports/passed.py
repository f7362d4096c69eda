"""How much of its source a run has passed, noted where others see it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from comments.imports.source import Source
from comments.models import ImportRun

# Seconds between two notes: a page that shows them looks every two.
PAUSE = 2.0


@dataclass
class Passed:
    """Notes the fraction of the file that was read, and passes every step on to `progress`."""

    source: Source
    progress: Callable[[str, ImportRun], None]
    clock: Callable[[], float] = time.monotonic
    noted: float = field(default=0.0, init=False)
    due: float = field(default=float("-inf"), init=False)

    def __call__(self, stage: str, run: ImportRun) -> None:
        self.progress(stage, run)
        now = self.clock()
        if now < self.due:
            return
        self.due = now + PAUSE
        # A second reading, for comments that came before their article, begins anew.
        self.noted = max(self.noted, self.source.fraction())
        ImportRun.objects.filter(pk=run.pk, attempt=run.attempt).update(fraction=self.noted)
