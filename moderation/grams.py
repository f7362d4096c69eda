"""What a text can be searched by: its characters, its pairs of them, and triples of ASCII. Pure.

Japanese has no blanks to find words by. Two characters one after the other are rare enough there to
find a text by, in ASCII it takes three; shorter queries are found by what they have.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from operator import add
from zlib import crc32

from moderation.text import fold

# Between the fields of a text: no fold holds it, so nothing is found across two of them.
SEPARATOR = "\n"
# A query may be longer, but no person's is; further words would narrow what is found no more.
LONGEST, WORDS = 100, 8


def searchable(*fields: str) -> str:
    """The folded fields as one text to look in; what is folded already may be given, too."""
    return SEPARATOR.join(found for field in fields if (found := fold(field).text.strip()))


def grams_of(text: str) -> list[int]:
    """All that a searchable text can be found by, as signed 32-bit numbers, ascending.

    The numbers are CRCs: that two grams share one makes a text a candidate, which is then looked into.
    """
    found: set[str] = set()
    for part in text.split(SEPARATOR):
        pairs = list(map(add, part, part[1:]))
        found.update(part, pairs, filter(str.isascii, map(add, pairs, part[2:])))
    return _numbers(found)


def words_of(query: str) -> tuple[str, ...]:
    """What a query asks for: folded pieces between blanks, each of which a text has to hold."""
    return tuple(dict.fromkeys(fold(query[:LONGEST]).text.split()))[:WORDS]


def grams_for(words: tuple[str, ...]) -> list[int]:
    """The grams that a text with all these words has."""
    return _numbers({gram for word in words for gram in _of_word(word)})


def _of_word(word: str) -> set[str]:
    if len(word) == 1:
        return {word}
    pairs = {first + second for first, second in pairwise(word)}
    triples = {triple for at in range(len(word) - 2) if (triple := word[at : at + 3]).isascii()}
    # A triple says all that its pairs say.
    covered = {pair for triple in triples for pair in (triple[:2], triple[1:])}
    return triples | (pairs - covered)


def _numbers(grams: Iterable[str]) -> list[int]:
    return sorted({*map(_number, grams)})


# The grams of a language come again and again: most of a text's are here after a thousand others.
@lru_cache(maxsize=100_000)
def _number(gram: str) -> int:
    return crc32(gram.encode("utf-8", "surrogatepass")) - 2**31
