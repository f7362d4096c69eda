"""Find the quoted passages in a body.

A quote is a run of lines led by `>` or one of its kin, or what stands between
quoting tags. The sign leads much else on a comment page: names that are
answered, numbers of comments, faces, arrows, console prompts. `find` leaves
those out, where it can be sure of them.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from moderation.quotes.attribution import MOST_LINES, Named, above, at_end, at_start, may_open, named_by
from moderation.quotes.base import Quoted
from moderation.quotes.frames import framed
from moderation.quotes.markers import Marked, marked_lines, width
from moderation.quotes.not_quotes import is_address, is_empty, is_sign, were_typed
from moderation.quotes.references import lead
from moderation.quotes.signs import BLANK
from moderation.quotes.tags import stretches, tagged_lines

_SIGNS = (">", "＞", "&gt;", "≫", "》", "|", "[/", "※", "№")
# Signs that stand for much else, with what tells that they may be meant.
_RARE = (
    ("#", re.compile("#[0-9０-９]")),
    ("＃", re.compile("＃[0-9０-９]")),
    ("o.", re.compile(rf"[Nn]o\.{BLANK}?[0-9０-９]")),
    ("O.", re.compile(rf"NO\.{BLANK}?[0-9０-９]")),
    ("．", re.compile(rf"[NnＮ][Ooｏ]．{BLANK}?[0-9０-９]")),
)
_QUOTING = re.compile(r"</blockquote|\[/quote", re.IGNORECASE)
_ARROWS = (">>>>", "＞＞＞＞", "&gt;&gt;&gt;&gt;")
# One of these stands in a header, a banner, a footer or a signature.
_FRAME = (":", "：", "--", "__", "ent from my", "から送信", "メッセージ")
# What tells a program, a grammar or the next command from words behind `|`.
_CODE = re.compile(
    r" (?:=|->|=>|:=|::) |\\\Z|^(?:grep|sort|uniq|awk|sed|head|tail|wc|xargs|jq|tee|less|cut|tr|sh)\b|^>"
)
# Columns that a line behind `|` must have to be words: alone, and in company.
_CLEAR, _WORDS = 32, 16
# What a wrap may leave alone on a line.
_CLOSES = re.compile(r"\s*[。．、，.,!?！？」』）)\]】”’\"]{1,4}\s*")
# A line that ends so is no wrapped one.
_SETTLED = re.compile(r"[.!?。．！？」』]['\")]?\Z")


def may_quote(body: str) -> bool:
    """Whether it is worth while to look for quotes and references: a sign of them stands somewhere."""
    for sign in _SIGNS:
        if sign in body:
            return True
    return any(sign in body and pattern.search(body) for sign, pattern in _RARE)


def find(body: str) -> tuple[Quoted, ...]:
    """The quoted passages of a body, in order.

    Lines of one depth that follow one another are one block. A line that is
    no quote ends it; at its edges empty quote lines, addresses, references,
    faces and prompts are left out, and a block of nothing else is no quote.
    """
    if not may_quote(body):
        return ()
    runs = list(_runs(_without_arrows(body, list(_lines(body)))))
    if _may_be_frame(body):
        runs = [part for run in runs for part in _without_frame(run)]
    return tuple(_blocks(body, runs))


def _lines(body: str) -> Iterator[Marked]:
    if not (("</" in body or "[/" in body) and _QUOTING.search(body)):
        yield from marked_lines(body, 0, len(body), 0)
        return
    number = 0
    for stretch in stretches(body):
        if stretch.depth:
            yield from tagged_lines(body, stretch, number)
        else:
            yield from marked_lines(body, stretch.start, stretch.end, number)
        # No line of a stretch is the neighbour of a line of the next.
        number += stretch.end - stretch.start + 2


def _without_arrows(body: str, lines: list[Marked]) -> list[Marked]:
    """Nesting that deep comes with the levels above it; alone it is an arrow, or marks a merge conflict."""
    if any(line.depth in {2, 3} for line in lines):
        return lines
    return [
        line for line in lines if line.depth < 4 or line.sure or not body.startswith(_ARROWS, line.line.mark)
    ]


class _Run(NamedTuple):
    """Lines of one depth that follow one another, and whom the headers before them name."""

    lines: list[Marked]
    named: Named | None = None


def _runs(lines: Sequence[Marked]) -> Iterator[_Run]:
    run: list[Marked] = []
    for line in lines:
        if run and _belongs(line, run[-1]):
            run.append(line)
            continue
        if run and not _is_drawn(run):
            yield _Run(run)
        run = [line]
    if run and not _is_drawn(run):
        yield _Run(run)


def _belongs(line: Marked, last: Marked) -> bool:
    return (
        line.number == last.number + 1
        and line.depth == last.depth
        and (line.sign == "|") == (last.sign == "|")
        and (line.sure or not line.numbers)
    )


def _is_drawn(run: Sequence[Marked]) -> bool:
    """Whether lines led by `|` are a drawing, a table or a program, and not words."""
    if run[0].sign != "|":
        return False
    texts = [line.text.strip() for line in run if not is_empty(line.text)]
    if not texts or any(_CODE.search(text) for text in texts):
        return True
    longest = max(width(text) for text in texts)
    return longest < (_CLEAR if len(texts) == 1 else _WORDS)


def _may_be_frame(text: str) -> bool:
    return any(sign in text for sign in _FRAME)


def _without_frame(run: _Run) -> Iterator[_Run]:
    """The run without what is the frame of a mail, which may cut it."""
    lines = run.lines
    if lines[0].sure or not any(_may_be_frame(line.text) for line in lines):
        yield run
        return
    frame, sender = framed([line.text for line in lines])
    kept = [line for number, line in enumerate(lines) if number not in frame]
    for part in _runs(kept):
        behind = frame and part.lines[0].number > lines[min(frame)].number
        yield _Run(part.lines, named_by(sender) if sender and behind else None)


def _blocks(body: str, runs: Sequence[_Run]) -> Iterator[Quoted]:
    # A program that writes whom it quotes does so once, above all that it quotes of him.
    carried: dict[int, str] = {}
    for number, run in enumerate(runs):
        following = runs[number + 1].lines[0] if number + 1 < len(runs) else None
        lines, named = _trimmed(run, following)
        if not lines:
            continue
        first = lines[0]
        depth = first.depth
        if first.numbers or first.name:
            named = Named(first.name, first.numbers)
        named = named or above(body, first.opening if first.sure else first.line.mark, depth)
        if named:
            carried = {each: name for each, name in carried.items() if each < depth}
            if named.dated:
                carried[depth] = named.name
        yield Quoted(
            first.line.mark,
            lines[-1].line.end,
            "\n".join([line.text for line in lines]),
            depth,
            tuple([line.line for line in lines]),
            named.name if named else carried.get(depth, ""),
            named.numbers if named else (),
        )


def _trimmed(run: _Run, following: Marked | None) -> tuple[list[Marked], Named | None]:
    """The lines of a run that quote words, and whom those before them name."""
    lines = run.lines
    first, named = _first(run)
    last = len(lines)
    if following and following.number == lines[-1].number + 1 and following.depth > lines[0].depth:
        last = _without_empty(lines, first, last)
        texts = [line.text for line in lines[first:last]]
        if texts and (found := at_end(texts[-MOST_LINES:], inside=True)):
            last -= found[0]
    last = _without_empty(lines, first, last)
    while last - 1 > first and _is_address(lines[last - 1]) and _is_settled(lines[last - 2]):
        last = _without_empty(lines, first, last - 1)
    kept = lines[first:last]
    if kept and not kept[0].sure and were_typed([line.text for line in kept], kept[0].depth):
        return [], named
    return kept, named


def _first(run: _Run) -> tuple[int, Named | None]:
    """The place of the first line that quotes words, and whom those before it name."""
    lines, named = run
    place = 0
    while place < len(lines):
        line = lines[place]
        if _is_nothing(line):
            place += 1
        elif may_open(line.text) and (
            found := at_start([each.text for each in lines[place : place + MOST_LINES]])
        ):
            place += found[0]
            named = found[1]
        elif _is_address(line):
            place += 1
            if reference := lead(f">>{line.text}") if line.tight else None:
                named = Named(reference.name, reference.numbers)
        else:
            break
    return place, named


def _without_empty(lines: Sequence[Marked], first: int, last: int) -> int:
    # The first is known to be more.
    while last > first + 1 and _is_nothing(lines[last - 1]):
        if _CLOSES.fullmatch(lines[last - 1].text) and not _is_settled(lines[last - 2]):
            break
        last -= 1
    return last


def _is_nothing(line: Marked) -> bool:
    return is_empty(line.text) or (line.opening < 0 and is_sign(line.text, tight=line.tight))


def _is_address(line: Marked) -> bool:
    signs = 2 if line.sign == "≫" else line.depth
    return line.opening < 0 and is_address(line.text, signs=signs, tight=line.tight)


def _is_settled(line: Marked) -> bool:
    text = line.text.rstrip()
    return not text or _SETTLED.search(text) is not None
