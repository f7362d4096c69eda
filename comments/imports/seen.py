"""Which ids of a source have been read: exact order, little memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Ids that are held one by one before they become a sorted array. Ten such
# arrays are looked through for a million ids.
_RECENT = 1 << 15


class Seen:
    """The ids of the rows read so far, as 64 bits each: eight bytes an id.

    Two different ids may have the same bits. Among a million ids that happens
    in one file of forty million, and the ledger then refuses the second row
    as `duplicate-id`: nothing is lost in silence. The bits depend on the
    process, so nobody can write a file in which it happens.
    """

    def __init__(self) -> None:
        self._recent: set[int] = set()
        # Sorted, each at least twice as long as the one behind it.
        self._sorted: list[NDArray[np.int64]] = []

    def among(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys that have been read."""
        if not keys:
            return set()
        bits = np.fromiter(map(hash, keys), np.int64, len(keys))
        found = np.zeros(len(keys), bool)
        for array in self._sorted:
            at = np.minimum(np.searchsorted(array, bits), len(array) - 1)
            found |= array[at] == bits
        recent = self._recent
        return {key for key, old in zip(keys, found.tolist(), strict=True) if old or hash(key) in recent}

    def add(self, key: str) -> None:
        """Note an id as read; `""` is none."""
        if not key:
            return
        self._recent.add(hash(key))
        if len(self._recent) < _RECENT:
            return
        array = np.sort(np.fromiter(self._recent, np.int64, len(self._recent)))
        self._recent.clear()
        while self._sorted and len(self._sorted[-1]) < 2 * len(array):
            array = np.sort(np.concatenate([self._sorted.pop(), array]))
        self._sorted.append(array)
