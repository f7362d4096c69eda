"""Values that a process remembers for some seconds, by person."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Forgets each value `seconds` after it was kept.

    In the memory of the process, not in Redis: it saves some milliseconds, and
    must neither cost any nor fail while Redis is away.
    """

    def __init__(self, *, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._kept: dict[int | None, tuple[float, T]] = {}

    def keep(self, person: int | None, value: T) -> None:
        self._kept[person] = self._clock(), value

    def get(self, person: int | None) -> T | None:
        """What was kept for him, if that is not too long ago."""
        kept_at, value = self._kept.get(person, (0.0, None))
        return value if value is not None and self._clock() - kept_at < self._seconds else None
