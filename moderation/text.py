"""Fold a text for matching, with an exact map back to the original places.

Two texts that a reader takes for the same fold to the same: `ＡＳＳ` and `ass`,
`ﾊﾞｶ` and `バカ`, a name with a zero-width blank in it and the name. What is found
in the folded text is shown in the original one: `Folded.original_span`.
"""

import re
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import NamedTuple

from comments.drafts import INVISIBLE

# Raised whenever the same text could fold to another; stored with every text.
FOLDER_VERSION = 1

_DROPPED = re.compile(f"[{INVISIBLE}]")

# One of these in a Japanese text sends the whole of it through `normalize`'s slow path (40 µs for 280
# characters instead of 0.4). Put in place of each its own compatibility decomposition before, and
# most texts need no more; `replace` looks for one character in 40 ns. The Braille blank, white space
# to the eye though Unicode calls it a symbol, becomes a blank on the way.
_COMMON = (
    *((wide, chr(ord(wide) - 0xFEE0)) for wide in "！？（）：／％＆～，．＋－＝０１２３４５６７８９"),
    ("\u3000", " "),
    ("…", "..."),
    ("\u2800", " "),
)
# What else is frequent, rarer in any one text: full-width letters, half-width kana, ① and ㍻.
_WIDTH = re.compile("[\u2460-\u24ff\u3200-\u33ff\uff01-\uff9f]+")


