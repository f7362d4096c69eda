"""Quotes between tags, as imports have them: `<blockquote>` and `[quote=name]`."""

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from moderation.quotes.attribution import cited_name
from moderation.quotes.base import Line
from moderation.quotes.markers import Marked
from moderation.quotes.signs import HONORIFIC, LINE_END

_TAG = re.compile(
    r"<(?P<slash>/?)blockquote\b[^<>]*>|\[(?P<end>/?)quote\b(?P<given>[^\[\]\n]{0,200})\]", re.IGNORECASE
)
# Whom the tag names: [quote=松田], [quote="Hana, post:3, topic:12"], [quote author=Hana link=…],
# [quote='Hana' pid='12'].
_GIVEN = re.compile(
    r"\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^;\"']*))|\s+(?:author|name)=\"?(?P<author>[^\"=]*?)\"?(?=\s+\w+=|\s*\Z)",
    re.IGNORECASE,
)
_POST = re.compile(r"\b(?:post|pid|comment)\s*[:=]\s*['\"]?(\d{1,6})(?!\d)", re.IGNORECASE)

_BREAKING = (
    "p|br|div|li|ul|ol|h[1-6]|hr|pre|blockquote|table|tr|section|figure|figcaption|dl|dt|dd|cite|footer"
)
_INLINE = (
    "a|abbr|b|bdi|big|code|del|em|font|i|img|ins|kbd|mark|q|rb|rp|rt|ruby|s|samp|small|span|strike|strong|sub|sup"
    "|tbody|td|th|thead|time|tt|u|var|wbr"
)
_BBCODE = "b|i|u|s|url|img|color|colour|size|font|em|strong|code|center|left|right|email"
# What is no text of the quote: a line's end, a tag, a character's name.
_TOKEN = re.compile(
    rf"(?P<end>\r\n|[{LINE_END}])|<(?P<slash>/?)(?:(?P<breaking>{_BREAKING})|{_INLINE})\b[^<>]*>"
    rf"|\[/?(?:{_BBCODE})\b[^\[\]\n]{{0,200}}\]|(?P<entity>&(?:\#\d{{1,7}}|\#[xX][0-9a-fA-F]{{1,6}}|[A-Za-z]{{2,31}});)",
    re.IGNORECASE,
)
_SPACE = " \t\u00a0\u3000"


class Stretch(NamedTuple):
    """A part of the body: outside of all tags (`depth` 0), or quoted by them and by none inside.

    `opening` is where the tag begins, or -1 behind a quote inside.
    """

    start: int
    end: int
    depth: int = 0
    opening: int = 0
    name: str = ""
    numbers: tuple[int, ...] = ()


def stretches(body: str) -> Iterator[Stretch]:
    """The body, cut at its quoting tags. A tag without its other half is text."""
    at = 0
    levels = [Stretch(0, 0)]
    for start, end, opened in _paired(body):
        level = levels[-1]
        if start > at:
            yield level._replace(start=at, end=start)
        if opened is None:
            levels.pop()
            levels[-1] = levels[-1]._replace(opening=-1)
        else:
            name, numbers = opened
            levels.append(Stretch(0, 0, len(levels), start, name, numbers))
        at = end
    if at < len(body):
        yield Stretch(at, len(body))


def _paired(body: str) -> list[tuple[int, int, tuple[str, tuple[int, ...]] | None]]:
    """The tags that have their other half: (start, end, what the opening tag names; None if it closes)."""
    waiting: list[re.Match[str]] = []
    count = {"<": 0, "[": 0}
    pairs: list[tuple[int, int, tuple[str, tuple[int, ...]] | None]] = []
    for tag in _TAG.finditer(body):
        kind = body[tag.start()]
        if not (tag["slash"] or tag["end"]):
            waiting.append(tag)
            count[kind] += 1
        elif count[kind]:
            # What was opened since and not closed is text.
            while body[waiting[-1].start()] != kind:
                count[body[waiting.pop().start()]] -= 1
            opening = waiting.pop()
            count[kind] -= 1
            pairs.append((opening.start(), opening.end(), _given(opening["given"] or "")))
            pairs.append((tag.start(), tag.end(), None))
    return sorted(pairs, key=lambda pair: pair[0])


def _given(text: str) -> tuple[str, tuple[int, ...]]:
    if not text:
        return "", ()
    numbers = tuple(int(number) for number in _POST.findall(text))
    match = _GIVEN.match(text)
    if match is None:
        return "", numbers
    name = next((each for each in match.groups() if each), "").split(",")[0].strip()
    return re.sub(f"{HONORIFIC}\\Z", "", name).strip(), numbers


def tagged_lines(body: str, stretch: Stretch, number: int) -> list[Marked]:
    """The lines of a quoted stretch without its tags, which count from `number`."""
    lines: list[Marked] = []
    pieces: list[tuple[int, int, str]] = []
    name, cited = stretch.name, False

    def close() -> None:
        nonlocal name
        text, line = _line(pieces)
        pieces.clear()
        if not text:
            return
        if cited:
            name = name or cited_name(text)
            return
        opening = line.start if lines or stretch.opening < 0 else stretch.opening
        lines.append(Marked(number + len(lines), line, stretch.depth, text, "<", opening=opening))

    at = stretch.start
    for token in _TOKEN.finditer(body, stretch.start, stretch.end):
        if token.start() > at:
            pieces.append((at, token.start(), body[at : token.start()]))
        at = token.end()
        if token["entity"]:
            character = unescape(token["entity"])
            plain = character if len(character) == 1 and character.isprintable() else " "
            pieces.append((*token.span(), plain if plain != token["entity"] else token["entity"]))
        elif token["end"] or token["breaking"]:
            close()
            if token["breaking"] and token["breaking"].lower() in {"cite", "footer"}:
                cited = not token["slash"]
    if stretch.end > at:
        pieces.append((at, stretch.end, body[at : stretch.end]))
    close()
    return [line._replace(name=name, numbers=stretch.numbers) for line in lines]


def _line(pieces: list[tuple[int, int, str]]) -> tuple[str, Line]:
    """The text of pieces `(start, end, text)` of the body without blanks at its ends, and the way back."""
    while pieces and (kept := pieces[0][2].lstrip(_SPACE)) != pieces[0][2]:
        start, end, text = pieces.pop(0)
        if kept:
            pieces.insert(0, (start + len(text) - len(kept), end, kept))
    while pieces and (kept := pieces[-1][2].rstrip(_SPACE)) != pieces[-1][2]:
        start, end, text = pieces.pop()
        if kept:
            pieces.append((start, start + len(kept), kept))
    if not pieces:
        return "", Line(0, 0, 0)
    jumps: list[tuple[int, int]] = []
    offset, place = 0, pieces[0][0]
    for start, end, text in pieces:
        if start != place:
            jumps.append((offset, start))
        offset, place = offset + len(text), start + len(text)
        if place != end:
            place = end
            jumps.append((offset, end))
    return "".join(text for _, _, text in pieces), Line(
        pieces[0][0], pieces[0][0], pieces[-1][1], tuple(jumps)
    )
