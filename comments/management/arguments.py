"""Types of arguments."""

from __future__ import annotations

from argparse import ArgumentTypeError

# The highest key that PostgreSQL's bigint holds.
HIGHEST = 2**63 - 1


def number(text: str) -> int:
    """A number of things, or of a row. Raises `ArgumentTypeError`, which argparse tells."""
    if not (text.isdecimal() and text.isascii() and 1 <= int(text[:30]) <= HIGHEST):
        raise ArgumentTypeError(f"{text!r} is no number from 1 to {HIGHEST}.")
    return int(text)
