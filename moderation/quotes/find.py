"""Find the quoted passages in a body.

A quote is a run of lines led by `>`, `＞` or `&gt;`. The sign leads much else
on a comment page: names that are answered, numbers of comments, faces, arrows,
console prompts. `find` leaves those out, where it can be sure of them.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from moderation.quotes.base import Line, Quoted

_MARKS = (">", "＞", "&gt;")
# Blanks and invisible characters that may stand before the first marker.
_LEAD = "[ \t\u00a0\u3000\u200b\u2060\ufeff]*"
_BLANK = "[ \t\u00a0\u3000]"
_MARK = re.compile(rf"{_LEAD}(?P<marks>(?:[>＞]|&gt;)(?:{_BLANK}*(?:[>＞]|&gt;))*)(?P<blank>{_BLANK}?)")
_ONE_MARK = re.compile("[>＞]|&gt;")
_WORD = re.compile(r"[^\W_]")

# >_<  ＞＜  >.<  ＞ω＜: a mouth and the other eye. `><b>` is a quoted tag.
_FACE = re.compile("[-_＿.~^oO0wWдДω∀皿□/;,'`゜・ ]{0,6}[<＜](?![A-Za-z/!])|[_＿.]+[>＞]")
# >:(  >;-)  stand without a blank; `> :) thanks` quotes a smile.
_CROSS_FACE = re.compile(r"[:;]'?-?[()DPp3OoX|/\\\[\]](?!\w)")

_ARROWS = (">>>>", "＞＞＞＞", "&gt;&gt;&gt;&gt;")

_NUMBERS = r"\d{1,5}(?:\s*[-ー~〜～,、，]\s*(?:[>＞]{1,2})?\d{1,5})*(?!\d)"
# `>>1962年の危機` quotes a sentence that begins with a figure, and refers to no comment.
_COUNTED = "[年月日時分秒週世人名円個件回度歳才%％億万千百兆本台機隻位割倍つ箇カケヵヶ]"
_REFERENCE = re.compile(rf"{_NUMBERS}(?![.．]\d)(?!\s*{_COUNTED})(?![A-Za-z])")
# The first blanks are taken for good: shared out between the two runs they take the square of their number.
_BARE_REFERENCE = re.compile(rf"{_NUMBERS}\s*+(?:さん|様|氏|の人|の方)?(?:へ)?[\s、,:：。]*")

_HONORIFIC = "(?:さん|サン|さま|様|氏|ちゃん|くん|君|殿|どの|先生|先輩|各位)(?:方|達|たち|がた|ら)?"
_CLOSING = r"(?:へ|宛て?|[\s、,，:：。.!！…→])*"
_ADDRESS = re.compile(
    rf"[^\s、。,.!?！？「」]{{1,20}}{_HONORIFIC}{_CLOSING}"
    rf"|@?(?:all|everyone|everybody|皆|みな|みんな|各位|主|スレ主|ブログ主|管理人|上|下|↑|↓)(?:様|さん)?{_CLOSING}"
    rf"|[^\s、。]{{1,12}}の(?:人|方|者){_CLOSING}"
    r"|@\w{1,30}[\s,:、：]*"
    r"|(?-i:[A-Z][\w-]{1,20}(?: [A-Z][\w-]{1,20})?[,:、：]\s*)",
    re.IGNORECASE,
)
# A name, and the answer on the same line. は, が, を and も tell a sentence from a name.
_ADDRESS_AND_ANSWER = re.compile(
    r"[^\s、。はがをも]{1,12}(?:さん|さま|様|氏|殿)(?:方|達|たち)?へ?[ \t\u3000、,，:：]+\S"
    "|all[\u3000、:：]",
    re.IGNORECASE,
)

_PYTHON = re.compile(
    r"import [\w.]+(?: as \w+)?$|from [\w.]+ import |print\(|(?:def|class|for|while|if|with)\b.*:$"
    r"|[A-Za-z_]\w*(?:\.\w+)*(?: ?= ?\S|\(.*\)$)"
)
_R = re.compile(r"[A-Za-z.][\w.]*\s*<-\s*\S|(?:library|require)\([\w\"']+\)$")


def may_quote(body: str) -> bool:
    """Whether it is worth while to look for quotes: the sign stands somewhere."""
    return any(mark in body for mark in _MARKS)


def find(body: str) -> tuple[Quoted, ...]:
    """The quoted passages of a body, in order.

    Lines of one depth that follow one another are one block. A line that is
    no quote ends it; at its edges empty quote lines, addresses, references,
    faces and prompts are left out, and a block of nothing else is no quote.
    """
    if not may_quote(body):
        return ()
    lines = list(_quote_lines(body))
    # Nesting that deep comes with the levels above it; alone it is an arrow.
    if not any(line.depth in {2, 3} for line in lines):
        lines = [line for line in lines if not body.startswith(_ARROWS, line.line.mark)]
    blocks = groupby(enumerate(lines), key=lambda pair: (pair[1].number - pair[0], pair[1].depth))
    found = (_block(body, [line for _, line in block]) for _, block in blocks)
    return tuple(quoted for quoted in found if quoted)


class _Marked(NamedTuple):
    number: int
    line: Line
    depth: int
    tight: bool


def _quote_lines(body: str) -> Iterator[_Marked]:
    at = 0
    for number, raw in enumerate(body.splitlines(keepends=True)):
        if found := _MARK.match(raw):
            end = at + len(raw.splitlines()[0])
            depth = sum(1 for _ in _ONE_MARK.finditer(found["marks"]))
            line = Line(at + found.start("marks"), at + found.end(), end)
            yield _Marked(number, line, depth, not found["blank"])
        at += len(raw)


def _block(body: str, marked: list[_Marked]) -> Quoted | None:
    first, last = 0, len(marked)
    while first < last and not _is_passage(body, marked[first]):
        first += 1
    while first < last and not _is_passage(body, marked[last - 1]):
        last -= 1
    if first == last:
        return None
    lines = tuple(each.line for each in marked[first:last])
    text = "\n".join(body[line.start : line.end] for line in lines)
    return Quoted(lines[0].mark, lines[-1].end, text, marked[first].depth, lines)


def _is_passage(body: str, marked: _Marked) -> bool:
    """Whether the line quotes words, and is none of the other things that begin with the sign."""
    raw = body[marked.line.start : marked.line.end]
    text = raw.strip()
    if not _WORD.search(text) or _FACE.match(raw):
        return False
    if marked.tight and (raw.startswith(("=", "＝")) or _CROSS_FACE.match(raw)):
        return False
    if _ADDRESS.fullmatch(text) or _ADDRESS_AND_ANSWER.match(text) or _BARE_REFERENCE.fullmatch(text):
        return False
    if marked.tight and marked.depth == 2 and _REFERENCE.match(text):
        return False
    prompt = {1: _R, 3: _PYTHON}.get(marked.depth)
    return not (prompt and text.isascii() and prompt.match(text))
