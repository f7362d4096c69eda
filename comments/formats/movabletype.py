"""Movable Type's export text: entries with their comments and pings.

The format has no ids. An entry is known by its address or its base name; a
comment by its entry, its time and its author, and so is found again after its
text was edited. Where it has no time its text takes part.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import BinaryIO

from comments.drafts import (
    ARTICLE_BODY_LIMIT,
    BODY_LIMIT,
    TITLE_LIMIT,
    ArticleDraft,
    CommentDraft,
    Kind,
    Refused,
    SourceState,
    canonical_url,
)
from comments.formats.base import Notice, Options, Problem, Row, Unreadable
from comments.formats.foreign import Met, content_id, identity, person
from comments.formats.lines import read_lines
from comments.formats.mtsections import Section, header, read_sections
from comments.formats.plain import one_line, plain
from comments.formats.values import address, assumed_zone, cut

Notices = tuple[Notice, ...]

LINE_LIMIT = 1024 * 1024
# Identities of an entry's comments are counted in memory.
COMMENT_LIMIT = 100_000

_SNIFF = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(AUTHOR|TITLE|BASENAME|STATUS|DATE|ALLOW COMMENTS):[ \t]")
_SECTION = re.compile(rb"^-----[ \t]*\r?\n(BODY|EXTENDED BODY|EXCERPT|KEYWORDS|COMMENT|PING):", re.MULTILINE)
_COMMENT_KEYS = {"AUTHOR", "EMAIL", "URL", "IP", "DATE", "SECRET", "PASS"}
_PING_KEYS = {"TITLE", "URL", "IP", "BLOG NAME", "DATE"}
_TIME = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AP])M)?", re.ASCII | re.IGNORECASE
)
_NO_DATE: Notices = (Notice("no-date", "DATE is not given: the time of arrival stands for it."),)


class MovableType:
    """The reader of Movable Type exports."""

    slug = "movabletype"
    title = "Movable Type text"
    policy = "flag"

    def sniff(self, head: bytes) -> bool:
        """A head that begins with a known key, and a named section behind a rule."""
        return _SNIFF.match(head) is not None and _SECTION.search(head) is not None

    def read(self, stream: BinaryIO, options: Options) -> Iterator[Row | Problem]:
        """Each entry, then its comments and pings; see `docs/formats.md`."""
        reader = _Reader(options)
        for section in read_sections(read_lines(stream, LINE_LIMIT)):
            yield from reader.section(section)


class _Reader:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._met = Met()
        self._entries = 0
        # Of the present entry.
        self._line = 0
        self._fault: Refused | None = None
        self._given = False
        self._keys: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._url = self._key = ""
        self._numbers: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()

    def section(self, section: Section) -> Iterator[Row | Problem]:
        if not section.name:
            self._head(section)
        elif section.name in {"COMMENT", "PING"}:
            if not self._given:
                yield self._article()
            yield self._answer(section)
        elif not self._given:
            self._texts[section.name] = section.text
            self._fault = self._fault or section.fault
        if section.ends and not self._given and self._keys.get("STATUS", "publish").lower() == "publish":
            yield self._article()

    def _head(self, section: Section) -> None:
        self._entries += 1
        self._line, self._fault, self._given = section.line, section.fault, False
        pairs = [found for line in section.lines if (found := header(line.rstrip()))]
        # Categories come many times, what names an entry once.
        self._keys = dict(reversed(pairs))
        self._texts = {"": section.text}
        self._url, self._key = self._named()
        self._numbers, self._seen = Counter(), Counter()

    def _named(self) -> tuple[str, str]:
        """The entry's address, if it says one, and its id otherwise."""
        base = self._keys.get("BASENAME", "")
        site = self._options.url if self._options.url.endswith("/") and base else ""
        for given in (self._keys.get("UNIQUE URL", ""), site and site + base):
            try:
                return canonical_url(given), ""
            except Refused:
                continue
        told = (self._keys.get("DATE", ""), self._keys.get("TITLE", ""))
        if base and self._met.first(base):
            return "", identity("mt", base)
        return "", identity("mt", content_id(base, *told))

    def _article(self) -> Row | Problem:
        self._given = True
        place = f"entry {self._entries} (line {self._line})"
        try:
            draft, notices = self._draft()
        except Refused as refused:
            raw = "\n".join(text for text in self._texts.values() if text)
            return Problem.of(refused, place=place, kind="articles", raw=raw)
        return Row(place=place, draft=draft, notices=notices)

    def _draft(self) -> tuple[ArticleDraft, Notices]:
        if self._fault:
            raise self._fault
        keys = self._keys
        if not {"TITLE", "BASENAME", "DATE", "UNIQUE URL"} & keys.keys():
            mend = "is missing, and so are BASENAME, DATE and UNIQUE URL: nothing names this entry."
            raise Refused("TITLE", "", mend, code="required")
        title, cut_title = cut("title", one_line(keys.get("TITLE", "")), TITLE_LIMIT)
        html = "\n\n".join(text for name in ("BODY", "EXTENDED BODY") if (text := self._texts.get(name)))
        body, cut_body = cut("body", plain(html), ARTICLE_BODY_LIMIT)
        notices = cut_title + cut_body
        published = None
        if date := keys.get("DATE"):
            try:
                published = clock(date, self._options.zone)
                notices += (assumed_zone("DATE", self._options.zone),)
            except Refused as refused:
                notices += (Notice("bad-date", f"DATE {refused.mend} The article is kept without it."),)
        allowed = keys.get("ALLOW COMMENTS", "")
        draft = ArticleDraft(
            external_id=self._key,
            url=self._url,
            title=title,
            body=body,
            published_at=published,
            closed=allowed != "1" if allowed else None,
        )
        return draft, notices

    def _answer(self, section: Section) -> Row | Problem:
        self._numbers[section.name] += 1
        ping = section.name == "PING"
        number = self._numbers[section.name]
        place = f"entry {self._entries}, {section.name.lower()} {number} (line {section.line})"
        if number > COMMENT_LIMIT:
            raise Unreadable(f"has more than {COMMENT_LIMIT:,} comments on one entry.", place)
        try:
            if section.fault:
                raise section.fault
            fields, text = _split(section.lines, _PING_KEYS if ping else _COMMENT_KEYS)
            draft, notices = self._comment(fields, text, ping=ping)
        except Refused as refused:
            return Problem.of(refused, place=place, kind="pings" if ping else "comments", raw=section.text)
        return Row(place=place, draft=draft, notices=notices)

    def _comment(self, fields: dict[str, str], text: str, *, ping: bool) -> tuple[CommentDraft, Notices]:
        article, date = self._url or self._key, fields.get("DATE", "")
        html = "\n\n".join(part for part in (fields.get("TITLE", ""), text.strip("\n")) if part)
        body, cut_body = cut("body", plain(html), BODY_LIMIT)
        posted, undated = None, _NO_DATE
        if date:
            zone = self._options.zone
            posted, undated = clock(date, zone), (assumed_zone("DATE", zone),)
        name = fields.get("BLOG NAME" if ping else "AUTHOR", "")
        site = one_line(fields.get("URL", ""))
        who = person(name, fields.get("EMAIL", ""), site, html=True)
        ip, dropped = address(fields.get("IP", ""))
        secret = fields.get("SECRET", "") not in {"", "0"}
        told = [article, "ping" if ping else "comment", date, name, fields.get("EMAIL", ""), site]
        draft = CommentDraft(
            external_id=self._id([*told, fields.get("IP", ""), "" if date else body]),
            article=article,
            kind=Kind.TRACKBACK if ping else Kind.COMMENT,
            author_name=who.name,
            author_email=who.email,
            author_url=who.site,
            ip=ip,
            body=body,
            posted_at=posted,
            state=SourceState.PENDING if secret else SourceState.NONE,
        )
        hidden = (Notice("secret", "It was written to the blog's owner alone: held."),) if secret else ()
        return draft, cut_body + undated + who.notices + dropped + hidden

    def _id(self, told: list[str]) -> str:
        """What names a comment; the second that says the same has a number."""
        name = content_id(*told)
        self._seen[name] += 1
        return name if self._seen[name] == 1 else f"{name}:{self._seen[name]}"


def _split(lines: list[str], keys: set[str]) -> tuple[dict[str, str], str]:
    """Fields and text. A key that stands twice, or an unknown one, is the reader's own line."""
    fields: dict[str, str] = {}
    for at, line in enumerate(lines):
        found = header(line.rstrip())
        if found is None or found[0] not in keys or found[0] in fields:
            return fields, "\n".join(lines[at:])
        fields[found[0]] = found[1]
    return fields, ""


def clock(text: str, zone: tzinfo) -> datetime:
    """A time of `MM/DD/YYYY hh:mm:ss`, of 24 hours or with AM or PM. Raises `Refused`."""
    found = _TIME.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError
        month, day, year, hour, minute = map(int, found.groups()[:5])
        half = (found[7] or "").upper()
        # Some exporters write `15:04:05 PM`: the afternoon is said twice, and agrees.
        if half and (hour > 12 and half == "A"):
            raise ValueError
        hour = hour % 12 + 12 * (half == "P") if half and hour <= 12 else hour
        return datetime(year, month, day, hour, minute, int(found[6] or 0), tzinfo=zone)
    except ValueError:
        mend = "is no date and time. Write it as 01/31/2026 03:04:05 PM."
        raise Refused("DATE", text[:80], mend, code="bad-date") from None
