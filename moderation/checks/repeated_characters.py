"""One character, or a few, again and again; or a page of empty lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from moderation.checks.base import SHOWN, Check, Finding, Span, Submission, parameter
from moderation.text import fold

Place = tuple[int, int]

# The longest group that is looked for: 「今すぐ登録！」 has six characters.
_LONGEST = 8
# Line feeds with nothing but blanks between them. A line's blanks are taken with its feed, so that
# there is one way to match them.
_EMPTY = re.compile(r"\n(?:[^\S\n]*\n)+")


@dataclass(frozen=True)
class RepeatedCharacters(Check):
    """A character follows itself, or a group of two to eight does, more often than a person means.

    Width and case make no difference: `ｗWｗw` is one character four times.
    Lines ruled with dashes, dots or stars are none.
    """

    slug = "repeated_characters"
    title = {"ja": "文字の繰り返し", "en": "Repeated characters"}
    sentences = {
        "character": {
            "ja": "同じ文字が続く所が{count}か所あります（最長{longest}文字、{most}文字まで）。",
            "en": "Runs of one character: {count}; the longest has {longest}, {most} are allowed.",
        },
        "group": {
            "ja": "同じ数文字の繰り返しが{count}か所あります（{most}回まで）。",
            "en": "Runs of a few characters again and again: {count}; {most} times are allowed.",
        },
        "blank-lines": {
            "ja": "改行だけが続く所が{count}か所あります（最長{longest}行、{most}行まで）。",
            "en": "Runs of empty lines: {count}; the longest has {longest}, {most} are allowed.",
        },
    }

    # A laugh, 「ｗｗｗｗｗ」, or a cry, 「ああああああ」, seldom has more than a dozen.
    most: int = parameter(
        20,
        ja="同じ文字が続いてよい数。0なら調べません。",
        en="Times that a character may stand in a row; 0 allows any number.",
        most=1_000,
    )
    # 「いやいやいや」 and 「はいはいはいはい」 are speech, and ドンドン is, too.
    groups: int = parameter(
        6,
        ja="2〜8文字のまとまりが続いてよい回数。0なら調べません。",
        en="Times that a group of two to eight characters may stand in a row; 0 allows any number.",
        most=1_000,
    )
    # Twenty line feeds push what others wrote off a screen.
    lines: int = parameter(
        10,
        ja="続いてよい空行の数。0なら調べません。",
        en="Empty lines that may stand in a row; 0 allows any number.",
        most=1_000,
    )
    free: str = parameter(
        ">＞…‥・･.。､、-－‐–—―─━=＝_＿*＊~～〜#＃+＋|｜★☆■□●○◆◇▼▽",
        ja="いくつ続いてもよい文字（罫線など）。",
        en="Characters that may stand in a row as often as one likes: lines are ruled with them.",
    )

    def check(self, submission: Submission) -> Iterator[Finding]:
        folded = submission.folded
        for code, most, lengths in (
            ("character", self.most, range(1, 2)),
            ("group", self.groups, range(2, _LONGEST + 1)),
        ):
            if most and (places := self._rows(folded.text, most, lengths)):
                spans = tuple(Span("body", *folded.original_span(*place)) for place in places[:SHOWN])
                longest = max(end - start for start, end in places)
                yield Finding(code, spans, {"count": len(places), "longest": longest, "most": most})
        yield from self._blank_lines(submission.body)

    def _rows(self, text: str, most: int, lengths: range) -> list[Place]:
        """Where a group of one of these lengths stands more than `most` times in a row; none overlap."""
        if not _may_repeat(text, most * lengths[0], lengths):
            return []
        characters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        found: list[Place] = []
        for length in lengths:
            if len(text) <= most * length:
                break
            same = characters[:-length] == characters[length:]
            if np.count_nonzero(same) >= most * length:
                found += [(start, end + length) for start, end in _stretches(same, most * length)]
        places: list[Place] = []
        for start, end in sorted(found):
            if (not places or start >= places[-1][1]) and self._counts(
                text[start : start + lengths[-1]], lengths
            ):
                places.append((start, end))
        return places

    def _counts(self, group: str, lengths: range) -> bool:
        """Whether a row that begins so is no ruled line, and no run of one character among the groups."""
        kinds = set(group)
        return not kinds <= self._free and (len(kinds) > 1 or lengths[0] == 1)

    @cached_property
    def _free(self) -> frozenset[str]:
        return frozenset(fold(self.free).text) | {" "}

    def _blank_lines(self, body: str) -> Iterator[Finding]:
        # The first line feed of a row ends the line before the empty ones.
        if not self.lines or body.count("\n") <= self.lines + 1:
            return
        found = [(match.start(), match.end(), match[0].count("\n") - 1) for match in _EMPTY.finditer(body)]
        if found := [each for each in found if each[2] > self.lines]:
            spans = tuple(Span("body", start, end) for start, end, _ in found[:SHOWN])
            data = {"count": len(found), "longest": max(each[2] for each in found), "most": self.lines}
            yield Finding("blank-lines", spans, data)


def _may_repeat(text: str, step: int, lengths: range) -> bool:
    """Whether it is worth to look closer: in most texts it is not.

    Where a group repeats, so many characters in a row equal those a length
    further on. One of them stands at a multiple of that number, and beside it
    there is another.
    """
    if step < 2:
        return True
    for at in range(0, len(text) - lengths[0], step):
        last = at + lengths[-1] + 1
        other = text.find(text[at], at + lengths[0], last)
        while other >= 0:
            if text[at + 1] == text[other + 1 : other + 2] or (at and text[at - 1] == text[other - 1]):
                return True
            other = text.find(text[at], other + 1, last)
    return False


def _stretches(same: np.ndarray[tuple[int], np.dtype[np.bool_]], least: int) -> list[Place]:
    """Where so many or more in a row are true."""
    edges = np.flatnonzero(np.diff(same, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts >= least
    return list(zip(starts[long].tolist(), ends[long].tolist(), strict=True))
