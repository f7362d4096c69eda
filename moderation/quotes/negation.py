"""Negations in a text: counted, so that a passage and its negation are told apart."""

import re

# A negation that is part of the grammar. 少ない, かもしれない, に違いない and their like deny nothing.
_JAPANESE = (
    r"(?<![少危幼切汚])(?<!かもしれ)(?<!違い)な(?:い|く(?!な[っりるれろ])|かっ|けれ|きゃ|し(?![のたてま]))"
    r"|(?<!かもしれ)ませ[んぬ]|まじ|ざる|ぬ(?=[。、.,!?！？\s]|と|が|か|の|$)|ず(?=に|、|,|。|\.|\s|と|$)|まい(?=[。、.,]|と|が|$)"
    r"|(?<=[かさたなまらわばが])ん(?=[。、.,!?！？\s]|と|が|か|の|で|$)"
)
_WORDS = (
    "not|no|never|nor|none|nobody|nothing|nowhere|neither|without|cannot|hardly|barely|scarcely|rarely|seldom|"
    "nicht|kein|keine|keinen|keiner|keinem|nie|niemals|ohne|pas|jamais|sans|nunca|jamás|sin|não|nem|mai|senza|"
    "не|нет|никогда|без"
)
_SPACED = (
    rf"\b(?:{_WORDS})\b|n[’']t\b|\b(?:ca|wo|do|does|did|is|are|was|were|has|have|had|would|could|should)nt\b"
)
_OTHERS = "않|없|못|아니|没|沒|勿"
_GRAMMAR = re.compile(f"{_JAPANESE}|{_SPACED}|{_OTHERS}", re.IGNORECASE)
_OPENING = re.compile(
    r"\s*(?:と(?:いう|言う)?)?(?:わけ|訳|はず|こと|もの|つもり|必要|気)?(?:では|じゃ|には|とは|とも|は|に|も|が)?"
    r"(?:でき|出来|あり|限ら|言え|いえ|言い切れ|思え|思わ|考え|し|いたし|致し)?"
    rf"(?:{_JAPANESE}|{_SPACED}|unless\b)",
    re.IGNORECASE,
)
# Words that take back what stands beside them in their sentence.
_REFUTED = re.compile(
    "否定|誤り|間違い|虚偽|拒[否みん]|困難|難し"
    r"|\b(?:den(?:y|ies|ied)|refus(?:e[sd]?|ing)|fail(?:s|ed)? to|false|untrue|wrong|unlikely|impossible)\b",
    re.IGNORECASE,
)
# Of these a changed word tells only beside itself without them: 無料 denies nothing, 不可能 beside 可能 does.
_PREFIX = re.compile("[不非無未否反可有]")
_LATIN_PREFIXES = ("un", "in", "im", "il", "ir", "non", "non-", "dis", "de", "anti")


def negations(text: str) -> int:
    """How often a text denies by its grammar: ない, ません, ず, not, n't, never, without."""
    return sum(1 for _ in _GRAMMAR.finditer(text))


def opening_negation(text: str) -> int:
    """How many characters a denial takes with which a text goes on: ではない, ない, not; else 0."""
    match = _OPENING.match(text)
    return match.end() if match else 0


def takes_back(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]`, left out of a sentence, denies what it leaves: by grammar or by a verb.

    What stands before it is seen: れない behind かもし denies nothing.
    """
    return any(pattern.search(text, start, end) for pattern in (_GRAMMAR, _REFUTED))


def denies_otherwise(one: str, other: str) -> bool:
    """Whether of two wordings of the same place one denies what the other does not."""
    if negations(one) != negations(other):
        return True
    if one != other and _PREFIX.findall(one) != _PREFIX.findall(other):
        return _PREFIX.sub("", one) == _PREFIX.sub("", other)
    words, others = set(one.lower().split()), set(other.lower().split())
    return _prefixed(words - others, others - words) or _prefixed(others - words, words - others)


def _prefixed(words: set[str], others: set[str]) -> bool:
    return any(prefix + word in others for word in words if len(word) > 2 for prefix in _LATIN_PREFIXES)
