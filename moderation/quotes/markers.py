"""The lines of a body that are led by a marker."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from moderation.quotes.base import Line
from moderation.quotes.frames import outside
from moderation.quotes.references import numbers_of
from moderation.quotes.signs import BLANK, COUNTER, LEAD, LINE_END, MARK, NUMBERS, PERSON, TWO

_MARK = re.compile(rf"{LEAD}(?P<marks>{MARK}(?:{BLANK}*+{MARK})*+)(?P<blank>{BLANK}?)")
_ONE_MARK = re.compile(MARK)
_PIPE = re.compile(rf"{LEAD}(?P<marks>[|])(?P<blank>{BLANK}?)(?=[^|]*\Z)")
# `>>12 > text` refers and quotes on one line.
_REFERENCE = re.compile(
    rf"{LEAD}(?:{TWO}|※|№|[NnＮ][Ooｏ][.．]){BLANK}?{NUMBERS}(?:{PERSON})?[ \t\u3000:：、]*+(?=[>＞]|&gt;)"
)
_FIRST = frozenset(">＞≫》&|※№NnＮ")
_HUNK = re.compile(r"\d[acd]\d")
_LEADING = " \t\u00a0\u3000\u200b\u2060\ufeff"

# A mail program breaks lines at 72 to 80 columns, and one that quotes adds its marks; what it breaks
# off stands alone, without a mark.
_FULL, _WIDEST, _OVERHANG = 64, 90, 40
# A shorter line was not broken by a program.
_LEAST = 16
# What no line of Japanese begins with (JIS X 4051), unless it was broken by force.
_NEVER_FIRST = frozenset("、。，．,.」』）】〉》ぁぃぅぇぉっゃゅょァィゥェォッャュョーをん")
_SENTENCES = re.compile("[。！？!?]")
# A particle behind a noun, a counter behind a number: no sentence begins between them.
_WITHIN = re.compile(
    "[^\\Wぁ-ん]\n(?:[をにがのへ]|は(?!い)|で(?!も|は|す)|と(?!て|に|り)|も(?!う|し|っ))"
    rf"|[0-9０-９〇一二三四五六七八九十百千万億]\n{COUNTER}"
)
_LOWER = re.compile(r"[a-z(\"'*]")
_SENTENCE_END = re.compile(r"[.!?:;。！？」』]['\")\]]?\s*\Z")


class Marked(NamedTuple):
    """A line that may be a quote line.

    `number` counts the body's lines, so that neighbours are known; `text` is
    what the line quotes. `tight` says that no blank stands behind the markers.
    `name` and `numbers` are what an attribution or a reference on the same line
    says. Where tags and no markers make it a quote, `opening` is where they open.
    """

    number: int
    line: Line
    depth: int
    text: str
    sign: str
    tight: bool = False
    name: str = ""
    numbers: tuple[int, ...] = ()
    opening: int = -1

    @property
    def sure(self) -> bool:
        """Whether it is a quote whatever it looks like."""
        return self.opening >= 0


def marked_lines(body: str, start: int, end: int, number: int) -> Iterator[Marked]:
    """The marked lines of `body[start:end]`, whose first line counts as `number`."""
    part = body[start:end]
    raws = part.splitlines(keepends=True)
    frame = (
        outside(raws)
        if any(sign in part for sign in ("--", "```", "~~~")) or _HUNK.search(part)
        else frozenset[int]()
    )
    last: Marked | None = None
    at = start
    for place, raw in enumerate(raws):
        found: Marked | None = None
        may_lead = raw.lstrip(_LEADING)[:1] in _FIRST and place not in frame
        if may_lead and not _goes_on(raws[place - 1] if place else ""):
            found = _marked(raw, at, number + place)
        if found is None and last and len(raws[place - 1]) > _LEAST and _is_overhang(raws, place, last.depth):
            text = raw.rstrip(LINE_END)
            found = last._replace(number=number + place, line=Line(at, at, at + len(text)), text=text)
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
    return Marked(number, line, depth, content[match.end() :], marks[0], tight, "", numbers)


def _goes_on(previous: str) -> bool:
    """Whether the sign behind it closes what the line before opened: `<a href="…"` or `《`."""
    if "<" in previous:
        opened = previous.rfind("<")
        if opened > previous.rfind(">") and previous[opened + 1 : opened + 2].isalpha():
            return True
    return "《" in previous and previous.rfind("《") > previous.rfind("》")


def _is_overhang(raws: list[str], place: int, depth: int) -> bool:
    """Whether the unmarked line at `place` is what a program broke off the marked line before it.

    An answer stands in the same place. So it must begin and end within a
    sentence, and the marked line behind it must go on with that.
    """
    before, text = raws[place - 1].rstrip(), raws[place].strip()
    following = _MARK.match(raws[place + 1]) if place + 1 < len(raws) else None
    if not text or following is None or len(_ONE_MARK.findall(following["marks"])) != depth:
        return False
    if _SENTENCE_END.search(before) or len(before) > _WIDEST:
        return False
    behind = raws[place + 1][following.end() :].strip()
    if text.isascii() and before.isascii():
        return _did_not_fit(raws, place, text, behind)
    if text[0] in _NEVER_FIRST and len(text) <= _OVERHANG and width(before) >= _FULL:
        return True
    return not _SENTENCES.search(text) and _WITHIN.search(f"{text[-1]}\n{behind[:3]}") is not None


def _did_not_fit(raws: list[str], place: int, text: str, behind: str) -> bool:
    """Whether the first word would have made the line before it longer than the marked lines around."""
    if len(text) > _OVERHANG or not _LOWER.match(text):
        return False
    if behind[:1].isupper() and not _SENTENCE_END.search(text):
        return False
    around = (raws[max(0, place - 8) : place - 1], raws[place + 1 : place + 8])
    longest = max((len(line.rstrip()) for lines in around for line in lines if _MARK.match(line)), default=0)
    wanted = len(raws[place - 1].rstrip()) + 1 + len(text.split(maxsplit=1)[0])
    return wanted > max(_FULL, min(longest, _WIDEST))


def width(text: str) -> int:
    """Columns in print: a kana or kanji takes two."""
    return len(text) + sum(1 for character in text if character >= "\u1100")
