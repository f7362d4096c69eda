"""What is wrong with a source, in words that a person can act on."""

from __future__ import annotations

from typing import Any


class Fault(Exception):
    """A source cannot be read as it stands.

    `text` is translated when it is shown; `params` fill its places. Neither
    holds what a credential is, nor a query of an address.
    """

    def __init__(self, text: Any, **params: object) -> None:
        super().__init__(text, params)
        self.text = text
        self.params = params

    def __str__(self) -> str:
        return str(self.text) % self.params


class NotTried(Fault):
    """Not worth trying again before somebody has mended it: a setting, an address."""
