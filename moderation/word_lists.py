"""What a word list holds and what is odd about it: read from a file, said twice, dangerous. Pure."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from moderation.checks.words import Words
from moderation.text import Folded, fold

MOST_LINES = 20_000
MOST_CHARACTERS = 100
MOST_BYTES = 2 << 20
# Examples of ordinary sentences that are shown for one word.
_SHOWN = 3

_CORPUS = Path(__file__).parents[1] / "seeds" / "corpus"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# One or two kana stand inside words of every kind: 「ばか」 in 「そればかり」, 「しね」 in 「いしねんど」.
_SHORT_KANA = re.compile("[ぁ-ゖァ-ヶー]{1,2}")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a line of a file, in both languages; line 0 is the file itself."""

    line: int
    ja: str
    en: str


class WrongFileError(ValueError):
    """A file is no word list."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__("; ".join(each.en for each in wrong))
        self.wrong = tuple(wrong)


@dataclass(frozen=True, slots=True)
class Risk:
    """A word that would hit ordinary Japanese or English: it is short kana, or stands in `examples`."""

    word: str
    short: bool
    examples: tuple[str, ...]


def read_file(data: bytes) -> list[str]:
    """The lines of a word list, UTF-8 or Shift_JIS, without blanks around them. Raises `WrongFileError`."""
    if len(data) > MOST_BYTES:
        raise WrongFileError(
            [Wrong(0, f"ファイルは{MOST_BYTES >> 20}MBまでです。", f"A file may have {MOST_BYTES >> 20} MB.")]
        )
    lines = _decoded(data).splitlines()
    wrong = faults(lines)
    kept = [line.strip() for line in lines if line.strip()]
    if not kept and not wrong:
        wrong.append(Wrong(0, "ファイルに語がありません。", "There is no word in the file."))
    if wrong:
        raise WrongFileError(wrong)
    return list(dict.fromkeys(kept))


def faults(lines: Sequence[str]) -> list[Wrong]:
    """What is wrong with the lines of a list, by whatever way they come in.

    Each word is looked for in all its disguises: twenty thousand long ones take seconds to be made ready.
    """
    wrong = [each for number, line in enumerate(lines, start=1) if (each := _wrong(number, line.strip()))]
    if sum(1 for line in lines if line.strip()) > MOST_LINES:
        ja, en = f"語は{MOST_LINES:,}行までです。", f"A list may have {MOST_LINES:,} lines."
        wrong.append(Wrong(0, ja, en))
    return wrong


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as not_utf8:
        try:
            return data.decode("cp932")
        except UnicodeDecodeError as error:
            # Where neither reads it, the line that UTF-8 stumbles over is the likelier slip.
            line = data[: max(not_utf8.start, error.start)].count(b"\n") + 1
            ja, en = "UTF-8でもShift_JISでもない文字があります。", "It is neither UTF-8 nor Shift_JIS."
            raise WrongFileError([Wrong(line, ja, en)]) from error


def _wrong(number: int, line: str) -> Wrong | None:
    if not line:
        return None
    if len(line) > MOST_CHARACTERS:
        return Wrong(
            number,
            f"{MOST_CHARACTERS}文字までです（{len(line):,}文字あります）。",
            f"A line may have {MOST_CHARACTERS} characters, not {len(line):,}.",
        )
    if _CONTROL.search(line):
        return Wrong(
            number, "制御文字やタブがあります。1行に1語だけ書きます。", "It has control characters or tabs."
        )
    if not fold(line.removeprefix("!")).text.strip():
        return Wrong(number, "見える文字がありません。", "It has no character that can be seen.")
    return None


def check_of(lines: Iterable[str], *, disguised: bool = True, kana: bool = False) -> Words:
    """The check that a list makes."""
    lines = list(lines)
    return Words(
        words=tuple(line for line in lines if not line.startswith("!")),
        allow=tuple(line[1:] for line in lines if line.startswith("!")),
        disguised=disguised,
        kana=kana,
    )


def duplicates(lines: Iterable[str], *, kana: bool = False) -> list[tuple[str, str]]:
    """Lines that look for what an earlier one looks for already, each with the earlier one."""
    check, first, found = Words(kana=kana), dict[str, str](), list[tuple[str, str]]()
    for line in lines:
        mark = "!" if line.startswith("!") else ""
        folded = mark + check.folded_word(line.removeprefix("!"))
        if folded in first:
            found.append((line, first[folded]))
        first.setdefault(folded, line)
    return found


def risks(lines: Sequence[str], *, kana: bool = False) -> list[Risk]:
    """Words that would hit what people write in all innocence, in the order of the list."""
    check = check_of(lines, disguised=False, kana=kana)
    examples: dict[str, list[str]] = {}
    for sentence in ordinary():
        for start, end, word in check.matches(sentence):
            examples.setdefault(word, []).append(_around(sentence, start, end))
    found = []
    for line in lines:
        folded = check.folded_word(line)
        short = _SHORT_KANA.fullmatch(folded) is not None
        if not line.startswith("!") and (short or folded in examples):
            shown = tuple(dict.fromkeys(examples.get(folded, ())))
            found.append(Risk(line, short, shown[:_SHOWN]))
    return found


def _around(sentence: Folded, start: int, end: int) -> str:
    return f"…{sentence.text[max(start - 12, 0) : end + 12]}…"


@cache
def ordinary() -> tuple[Folded, ...]:
    """Texts that nobody objects to: the shipped corpora's articles, and comments that are to be published."""
    return tuple(fold(text) for text in dict.fromkeys(_ordinary()))


def _ordinary() -> Iterator[str]:
    for line in (_CORPUS / "comments.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["decision"] == "publish" and row["kind"] != "mention":
            yield row["body"]
    for line in (_CORPUS / "quotes.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["type"] == "scene":
            yield from (revision["body"] for revision in row["article"]["revisions"])
            yield from (comment["body"] for comment in row["comments"] if not comment["hidden"])
