"""Where the parts of a Movable Type export begin and end.

An entry is a head of `KEY: value` lines and sections (`BODY:`, `COMMENT:`, …)
parted by `-----`; `--------` ends it. Nothing is escaped, so a reader who
draws a line of hyphens looks like a rule. What follows tells: `-----` ends a
section only before a section's name, before `--------` or at the end of the
file; `--------` inside a section only before the head of an entry or the end.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from comments.drafts import Refused
from comments.formats.lines import Line, utf8

RULE, END = "-----", "--------"
# An article's HTML may be several times its text.
_TEXT_LIMIT = 2_000_000

ENTRY_KEYS = {
    *("AUTHOR", "AUTHOR EMAIL", "TITLE", "STATUS", "BASENAME", "DATE", "UNIQUE URL", "ALLOW COMMENTS"),
    *("ALLOW PINGS", "CONVERT BREAKS", "PRIMARY CATEGORY", "CATEGORY", "TAGS", "NO ENTRY", "IMAGE"),
}
_NAME = re.compile(r"(BODY|EXTENDED BODY|EXCERPT|KEYWORDS|COMMENT|PING):[ \t]*")
_HEADER = re.compile(r"([A-Z][A-Z0-9_ ]*):(?:[ \t]+(.*)|)")


@dataclass(slots=True)
class Section:
    """A part of an entry: its name (`""` for the head), first line, texts, and a
    `fault` where a line could not be read. `ends` says that the entry ends with it."""

    name: str
    line: int
    lines: list[str] = field(default_factory=list)
    fault: Refused | None = None
    ends: bool = False
    size: int = 0

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def add(self, text: str) -> None:
        if self.size < _TEXT_LIMIT:
            self.lines.append(text)
        self.size += len(text) + 1


def header(line: str) -> tuple[str, str] | None:
    """Key and value of a `KEY: value` line."""
    found = _HEADER.fullmatch(line)
    return (found[1], (found[2] or "").strip()) if found else None


def read_sections(lines: Iterable[Line]) -> Iterator[Section]:
    """The sections in order; every entry begins with its head."""
    reader = _Reader()
    for line in lines:
        text, fault = _text(line)
        yield from reader.line(line.number, text, fault)
    yield from reader.end()


def _text(line: Line) -> tuple[str, Refused | None]:
    """The line's text; what can be shown of one that cannot be read, and why."""
    if not line.whole:
        return line.raw, Refused("line", "", "is longer than 1 MiB.", code="line-too-long")
    try:
        return utf8(line), None
    except ValueError as error:
        return line.raw, Refused(f"line {line.number}", "", str(error), code="encoding")


class _Reader:
    """Holds back a rule, with the blank lines behind it, until the next line tells what it is."""

    def __init__(self) -> None:
        self._section: Section | None = None
        self._rule = ""
        self._blank = 0
        # Behind the head's rule and between sections a name must come.
        self._in_entry = False

    def line(self, number: int, text: str, fault: Refused | None) -> Iterator[Section]:
        stripped = text.rstrip()
        if self._rule:
            if not stripped:
                self._blank += 1
                return
            yield from self._decide(stripped)
        if self._section is None:
            yield from self._begin(number, stripped)
        elif stripped in {RULE, END}:
            self._rule = stripped
            if not self._section.name:
                yield from self._close(ends=stripped == END)
            return
        else:
            self._section.add(text)
        if fault and self._section:
            self._section.fault = self._section.fault or fault

    def end(self) -> Iterator[Section]:
        if self._section is not None:
            yield from self._close(ends=True)

    def _decide(self, following: str) -> Iterator[Section]:
        """What the rule was, now that the next line is known."""
        key = header(following)
        if self._rule == RULE:
            ends = following == END or _NAME.fullmatch(following) is not None
        else:
            ends = key is not None and key[0] in ENTRY_KEYS
        if ends:
            yield from self._close(ends=END in {self._rule, following})
        elif self._section is not None:
            for text in (self._rule, *[""] * min(self._blank, 100)):
                self._section.add(text)
        self._rule, self._blank = "", 0

    def _begin(self, number: int, text: str) -> Iterator[Section]:
        """A section by its name, a head by its first line; text of no section is a body."""
        named = _NAME.fullmatch(text)
        if text == END:
            self._in_entry = False
        elif self._in_entry and named:
            self._section = Section(named[1], number)
        elif self._in_entry and text and text != RULE:
            self._section = Section("BODY", number, [text])
        elif text and text != RULE:
            self._in_entry = True
            self._section = Section("", number, [text])
        return iter(())

    def _close(self, *, ends: bool) -> Iterator[Section]:
        section, self._section = self._section, None
        self._rule, self._blank = "", 0
        self._in_entry = not ends
        if section is not None:
            section.ends = ends
            yield section
