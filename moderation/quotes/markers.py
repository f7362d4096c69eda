"""The lines of a body that are led by a marker."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from moderation.quotes.base import Line
from moderation.quotes.frames import outside
from moderation.quotes.references import numbers_of
from moderation.quotes.signs import BLANK, LEAD, LINE_END, MARK, NUMBERS, PERSON, TWO

_MARK = re.compile(rf"{LEAD}(?P<marks>{MARK}(?:{BLANK}*+{MARK})*+)(?P<blank>{BLANK}?)")
_ONE_MARK = re.compile(MARK)
_PIPE = re.compile(rf"{LEAD}(?P<marks>[|])(?P<blank>{BLANK}?)(?=[^|]*\Z)")
# `>>12 > text` refers and quotes on one line.
_REFERENCE = re.compile(
    rf"{LEAD}(?:{TWO}|※|№|[NnＮ][Ooｏ][.．]){BLANK}?{NUMBERS}(?:{PERSON})?[ \t\u3000:：、]*+(?=[>＞]|&gt;)"
)
_FIRST = frozenset(">＞≫》&|※№NnＮ")
_FRAMED = re.compile(r"^(?:--|```|\d[\d,]*[acd]\d)", re.MULTILINE)
_LEADING = " \t\u00a0\u3000\u200b\u2060\ufeff"

# A mail program breaks lines at 72 to 80 columns, and one that quotes adds its marks; what it breaks
# off stands alone, without a mark.
_FULL, _WIDEST, _OVERHANG = 64, 90, 40
# What no line of Japanese begins with (JIS X 4051), unless it was broken by force.
_NEVER_FIRST = frozenset("、。，．,.」』）】〉》ぁぃぅぇぉっゃゅょァィゥェォッャュョーをん")
_LOWER = re.compile(r"[a-z(\"'*]")
_SENTENCE_END = re.compile(r"[.!?:;。！？」』]['\")\]]?\s*\Z")


class Marked(NamedTuple):
    """A line that may be a quote line.

    `number` counts the body's lines, so that neighbours are known; `text` is
    what the line quotes. `tight` says that no blank stands behind the markers,
    `sure` that tags and no markers make it a quote. `name` and `numbers` are
    what an attribution or a reference on the same line says.
    """

    number: int
    line: Line
    depth: int
    text: str
    sign: str
    tight: bool = False
    sure: bool = False
    name: str = ""
    numbers: tuple[int, ...] = ()


def marked_lines(body: str, start: int, end: int, number: int) -> Iterator[Marked]:
    """The marked lines of `body[start:end]`, whose first line counts as `number`."""
    part = body[start:end]
    raws = part.splitlines(keepends=True)
    frame = outside(raws) if _FRAMED.search(part) else frozenset[int]()
    last: Marked | None = None
    at = start
    for place, raw in enumerate(raws):
        found: Marked | None = None
        if raw.lstrip(_LEADING)[:1] in _FIRST:
            if place not in frame and not _goes_on(raws[place - 1] if place else ""):
                found = _marked(raw, at, number + place)
        elif last and 2 * len(raws[place - 1]) > _FULL and _is_overhang(raws, place, last.depth):
            found = last._replace(
                number=number + place,
                line=Line(at, at, at + len(raw.rstrip(LINE_END))),
                text=raw.rstrip(LINE_END),
            )
        if found:
            yield found
        last = found
        at += len(raw)


def _marked(raw: str, at: int, number: int) -> Marked | None:
    content = raw.rstrip(LINE_END)
    match = _MARK.match(content)
    reference = None
    if match is None or content[match.end() : match.end() + 1].isdigit():
        if reference := _REFERENCE.match(content):
            match = _MARK.match(content, reference.end())
        match = match or _PIPE.match(content)
        if match is None:
            return None
    marks = match["marks"]
    depth = 1 if len(marks) == 1 else len(_ONE_MARK.findall(marks))
    line = Line(at + match.start("marks"), at + match.end(), at + len(content))
    numbers = numbers_of(reference[0]) if reference else ()
    tight = not match["blank"]
    return Marked(number, line, depth, content[match.end() :], marks[0], tight, False, "", numbers)


def _goes_on(previous: str) -> bool:
    """Whether the sign behind it closes what the line before opened: `<a href="…"` or `《`."""
    if "<" in previous:
        opened = previous.rfind("<")
        if opened > previous.rfind(">") and previous[opened + 1 : opened + 2].isalpha():
            return True
    return "《" in previous and previous.rfind("《") > previous.rfind("》")


def _is_overhang(raws: list[str], place: int, depth: int) -> bool:
    """Whether the unmarked line at `place` is what a mail program broke off the marked line before it."""
    before, text = raws[place - 1].rstrip(), raws[place].strip()
    if not 0 < len(text) <= _OVERHANG or place + 1 == len(raws):
        return False
    following = _MARK.match(raws[place + 1])
    if following is None or len(_ONE_MARK.findall(following["marks"])) != depth:
        return False
    if _SENTENCE_END.search(before) or len(before) > _WIDEST:
        return False
    if text[0] in _NEVER_FIRST:
        return width(before) >= _FULL
    behind = raws[place + 1][following.end() :].strip()
    continues = _SENTENCE_END.search(text) or not behind or not behind[0].isupper()
    if not (_LOWER.match(text) and before.isascii() and continues):
        return False
    # The first word did not fit where the lines around it end.
    wanted = len(before) + 1 + len(text.split()[0])
    around = (raws[max(0, place - 8) : place - 1], raws[place + 1 : place + 8])
    longest = max((len(line.rstrip()) for lines in around for line in lines if _MARK.match(line)), default=0)
    return max(_FULL, min(longest, _WIDEST)) < wanted


def width(text: str) -> int:
    """Columns in print: a kana or kanji takes two."""
    return len(text) + sum(1 for character in text if character >= "\u1100")
