"""Words that are written so that a list does not find them: masked, parted, spelled with figures.

Each way of writing is taken for the word only where nothing else can be meant.
What is refused here is what ordinary texts hold: `馬・鹿・猪` is a list of
animals, `死\nね` a wrapped line, `A55` a road, `コロンビア・ホンジュラス` two countries.
Zero-width characters need nothing: folding drops them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import combinations, pairwise

from ahocorasick_rs import AhoCorasick, MatchKind

from moderation.text import UNSPACED, Folded, is_spaced_letter

Place = tuple[int, int]

# Signs that stand for a character of a word (伏せ字), in folded texts.
_MASKS = "*○〇◯●◎⭕⚪⚫×✕✖❌❎※■□◆◇△▲▽▼☆★♡♥#_"
_MASK = "*"
# Signs that are put between the characters of a word. No `、` and no `,`, which part what is enumerated.
_PARTING = " .・·•‧/|^~=+`'-‐–—_*○〇◯●◎※■□◆◇△▲▽▼☆★♪♡♥"
# Of these an enumeration is made, too.
_LISTING = frozenset("・/")

# These tell in a microsecond that most texts hold nothing of the kind: the sign comes first, for that
# is what is rare. A blank parts characters only where no blank belongs: in Japanese, between single letters.
_SIGN = f"[{re.escape(_PARTING)}]"
_MASKED = re.compile(rf"[{re.escape(_MASKS)}](?<=[^\W_].)[{re.escape(_MASKS)}]?[^\W_]")
_PARTED = re.compile(
    rf"{_SIGN}(?:(?<=[{UNSPACED}].){_SIGN}?[{UNSPACED}]|(?<=\b[^\W_].){_SIGN}?[^\W_]\b)"
    rf"|[{re.escape(_PARTING[1:])}](?<=[^\W_].){_SIGN}?[^\W_]"
)
_PARTINGS = re.compile(f"{_SIGN}+")
_TO_MASK = {ord(sign): _MASK for sign in _MASKS}
_SIGNS = frozenset(_PARTING + _MASKS)

# Figures and signs, and the letters that they stand for.
_LEET: Mapping[str, str] = {
    "0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "7": "t",
    "@": "a", "$": "s", "!": "i", "|": "il", "+": "t",
}  # fmt: skip
_LEET_SIGN = re.compile(r"[013457@$!|+](?:[a-z]|(?<=[a-z].))")
# One letter for all that could be meant by the same sign.
_SKELETON = {ord(sign): letters[0] for sign, letters in _LEET.items()} | {ord("l"): "i"}

# What is typed for ー after kana, and taken for it there: every dash of a keyboard, and the kanji 一 between
# katakana.
_DASHES = "-‐‑‒–—―−─━"
_DASHED = re.compile(f"[{_DASHES}](?<=[ぁ-ゖァ-ヺー].)|一(?<=[ァ-ヺー].)(?=[ァ-ヺー])")

# Katakana to hiragana, ァ to ヶ and ヽヾ.
_KANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}

# Variants of a longer word with two signs apart are more than they are worth.
_PAIRS_UP_TO = 12


def one_kana(text: str) -> str:
    """The text with hiragana for katakana, each character in its place."""
    return text.translate(_KANA)


def one_dash(text: str) -> str:
    """The text with ー for what is typed for it (`バ-カ`, `バ一カ`), each character in its place."""
    return _DASHED.sub("ー", text) if _DASHED.search(text) else text


class Disguised:
    """Looks for disguised words of a list. Its automata are made when a text first needs them."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(words)

    def find(self, folded: Folded, text: str) -> Iterator[tuple[int, int, str]]:
        """Places in `text`, each with its word; `text` is the folded one, with kana made one or not."""
        if _PARTED.search(text):
            yield from self._parted(folded, text)
        if _MASKED.search(text):
            yield from self._masked(text)
        if _LEET_SIGN.search(text):
            yield from self._spelled(text)
        if self._long[1] and (dashed := one_dash(folded.text)) != folded.text:
            yield from self._dashed(dashed if text == folded.text else one_kana(dashed))

    # Masked: `くた○れ`, `id*ot`.

    @cached_property
    def _masks(self) -> tuple[AhoCorasick, list[str]]:
        variants = {variant: word for word in self._words for variant in _masked_variants(word)}
        return AhoCorasick(list(variants), matchkind=MatchKind.Standard), list(variants.values())

    def _masked(self, text: str) -> Iterator[tuple[int, int, str]]:
        automaton, words = self._masks
        for pattern, start, end in automaton.find_matches_as_indexes(
            text.translate(_TO_MASK), overlapping=True
        ):
            if _stands_alone(text, start, end):
                yield start, end, words[pattern]

    # Parted: `死・ね`, `i d i o t`.

    @cached_property
    def _squeezed(self) -> tuple[AhoCorasick, list[str]]:
        squeezed = [(_squeeze(word), word) for word in self._words]
        words = [(pressed, word) for pressed, word in squeezed if len(pressed) > 1]
        automaton = AhoCorasick([pressed for pressed, _ in words], matchkind=MatchKind.Standard)
        return automaton, [word for _, word in words]

    def _parted(self, folded: Folded, text: str) -> Iterator[tuple[int, int, str]]:
        automaton, words = self._squeezed
        places: list[int] = []
        for pattern, start, end in automaton.find_matches_as_indexes(_squeeze(text), overlapping=True):
            places = places or [at for at, char in enumerate(text) if char not in _PARTING]
            kept = places[start:end]
            if kept[-1] - kept[0] + 1 != end - start or " " in words[pattern]:
                gaps = [text[one + 1 : other] for one, other in pairwise(kept)]
                if _is_parted(folded, text, kept, gaps, words[pattern]):
                    yield kept[0], kept[-1] + 1, words[pattern]

    # Spelled with figures: `1d10t`.

    @cached_property
    def _skeletons(self) -> tuple[AhoCorasick, list[str]]:
        words = [word for word in self._words if word.isascii() and sum(map(str.isalpha, word)) >= 3]
        skeletons = [word.translate(_SKELETON) for word in words]
        return AhoCorasick(skeletons, matchkind=MatchKind.Standard), words

    def _spelled(self, text: str) -> Iterator[tuple[int, int, str]]:
        automaton, words = self._skeletons
        for pattern, start, end in automaton.find_matches_as_indexes(
            text.translate(_SKELETON), overlapping=True
        ):
            if _stands_alone(text, start, end) and _spells(text[start:end], words[pattern]):
                yield start, end, words[pattern]

    # With another dash: `バ-カ`.

    @cached_property
    def _long(self) -> tuple[AhoCorasick, list[str]]:
        dashed = {one_dash(word): word for word in self._words}
        long = {pattern: word for pattern, word in dashed.items() if "ー" in pattern}
        return AhoCorasick(list(long), matchkind=MatchKind.Standard), list(long.values())

    def _dashed(self, text: str) -> Iterator[tuple[int, int, str]]:
        automaton, words = self._long
        for pattern, start, end in automaton.find_matches_as_indexes(text, overlapping=True):
            if _stands_alone(text, start, end):
                yield start, end, words[pattern]


