"""The quote key: what stays of a folded text when its spelling no longer matters.

White space is removed and not collapsed, because a wrap falls inside a word in
Japanese. Variants of a punctuation mark become one sign, and a run of one sign
becomes one of it, so that `……`, `…`, `...` and `・・・` are equal. Each step
looks at neighbouring characters only, so the key of a passage stands in the
key of the text that it was cut from.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Neither stored (drafts refuse it) nor touched by a step below: it parts joined texts.
SEPARATOR = "\0"

# Dash and tilde stay apart: `-5` and `~5` differ. So do comma and full stop, for `1,5` and `1.5`.
_VARIANTS = {
    ",": "、،",
    ".": "。・·•‧∙⋅…‥⋯",
    "-": "‐‑‒–—―−ー─━",
    "~": "〜∼〰",
    '"': "'「」『』“”‘’„‟‚‛«»‹›〝〞〟`′″",
}
_SIGN = {variant: sign for sign, variants in _VARIANTS.items() for variant in variants}
_RUNS = frozenset(_VARIANTS)


def key(folded: str) -> str:
    """The quote key of one folded text."""
    return _squeeze(folded.replace(SEPARATOR, ""))


def joined_keys(folded: Sequence[str]) -> str:
    """The quote keys of many folded texts, joined by `SEPARATOR`; in one pass, some 20 ns a character."""
    return _squeeze(SEPARATOR.join(text.replace(SEPARATOR, "") for text in folded))


def _squeeze(text: str) -> str:
    # A chain of `replace` is four times as fast as `translate`, which asks a dict for each character.
    text = "".join(text.split())
    for variant, sign in _SIGN.items():
        text = text.replace(variant, sign)
    for sign in _RUNS:
        double = sign + sign
        while double in text:
            text = text.replace(double, sign)
    return text


@dataclass(frozen=True, slots=True)
class Mapped:
    """A quote key with the place of each of its characters in the folded text."""

    key: str
    starts: Sequence[int]
    ends: Sequence[int]


def mapped(folded: str) -> Mapped:
    """The quote key of a folded text with the way back; slow, so for hits only."""
    signs: list[str] = []
    starts, ends = array("I"), array("I")
    for place, sign in _signs(folded):
        if sign in _RUNS and signs and sign == signs[-1]:
            ends[-1] = place + 1
            continue
        signs.append(sign)
        starts.append(place)
        ends.append(place + 1)
    return Mapped("".join(signs), starts, ends)


def _signs(folded: str) -> Iterable[tuple[int, str]]:
    for place, character in enumerate(folded):
        sign = _SIGN.get(character, character)
        if sign != SEPARATOR and not character.isspace():
            yield place, sign
