"""Page text: the plain text of an article's page, its comments below it.

The article is the lead (first line), a `参考:` line that names its source,
paragraphs, `関連記事:` lines, and the picture credit, a line `※…`, that ends it.
Nothing marks where one comment ends and the next begins, so the split goes by
these rules, each of which looks only at the line and at the ones before it: a
page that grew at its end is split as before, with more behind.

1. A quote line (`>` or `＞`) begins a comment, unless the line before it is one
   too: a quote of two lines is one quote.
2. The line behind a quote line is what its reader answers: the same comment.
3. A blank line ends a comment, but not between a quote and its answer. If one
   stands between the article and the first comment, the page parts its comments
   by blank lines, and rule 4 is not used.
4. A line continues the comment if the line before it stops inside a sentence
   (at a comma or an open bracket), or if it opens with a word that only carries
   on one's own thought (`とはいっても`, `In addition,`). Else it begins a comment.

Rule 4 is a guess, and a comment that begins by it says so in a notice. It
would rather part one reader's paragraphs, which stay in their order, than put
two readers' words under one decision.
"""

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import BinaryIO

from comments.drafts import BODY_LIMIT, CommentDraft, Refused
from comments.formats.base import Notice, Options, Problem, Row, Unreadable
from comments.formats.lines import Line, read_lines, utf8
from comments.formats.pagearticle import labelled, read_article
from comments.formats.values import cut

LINE_LIMIT = 1024 * 1024
# Identities are counted in memory; no page of one article has so many.
COMMENT_LIMIT = 100_000

_QUOTE = re.compile(r"\s*[>＞]")
# `>>12 Quite so.` points at a comment and answers it on the same line.
_ANSWERED = re.compile(r"\s*[>＞]{2}\s*\d+\s*\S")
_OPEN_END = re.compile(r"[、，,（(「『【［\[]\s*$")
_CARRIES_ON = re.compile(
    r"\s*(とはいえ|とはいっても|とは言え|とは言っても|しかも|そのうえ|その上、|加えて|さらに、|更に、|また、|なお、|ただし|もっとも、"
    r"|したがって|従って、|一方、|一方で|他方|例えば|たとえば|ちなみに"
    r"|(Moreover|Furthermore|In addition|Additionally|On the other hand|For example|For instance|That said),)"
)
_GUESSED = Notice(
    "guessed-split", "Nothing marks where this comment begins: it was taken to be one of its own."
)


class PageText:
    """The reader of page texts."""

    slug = "pagetext"
    title = "page text"
    policy = "flag"

    def sniff(self, head: bytes) -> bool:
        """UTF-8 text with one of the lines that only an article's page has."""
        if b"\0" in head or head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in {b"{", b"[", b"<"}:
            return False
        try:
            # The head may end inside a character.
            text = codecs.getincrementaldecoder("utf-8")().decode(head)
        except UnicodeDecodeError:
            return False
        return any(labelled(line) for line in text.split("\n"))

    def read(self, stream: BinaryIO, options: Options) -> Iterator[Row | Problem]:
        """The article, then its comments in the order of the page."""
        article, row, lines = read_article(read_lines(stream, LINE_LIMIT), options)
        yield row
        splitter = _Splitter(article.external_id or article.url)
        for line in lines:
            yield from splitter.take(line)
        yield from splitter.close()


@dataclass(slots=True)
class _Splitter:
    """Gathers the lines behind the article into comments."""

    article: str
    # The comment being gathered: its lines as far as they are stored, how
    # many characters it has in all, its last line, where and how it began.
    _lines: list[str] = field(default_factory=list)
    _size: int = 0
    _last: str = ""
    _place: str = ""
    _notices: tuple[Notice, ...] = ()
    _number: int = 0
    _parted: bool = False
    _seen: Counter[str] = field(default_factory=Counter)

    def take(self, line: Line) -> Iterator[Row | Problem]:
        """Add a line; the comment that ends before it, if one does."""
        place = f"line {line.number}"
        try:
            text = _text(line)
        except Refused as refused:
            yield from self.close()
            yield Problem.of(refused, place=place, kind="comments", raw=line.raw)
            return
        if not text:
            self._parted = self._parted or not (self._number or self._lines)
            if not self._unanswered():
                yield from self.close()
            return
        if self._lines and self._begins(text):
            notices = () if _QUOTE.match(text) else (_GUESSED,)
            yield from self.close()
            self._open(place, notices)
        elif not self._lines:
            self._open(place, ())
        self._add(text)

    def close(self) -> Iterator[Row | Problem]:
        """The comment gathered so far, if there is one."""
        if self._lines:
            self._number += 1
            yield self._row()
            self._lines = []

    def _begins(self, text: str) -> bool:
        """Whether a line begins a comment; see the rules at the top."""
        if _QUOTE.match(text):
            return not _QUOTE.match(self._last)
        if self._parted or self._unanswered():
            return False
        return not (_OPEN_END.search(self._last) or _CARRIES_ON.match(text))

    def _unanswered(self) -> bool:
        """Whether the comment so far ends with a quote, without its reader's own words."""
        return bool(self._lines and _QUOTE.match(self._last) and not _ANSWERED.match(self._last))

    def _open(self, place: str, notices: tuple[Notice, ...]) -> None:
        if self._number >= COMMENT_LIMIT:
            raise Unreadable(f"is comment {COMMENT_LIMIT + 1:,} of one page. Split the file.", place)
        self._place, self._notices, self._size = place, notices, 0

    def _add(self, text: str) -> None:
        if self._size <= BODY_LIMIT:
            self._lines.append(text)
        self._size += len(text) + (1 if self._size else 0)
        self._last = text

    def _row(self) -> Row | Problem:
        body, shortened = cut("body", "\n".join(self._lines), BODY_LIMIT, total=self._size)
        key = _identity(self.article, self._lines[0])
        self._seen[key] += 1
        try:
            draft = CommentDraft(
                external_id=f"{key}-{self._seen[key]}",
                article=self.article,
                body=body,
                number=self._number,
                identity=False,
            )
        except Refused as refused:
            return Problem.of(refused, place=self._place, kind="comments", raw="\n".join(self._lines))
        return Row(place=self._place, draft=draft, notices=self._notices + shortened)


def _text(line: Line) -> str:
    """A comment's line, without the white space at its end. Raises `Refused`."""
    if not line.whole:
        mend = f"is longer than {LINE_LIMIT // 2**20} MiB. Break it into lines."
        raise Refused("line", "", mend, code="line-too-long")
    try:
        return utf8(line).rstrip()
    except ValueError as error:
        raise Refused("line", "", str(error), code="encoding") from None


def _identity(article: str, first_line: str) -> str:
    """Tells a comment by its first line, whatever its width, case and spacing."""
    folded = " ".join(unicodedata.normalize("NFKC", first_line).casefold().split())
    return sha256(f"{article}\n{folded}".encode()).hexdigest()[:24]
