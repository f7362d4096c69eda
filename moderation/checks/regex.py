"""Regular expressions that people type: read, refused with reasons, matched on RE2."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import re2

from moderation.checks.base import Refused
from moderation.text import fold

# More is a word list, which finds 5,000 words as fast as one.
MOST_PATTERNS = 1_000
MOST_CHARACTERS = 1_000
# RE2's time grows with the steps of its program times the text. On 30,000 characters that are worst for
# it a pattern took 40 ms at 90 steps in a set, and 35 ms at 250 steps alone: so each stays below 50 ms.
# `.{0,30}` has 240 steps, five kanji have 15.
MOST_STEPS = 250
_TOGETHER = 90
# So many characters take a set of such patterns 8 ms at worst, and most comments are shorter.
_SHORT = 2_000
# A set's automaton is made while it runs and forgotten where it grows beyond this many bytes a step.
_BYTES_A_STEP = 512
_LEAST_BYTES = 8 << 20
# Alone, RE2 leaves its automaton the sooner for the slower way the less memory it has: that is faster here.
_BYTES_ALONE = 1 << 20

_COMMENT = re.compile(r"(?:^|\s+)#.*")
# Line ends and tabs, which folding makes one blank.
_LINE_END = re.compile(r"(?<!\\)(?:\\\\)*(\\[nrtfv])")

# What RE2 says, and what it means. The key begins its message.
_REASONS = {
    "missing ):": ("閉じ括弧「)」がありません。", "A closing ) is missing."),
    "unexpected ):": ("開き括弧「(」がありません。", "A ) closes nothing."),
    "missing ]:": ("閉じ括弧「]」がありません。", "A closing ] is missing."),
    "invalid character class range": (
        "文字の範囲が正しくありません：{0}",
        "The range of characters is wrong: {0}",
    ),
    "no argument for repetition operator": (
        "{0} の前に、くり返すものがありません。",
        "There is nothing before {0} to repeat.",
    ),
    "bad repetition operator": ("くり返しが重なっています：{0}", "Repetitions stand side by side: {0}"),
    "invalid repetition size": (
        "くり返しの回数が多すぎるか、正しくありません：{0}",
        "The number of repetitions is wrong or too large: {0}",
    ),
    "invalid perl operator": (
        "{0} は使えません（先読み・後読みなどはありません）。",
        "{0} is unknown here: there is no look-ahead or look-behind.",
    ),
    "invalid escape sequence": (
        "{0} は使えません（後方参照はありません）。",
        "{0} is unknown here; there are no back-references.",
    ),
    "trailing \\": ("最後の「\\」の後に文字がありません。", "Nothing follows the last \\."),
    "invalid named capture": ("グループの名前が正しくありません：{0}", "A group's name is wrong: {0}"),
    "pattern too large": ("正規表現が大きすぎます。", "The pattern is too large."),
}


@dataclass(frozen=True)
class Pattern:
    """One pattern of a list: its line, from 1 on, and RE2's program for it."""

    line: int
    source: str
    program: Any

    @property
    def steps(self) -> int:
        return int(self.program.programsize)

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it matches, from left to right. A place without text, as of `\\b` alone, is none."""
        for match in self.program.finditer(text):
            if match.start() < match.end():
                yield match.span()


class PatternSet:
    """Patterns that are looked for together, which costs no more for five hundred than for one.

    In a long text the larger ones are looked for one by one: alone, RE2 leaves an automaton that grows
    with every character for a way that is slow and steady; a set never does.
    """

    def __init__(self, patterns: Sequence[Pattern], *, folded: bool) -> None:
        self._folded = folded
        self._patterns = patterns
        self._large = [each for each in patterns if each.steps > _TOGETHER]
        self._small = [each for each in patterns if each.steps <= _TOGETHER]

    def matching(self, text: str) -> list[Pattern]:
        """The patterns that match somewhere, in the order of their lines.

        Raises RuntimeError where RE2 gives up.
        """
        if len(text) <= _SHORT:
            return _matching(self._of_all, self._patterns, text)
        typed = text.encode()
        found = _matching(self._of_small, self._small, text)
        found += [each for each in self._large if each.program.search(typed)]
        return sorted(found, key=lambda each: each.line)

    @cached_property
    def _of_all(self) -> Any:
        return self._made(self._patterns)

    @cached_property
    def _of_small(self) -> Any:
        return self._made(self._small)

    def _made(self, patterns: Sequence[Pattern]) -> Any:
        most_bytes = max(_LEAST_BYTES, _BYTES_A_STEP * sum(each.steps for each in patterns))
        made = re2.Set.SearchSet(_options(most_bytes, self._folded))
        # The first member matches every text: where it does not, RE2 ran out of memory and said nothing.
        made.Add(r"\A")
        for each in patterns:
            made.Add(each.source)
        made.Compile()
        return made


def _matching(made: Any, patterns: Sequence[Pattern], text: str) -> list[Pattern]:
    hits = made.Match(text)
    if not hits or 0 not in hits:
        raise RuntimeError("The patterns took more memory than they are given; split the list.")
    return [patterns[hit - 1] for hit in sorted(hits) if hit]


def read_patterns(lines: Iterable[str], *, folded: bool) -> list[Pattern]:
    """The patterns of a list; lines of a comment alone are passed over. Raises `Refused`."""
    patterns = [
        _read(number, source, folded)
        for number, line in enumerate(lines, start=1)
        if (source := _COMMENT.sub("", line).strip())
    ]
    if len(patterns) > MOST_PATTERNS:
        raise Refused(
            "patterns",
            ja=f"正規表現は{MOST_PATTERNS:,}個までです（{len(patterns):,}個あります）。",
            en=f"There may be {MOST_PATTERNS:,} patterns at most, not {len(patterns):,}.",
        )
    return patterns


def must_be_regex(parameter: str, source: str) -> None:
    """Raises `Refused` for a regular expression that RE2 does not take, or only slowly matches."""
    _compiled(parameter, f"正規表現「{source}」", f"Regular expression {source}", source, folded=False)


def _read(number: int, source: str, folded: bool) -> Pattern:
    ja, en = f"{number}行目", f"Line {number}"
    if len(source) > MOST_CHARACTERS:
        raise Refused(
            "patterns",
            ja=f"{ja}：正規表現は{MOST_CHARACTERS:,}文字までです（{len(source):,}文字あります）。",
            en=f"{en}: a pattern may have {MOST_CHARACTERS:,} characters, not {len(source):,}.",
        )
    if folded:
        _must_fold_to_itself(number, source)
    program = _compiled("patterns", ja, en, source, folded=folded)
    if program.search("") is not None:
        raise Refused(
            "patterns",
            ja=f"{ja}：空の文字列に一致するため、すべてのコメントに一致します。「*」や「?」を減らしてください。",
            en=f"{en}: it matches the empty text, and so every comment. Use fewer * and ?.",
        )
    return Pattern(number, source, program)


def _must_fold_to_itself(number: int, source: str) -> None:
    """Refuse what stands in no folded text: the pattern would never match, and nobody would know why."""
    wrong = [(at, char, fold(char).text) for at, char in enumerate(source) if not _is_folded(char)]
    wrong += [(escaped.start(1), escaped[1], " ") for escaped in _LINE_END.finditer(source)]
    if not wrong:
        return
    at, char, instead = wrong[0]
    ja, en = f"「{instead}」と書いてください", f"write {instead}"
    if not instead.strip():
        ja, en = (
            ("半角の空白を書いてください", "write a blank")
            if instead
            else ("取り除いてください", "take it out")
        )
    raise Refused(
        "patterns",
        ja=f"{number}行目の{at + 1}文字目：「{char}」は全角・半角や空白をそろえた本文には現れません。{ja}。",
        en=f"Line {number}, column {at + 1}: {char!r} stands in no text with width and blanks made one; "
        f"{en}.",
    )


@lru_cache(maxsize=4096)
def _is_folded(char: str) -> bool:
    return fold(char).text == char.lower()


def _compiled(parameter: str, ja: str, en: str, source: str, *, folded: bool) -> Any:
    try:
        program = re2.compile(source, _options(_BYTES_ALONE, folded))
    except re2.error as error:
        raise _refusal(parameter, ja, en, source, error) from error
    if (steps := program.programsize) > MOST_STEPS:
        raise Refused(
            parameter,
            ja=f"{ja}：大きすぎて、長い本文では時間がかかります（{steps:,}手順、{MOST_STEPS}まで）。"
            "{n,m} の数を減らすか、行を分けてください。",
            en=f"{en}: too large, and slow on a long text ({steps:,} steps, {MOST_STEPS} at most). "
            "Lower the numbers in {n,m}, or make two lines of it.",
        )
    return program


def _refusal(parameter: str, ja: str, en: str, source: str, error: Exception) -> Refused:
    told = error.args[0]
    message = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
    kind = next((kind for kind in _REASONS if message.startswith(kind)), "")
    piece = message.partition(": ")[2]
    sentences = _REASONS.get(kind, (f"RE2が受け付けません：{message}", f"RE2 does not take it: {message}"))
    # RE2 names the piece that it stumbled over; where that is the whole pattern, there is no column to tell.
    at = source.find(piece) if piece not in {"", source} else -1
    places = (ja + (f"の{at + 1}文字目" if at >= 0 else ""), en + (f", column {at + 1}" if at >= 0 else ""))
    said = [
        f"{place}{mark}{sentence.format(piece)}"
        for place, mark, sentence in zip(places, ("：", ": "), sentences, strict=True)
    ]
    return Refused(parameter, ja=said[0], en=said[1])


def _options(most_bytes: int, folded: bool) -> Any:
    options = re2.Options()
    options.max_mem = most_bytes
    # RE2 writes to stderr otherwise.
    options.log_errors = False
    # Groups are not asked for, and finding them takes RE2's slower ways.
    options.never_capture = True
    options.case_sensitive = not folded
    return options