@dataclass(frozen=True)
class Folded:
    """A folded text and the way back.

    `text` is NFKC, case-folded, every run of white space collapsed to one
    U+0020, what is invisible dropped. White space at the ends stays, as one
    blank, so that the fold of a piece is a piece of the fold. Kana keep their
    kind: half-width ones become full-width, katakana stay katakana.
    """

    original: str
    text: str

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The least span of the original that holds `text[start:end]`.

        Characters that fold together are taken whole: a base with its marks, a
        run of white space, a ligature. So for (a, b) = original_span(s, e) and
        every text, `fold(original[a:b]).text` holds `text[s:e]`, and is equal to
        it where the hit cuts no such cluster. An empty span stays empty. The
        map is made on the first call and kept. Raises IndexError for places
        outside `text`.
        """
        if not 0 <= start <= end <= len(self.text):
            raise IndexError(f"[{start}, {end}) does not lie in a text of {len(self.text)} characters.")
        starts, ends = self.places
        if start < end:
            return starts[start], ends[end - 1]
        place = starts[start] if start < len(starts) else len(self.original)
        return place, place

    @cached_property
    def places(self) -> tuple[Sequence[int], Sequence[int]]:
        """For each character of `text` the start and the end of its cluster in `original`, in two lists."""
        starts, ends = array("I"), array("I")
        for start, end, length in _clusters(self.original):
            if length < 0:
                starts.extend(range(start, end))
                ends.extend(range(start + 1, end + 1))
            else:
                starts.extend([start] * length)
                ends.extend([end] * length)
        return starts, ends


class StoredForm(NamedTuple):
    """What `comments` stores beside a text (setting COMMENTS_FOLDER)."""

    folded: str
    fingerprint: int
    version: int


def fold(text: str) -> Folded:
    """Fold `text`, which may be any string.

    Folding twice is folding once. Half of a surrogate pair, which no stored
    text holds, is kept as it is.
    """
    return Folded(text, _fold(text))


def stored_form(text: str) -> StoredForm:
    """The folded text, its signed 64-bit fingerprint and the folder's version.

    The fingerprint is of the letters and digits alone (`bare`), so a changed
    full stop or line wrap does not make another text. It is 0 where there are
    none: such texts are no copies of each other. Short texts have one like any
    other; what is too short to count as a repetition is the check's to say.
    """
    folded = _fold(text)
    letters = bare(folded)
    if not letters:
        return StoredForm(folded, 0, FOLDER_VERSION)
    digest = blake2b(letters.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return StoredForm(folded, int.from_bytes(digest, "big", signed=True), FOLDER_VERSION)


_LETTERS = re.compile(r"[^\W_]+")


def bare(folded: str) -> str:
    """The letters and digits of a folded text: no white space, punctuation, pictures or lone marks."""
    # Half the time of a substitution.
    return "".join(_LETTERS.findall(folded))


def _fold(text: str) -> str:
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.lower()
    text = _DROPPED.sub("", text)
    if any(map(_stacks, text[::16])):
        text = _cut_stacks(text)
    for wide, narrow in _COMMON:
        text = text.replace(wide, narrow)
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", _WIDTH.sub(_compatible, text))
    # Folding case may undo a composition (ΐ), which the second pass makes again.
    return _collapse(unicodedata.normalize("NFKC", text.casefold()))


# No script stacks more (the Stream-Safe Text Format of UAX #15), and putting a stack into canonical
# order takes the square of its height: 20,000 marks would take a second. Further marks are dropped.
# No character of marks alone decomposes into more than two, so every sixteenth tells whether to look.
_STACK = 30


@lru_cache(maxsize=4096)
def _stacks(char: str) -> bool:
    """Whether `char` is nothing but marks that canonical ordering sorts."""
    return all(map(unicodedata.combining, unicodedata.normalize("NFKD", char)))


def _cut_stacks(text: str) -> str:
    kept, height = [], 0
    for char in text:
        height = height + len(unicodedata.normalize("NFKD", char)) if _stacks(char) else 0
        if height <= _STACK:
            kept.append(char)
    return "".join(kept)


def _compatible(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0])


def _collapse(text: str) -> str:
    """Each run of white space as one blank, at the ends too."""
    words = text.split()
    collapsed = " ".join(words)
    if len(collapsed) == len(text):
        return collapsed
    if not words:
        return " "
    return f"{' ' * text[0].isspace()}{collapsed}{' ' * text[-1].isspace()}"


# Characters that fold to one character, each by itself: the bulk of Japanese, Korean and English.
_ALONE = r"!-~、-〃々-〇ぁ-ゖァ-ヺー一-\u9fff가-\ud7a3！-～"
_PLAIN = re.compile(f"(?:[{_ALONE}]| (?=[{_ALONE}]))+")


def _clusters(text: str) -> Iterator[tuple[int, int, int]]:
    """The least pieces of `text` that fold by themselves: (start, end, folded length).

    A length of -1 stands for a run of which every character folds to one.
    """
    place = 0
    while place < len(text):
        plain = _PLAIN.match(text, place)
        # A mark that follows belongs to the run's last character, which is looked at below.
        if plain and plain.end() - 1 > place:
            yield place, plain.end() - 1, -1
            place = plain.end() - 1
        if _kind(text[place]) == _NOTHING:
            place += 1
            continue
        end = _cluster_end(text, place)
        piece = text[place:end]
        yield place, end, _folded_length(piece) if end - place < 8 else len(_fold(piece))
        place = end


@lru_cache(maxsize=4096)
def _folded_length(cluster: str) -> int:
    return len(_fold(cluster))


def _cluster_end(text: str, start: int) -> int:
    end = start + 1
    blank = _kind(text[start]) == _BLANK
    for place in range(start + 1, len(text)):
        kind = _kind(text[place])
        if kind == _MARK or (blank and kind in {_BLANK, _LED_BY_BLANK}):
            blank = kind == _BLANK
            end = place + 1
        elif kind != _NOTHING:
            break
    return end


# How a character hangs together with what stands before it.
_BASE, _MARK, _BLANK, _LED_BY_BLANK, _NOTHING = range(5)


@lru_cache(maxsize=4096)
def _kind(char: str) -> int:
    if _DROPPED.match(char):
        return _NOTHING
    if _fold(char) == " ":
        return _BLANK
    first = unicodedata.normalize("NFKC", char)[0]
    if first == " ":  # A spacing accent, `¨`, is a blank with a mark: the blank joins the run before.
        return _LED_BY_BLANK
    # Vowels and finals of Hangul (U+1160 to U+11FF) compose with what precedes, as marks do.
    return _MARK if unicodedata.category(first)[0] == "M" or "\u1160" <= first <= "\u11ff" else _BASE


# Scripts that put no blank between words, or hang endings onto them (Hangul): a word of these is
# matched anywhere. Thai, Lao, Tibetan, Myanmar, Hangul, Khmer, kana, bopomofo, Han.
UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3031-\u3035\u3041-\u318f"
    "\u31a0-\u31ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_SPACED_LETTER = re.compile(rf"[^\W_{UNSPACED}]")


def is_spaced_letter(char: str) -> bool:
    """Whether `char` is a digit, or a letter of a script that parts words by blanks (Latin, Cyrillic)."""
    return _SPACED_LETTER.match(char) is not None


@dataclass(frozen=True, slots=True)
class Link:
    """A URL in a text: its place in characters, [start, end), and its host in lower case."""

    start: int
    end: int
    host: str


# A label of a host may have any letters as long as a dot and ASCII follow (https://日本語.jp); the rest
# is the ASCII of RFC 3986, for in Japanese nothing else ends a URL: https://example.com/aという記事.
# Where a second URL begins with neither `/` nor `=` before it, the first one ends.
_ASCII = r"A-Za-z0-9\-._~:/?#@!$&'()*+,;=%"
_LINK = re.compile(
    r"(?:[hH][tT][tT][pP][sS]?://|[wW]{3}\.(?<![A-Za-z0-9@./\-][wW]{3}\.))"
    r"(?P<authority>(?:[A-Za-z0-9\-._~:!$&'()*+,;=%]{1,200}@)?"
    r"(?:\[[0-9A-Fa-f:.]{2,45}\]|(?:[\w\-]{1,63}\.){0,9}[A-Za-z0-9][A-Za-z0-9.\-]*)(?::\d{1,5})?)"
    rf"(?:(?!(?<![/=])[hH][tT][tT][pP][sS]?://)[{_ASCII}])*"
)


def links(text: str) -> tuple[Link, ...]:
    """The links in a text as it was typed: http(s) URLs, and names that begin with `www.`.

    Punctuation that ends a sentence and a closing bracket that was not opened
    inside are no part of the link. Names without either beginning are none:
    `asahi.com` and `node.js` are words that people write.
    """
    if "://" not in text and "ww." not in text.lower():
        return ()
    return tuple(_link(match) for match in _LINK.finditer(text))


def website(url: str) -> tuple[Link, ...]:
    """The links in what an author gave as his website; there `example.com` is one, too."""
    if not url or "://" in url:
        return links(url)
    return tuple(
        Link(max(0, link.start - len("http://")), link.end - len("http://"), link.host)
        for link in links(f"http://{url}")
        if link.end > len("http://")
    )


def _link(match: re.Match[str]) -> Link:
    url = match[0]
    end, unopened = len(url), url.count(")") - url.count("(")
    while url[end - 1] in ".,;:!?'*_~" or (url[end - 1] == ")" and unopened > 0):
        unopened -= url[end - 1] == ")"
        end -= 1
    authority = match["authority"].rpartition("@")[2]
    host = authority[: authority.index("]") + 1] if authority[0] == "[" else authority.partition(":")[0]
    prefix = match[0][:4] if match[0][:3].lower() == "www" else ""
    return Link(match.start(), match.start() + end, (prefix + host).rstrip(".").lower())