def _squeeze(text: str) -> str:
    return _PARTINGS.sub("", text)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no Latin letter or figure touches the place; Japanese may."""
    before, after = text[start - 1 : start], text[end : end + 1]
    cut_before = before and is_spaced_letter(before) and not _is_unspaced(text[start])
    return not cut_before and not (after and is_spaced_letter(after) and not _is_unspaced(text[end - 1]))


def _is_unspaced(char: str) -> bool:
    return char.isalpha() and not is_spaced_letter(char)


def _masked_variants(word: str) -> Iterator[str]:
    """The word with signs inside: at most a third of its characters, never the first or last."""
    letters = [at for at, char in enumerate(word) if char != " "]
    spaced = is_spaced_letter(word[0])
    # `a*s` is a product; in Japanese no three characters are.
    if len(letters) < (4 if spaced else 3) or any(each.isdigit() or each in _SIGNS - {" "} for each in word):
        return
    inside = letters[1:-1]
    for at in inside:
        yield f"{word[:at]}{_MASK}{word[at + 1 :]}"
    if len(letters) < 6:
        return
    near = _PAIRS_UP_TO if len(letters) <= _PAIRS_UP_TO else 1
    for one, other in combinations(inside, 2):
        if other - one <= near:
            yield f"{word[:one]}{_MASK}{word[one + 1 : other]}{_MASK}{word[other + 1 :]}"


def _spells(piece: str, word: str) -> bool:
    """Whether the piece is the word with some signs for letters, and enough letters left to tell.

    Figures count in words of four letters and more, for `A55` is a road;
    nobody writes `@` or `$` within a word for another reason.
    """
    letters = figures = signs = 0
    for char, wanted in zip(piece, word, strict=True):
        if char == wanted:
            letters += char.isalpha()
        elif wanted not in _LEET.get(char, ""):
            return False
        elif char.isdigit():
            figures += 1
        else:
            signs += 1
    enough = sum(map(str.isalpha, word)) >= 4 or not figures
    return figures + signs > 0 and enough and letters + signs * (not figures) >= 2


def _is_parted(folded: Folded, text: str, kept: list[int], gaps: list[str], word: str) -> bool:
    """Whether the characters at `kept`, with `gaps` between, can only be the word, parted."""
    own = _own_gaps(word)
    put = [gap for gap, usual in zip(gaps, own, strict=True) if gap and not usual]
    start, end = kept[0], kept[-1] + 1
    if not _stands_alone(text, start, end):
        return False
    if not put:
        # A phrase of several words, with other signs between them: `shut-up`.
        return gaps != own and len(kept) >= 6
    digits = any(text[one].isdigit() and text[other].isdigit() for one, other in pairwise(kept))
    if digits or not _is_one_sign(put) or (put[0] == " " and _wraps(folded, start, end)):
        return False
    everywhere = len(put) + sum(map(bool, own)) == len(gaps)
    if all(map(is_spaced_letter, _squeeze(word))):
        return _is_spelled_out(text, kept, put[0], everywhere)
    if len(kept) == 2:
        return _is_pair(text, start, end, put[0])
    return len(kept) >= 4 or (everywhere and _is_whole_run(text, start, end, put[0]))


def _is_one_sign(put: list[str]) -> bool:
    """Whether the same sign stands everywhere, once or twice. Two full stops end many a sentence."""
    return len(set(put)) == len(set(put[0])) == 1 and len(put[0]) <= 2 and put[0] != ".."


def _is_spelled_out(text: str, kept: list[int], sign: str, everywhere: bool) -> bool:
    """Of a Latin word: parted everywhere, or a long one anywhere by what parts no words."""
    if not everywhere:
        return len(kept) >= 5 and sign not in {" ", "/"}
    return len(kept) >= 5 or (len(kept) >= 3 and _is_whole_run(text, kept[0], kept[-1] + 1, sign))


def _own_gaps(word: str) -> list[str]:
    """What the word itself has between its characters: `kill yourself` one blank."""
    at = [place for place, char in enumerate(word) if char not in _PARTING]
    return [word[one + 1 : other] for one, other in pairwise(at)]


def _wraps(folded: Folded, start: int, end: int) -> bool:
    begin, until = folded.original_span(start, end)
    return any(sign in folded.original[begin:until] for sign in "\n\r")


def _is_whole_run(text: str, start: int, end: int, sign: str) -> bool:
    """Whether the row of single characters ends where the word does: `c l a s s` is no `a s s`."""
    width = len(sign)
    before = text[max(start - width - 2, 0) : start]
    after = text[end : end + width + 2]
    longer_before = before.endswith(sign) and _is_single(before[:-width][::-1])
    return not longer_before and not (after.startswith(sign) and _is_single(after[width:]))


def _is_single(outwards: str) -> bool:
    """Whether one letter alone stands next, read away from the word."""
    return bool(outwards) and outwards[0].isalnum() and not outwards[1:2].isalnum()


def _is_pair(text: str, start: int, end: int, sign: str) -> bool:
    """Of a word of two characters: no letter of the same script goes on at either side.

    After `死・ね` hiragana may: what is parted by a sign changes its script seldom.
    """
    first, last = _script(text[start]), _script(text[end - 1])
    if sign in _LISTING and first == last == "han":
        return False
    begun = start > 0 and _script(text[start - 1]) == first
    goes_on = (first == last or sign == " ") and end < len(text) and _script(text[end]) == last
    return not begun and not goes_on and _is_whole_run(text, start, end, sign)


def _script(char: str) -> str:
    if "ぁ" <= char <= "ゟ":
        return "hiragana"
    if "ァ" <= char <= "ヿ" and char != "・":
        return "katakana"
    return "han" if char.isalpha() and not is_spaced_letter(char) else char
