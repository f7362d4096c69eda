"""Whom an attribution names: authors' names compared without width, case and honorifics."""

import re
from collections import defaultdict

from moderation.quotes.base import Source
from moderation.text import bare, fold

_HONORIFIC = re.compile(r"(?:さん|サン|さま|様|氏|ちゃん|くん|君|殿|どの|先生)$")
_ADDRESS = re.compile(r"<[^<>]*>")
# A shorter part of a name means anyone.
_SHORTEST_PART = 2


class Names:
    """The authors of an article's comments, and the comments' numbers."""

    def __init__(self) -> None:
        self.by_number: dict[int, int] = {}
        self._by_name: defaultdict[str, set[int]] = defaultdict(set)
        self._by_part: defaultdict[str, set[str]] = defaultdict(set)
        # Most articles are never asked for a name.
        self._waiting: list[Source] = []

    def add(self, comment: Source) -> None:
        """Enter a comment."""
        if comment.number is not None:
            self.by_number.setdefault(comment.number, comment.id)
        if comment.author:
            self._waiting.append(comment)

    def _enter(self, comment: Source) -> None:
        name = plain(comment.author)
        if not name:
            return
        self._by_name[name].add(comment.id)
        for part in re.split(r"[\W_]+", fold(comment.author).text):
            if len(part) >= _SHORTEST_PART:
                self._by_part[part].add(name)

    def of(self, attribution: str) -> set[int]:
        """The comments of the author of this name, or else of the only one that has it as a part of his."""
        name = plain(attribution)
        if not name:
            return set()
        for comment in self._waiting:
            self._enter(comment)
        self._waiting.clear()
        if name in self._by_name:
            return set(self._by_name[name])
        longer = self._by_part.get(name, set())
        if len(longer) == 1:
            return set(self._by_name[next(iter(longer))])
        return set()


def plain(name: str) -> str:
    """A name as it is compared."""
    folded = _ADDRESS.sub("", fold(name).text).strip()
    shorter = _HONORIFIC.sub("", folded)
    return bare(shorter) or bare(folded)
