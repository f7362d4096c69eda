"""The edits that make a quote of a passage: each keeps the words, or changes them in one known way."""

import re
import textwrap
import unicodedata
from collections.abc import Callable
from random import Random

Edit = Callable[[str, Random], str]

_HALF_KANA = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}
_HALF_KANA |= {"\u3099": "ﾞ", "\u309a": "ﾟ"}
_SENTENCE = {"ja": re.compile(r"(?<=。)"), "en": re.compile(r'(?<=[.!?]) (?=[A-Z"])')}
_CLAUSE = {"ja": "、", "en": ", "}
# Words that turn a statement round, or may. A gap that is to be harmless holds none of them.
_DENIAL = {
    "ja": re.compile("ない|なか|なく|なけ|ません|ず|ぬ|無|不|非|未|禁|だけ|のみ|しか|一方|ただ|以外"),
    "en": re.compile(
        r"\b(?:not|no|none|never|nobody|nothing|nor|neither|without|only|un\w+|fail\w*|exempt)\b|n't",
        re.IGNORECASE,
    ),
}
ELLIPSES = {
    "ja": ("…", "……", "...", "（略）", "(略)", "（中略）", "[…]", "(中略)"),
    "en": (" … ", " ... ", " […] ", " [...] ", "… ", " (...) "),
}


def width(text: str, _: Random) -> str:
    """Figures and Latin letters change between full and half width."""

    def other(found: re.Match[str]) -> str:
        code = ord(found[0])
        return chr(code - 0xFEE0 if code >= 0xFF01 else code + 0xFEE0)

    return re.sub("[0-9A-Za-z０-９Ａ-Ｚａ-ｚ％]", other, text)


def kana_width(text: str, _: Random) -> str:
    """Katakana become half-width: データ → ﾃﾞｰﾀ."""

    def half(found: re.Match[str]) -> str:
        return "".join(_HALF_KANA.get(each, each) for each in unicodedata.normalize("NFD", found[0]))

    return re.sub("[ァ-ヴー]", half, text)


def punctuation_ja(text: str, rng: Random) -> str:
    """Commas, full stops and brackets of another school of typesetting."""
    return text.translate(
        str.maketrans(*rng.choice([("、。", "，．"), ("「」", "『』"), ("、。「」", "､｡｢｣")]))
    )


def punctuation_en(text: str, _: Random) -> str:
    """Curly quotation marks, and hyphens for dashes."""
    text = re.sub(r'(^|[\s(])"', r"\1“", text).replace('"', "”").replace("'", "’")
    return text.replace("–", "-").replace("—", "-")


def wrap_ja(text: str, rng: Random) -> str:
    """Lines of equal length, so that they break inside words."""
    length = rng.randint(11, 22)
    return "\n".join(text[at : at + length] for at in range(0, len(text), length))


def wrap_en(text: str, rng: Random) -> str:
    """Filled anew to another width."""
    return "\n".join(textwrap.wrap(text, rng.randint(34, 58), break_on_hyphens=False))


def blanks_ja(text: str, _: Random) -> str:
    """Blanks around figures, as some input methods put them, and a wide one after a full stop."""
    return re.sub(r"(?<=\D)(\d[\d,.]*)", r" \1 ", text).replace("。", "。\u3000").strip()


def blanks_en(text: str, rng: Random) -> str:
    """Two blanks, or one that does not break, for one."""
    wide = rng.choice(["  ", "\u00a0"])
    return re.sub(" ", lambda _: wide if rng.random() < 0.4 else " ", text)


def case(text: str, _: Random) -> str:
    """All capitals."""
    return text.upper()


FOLDING: dict[str, dict[str, Edit]] = {
    "ja": {
        "width": width,
        "kana-width": kana_width,
        "punctuation": punctuation_ja,
        "wrap": wrap_ja,
        "blanks": blanks_ja,
    },
    "en": {
        "case": case,
        "punctuation": punctuation_en,
        "wrap": wrap_en,
        "blanks": blanks_en,
        "refill": wrap_en,
    },
}


def sentences(text: str, language: str) -> list[str]:
    """The sentences of a text; Japanese ones inside brackets stay with their frame."""
    found: list[str] = []
    for line in filter(None, text.split("\n")):
        held = ""
        for piece in filter(None, _SENTENCE[language].split(line)):
            joint = " " if held and language == "en" else ""
            held += joint + piece
            if held.count("「") == held.count("」") and held.count('"') % 2 == 0:
                found.append(held.strip())
                held = ""
        if held:
            found.append(held.strip())
    return found


def tail(sentence: str, language: str) -> str:
    """The sentence without its first clause; the sentence itself where it has but one."""
    _, _, rest = sentence.partition(_CLAUSE[language])
    least = 14 if language == "ja" else 40
    return rest if len(rest) >= least and "「" not in rest and '"' not in rest else sentence


def is_harmless(gap: str, language: str) -> bool:
    """Whether what an elision leaves out can turn nothing round, and is short."""
    return not _DENIAL[language].search(gap) and 4 <= len(gap) <= (60 if language == "ja" else 130)


def elisions(text: str, language: str) -> list[tuple[str, str, str]]:
    """(head, gap, tail) of a passage wherever a harmless stretch between two commas may go."""
    comma, least = _CLAUSE[language], 8 if language == "ja" else 18
    cuts = [found.end() for found in re.finditer(re.escape(comma), text)]
    return [
        (text[:one], text[one:other], text[other:])
        for number, one in enumerate(cuts)
        for other in cuts[number + 1 :]
        if one >= least and len(text) - other >= least and is_harmless(text[one:other], language)
    ]


def skips(text: str, language: str) -> list[tuple[str, str, str]]:
    """(sentence, gap, sentence) wherever a harmless line between two others may go."""
    lines = text.split("\n")
    return [
        (sentences(one, language)[-1], f"\n{gap}\n", sentences(other, language)[0])
        for one, gap, other in zip(lines, lines[1:], lines[2:], strict=False)
        if is_harmless(gap, language)
    ]
