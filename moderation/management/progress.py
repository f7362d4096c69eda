"""How far a command is."""

from __future__ import annotations

from typing import TextIO


class ProgressLine:
    """How far it is, on a line of a terminal; on `None` it is silent."""

    def __init__(self, terminal: TextIO | None) -> None:
        self._terminal = terminal
        self._shown = ""

    def draw(self, stage: str, done: int, total: int) -> None:
        """Draw the line again where it would read otherwise."""
        text = f"{stage} {done / max(total, 1):4.0%}"
        if self._terminal is not None and text != self._shown:
            self._shown = text
            self._write(text)

    def clear(self) -> None:
        """Leave the line to others."""
        if self._shown:
            self._shown = ""
            self._write("")

    def _write(self, text: str) -> None:
        if self._terminal is not None:
            self._terminal.write(f"\r\x1b[K{text}")
            self._terminal.flush()
