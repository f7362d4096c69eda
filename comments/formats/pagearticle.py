"""The article at the head of a page text, and where it ends.

It ends with the picture credit: the first line `※…` that follows a `関連記事:`
line or speaks of a picture's source. A page without one ends its article with
its first run of `関連記事:` lines, else with its first line `※…`, and a notice
says that this was a guess. A page with none of them cannot be read.
"""

import re
from collections.abc import Iterator
from itertools import chain

from comments.drafts import ARTICLE_BODY_LIMIT, RELATED_LIMIT, TITLE_LIMIT, ArticleDraft, Refused
from comments.formats.base import Notice, Options, Row, Unreadable
from comments.formats.lines import Line, utf8
from comments.formats.values import cut

# How far the article's end is looked for, in bytes and lines: the longest
# article that is stored, in characters of four bytes.
_HEAD_BYTES = 4 * ARTICLE_BODY_LIMIT
_HEAD_LINES = 20_000

_SOURCE = re.compile(r"\s*(?:参考|出典|Sources?)\s*[:：]\s*(.+)", re.IGNORECASE)
_RELATED = re.compile(r"\s*(?:関連記事|関連|Related(?: articles?)?)\s*[:：]\s*(.+)", re.IGNORECASE)
_NOTE = re.compile(r"\s*※\s*(.+)")
_CREDIT = re.compile(
    r"\s*(?:※.*(?:出典|写真|画像|撮影|提供|クレジット|Photo|Image|Credit|Courtesy|CC BY|©)"
    r"|(?:Photo|Image|Picture|Featured image)(?: credit| by)?\s*[:：])",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[。．.!?！？…」』)）:：]\s*$")
# A heading fits on two lines of a page.
_HEADING_LIMIT = 100

_GUESSED_END = Notice(
    "guessed-end", "No picture credit ends the article: its last label line was taken for its end."
)
_NO_COMMENTS = Notice("no-comments", "Nothing stands behind the article: the page has no comments.")


def labelled(text: str) -> bool:
    """Whether a line is one of those that only an article's page has."""
    return any(label.match(text) for label in (_SOURCE, _RELATED, _NOTE, _CREDIT))


def read_article(lines: Iterator[Line], options: Options) -> tuple[ArticleDraft, Row, Iterator[Line]]:
    """The article, its row, and the lines behind it. Raises `Unreadable`."""
    head: list[Line] = []
    texts: list[str] = []
    notices: tuple[Notice, ...] = ()
    size, ended = 0, False
    while not ended and size < _HEAD_BYTES and len(head) < _HEAD_LINES and (line := next(lines, None)):
        texts.append(_text(line))
        head.append(line)
        size += len(line.data)
        ended = _ends(texts)
    if not ended:
        end = _guess_end(texts)
        lines, texts = chain(head[end:], lines), texts[:end]
        notices = (_GUESSED_END,)
    lines, empty = _peek(lines)
    draft, cuts = _draft(texts, options)
    row = Row(place="line 1", draft=draft, notices=notices + cuts + ((_NO_COMMENTS,) if empty else ()))
    return draft, row, lines


def _text(line: Line) -> str:
    place = f"line {line.number}"
    if not line.whole:
        raise Unreadable("is too long for a paragraph. Give the page as plain text with line ends.", place)
    try:
        return utf8(line)
    except ValueError as error:
        raise Unreadable(str(error), place) from None


def _ends(texts: list[str]) -> bool:
    """Whether the last line is the picture credit."""
    if _CREDIT.match(texts[-1]):
        return True
    if not _NOTE.match(texts[-1]):
        return False
    before = next((text for text in reversed(texts[:-1]) if text.strip()), "")
    return _RELATED.match(before) is not None


def _guess_end(texts: list[str]) -> int:
    """The number of lines of an article that no credit ends."""
    related = [at for at, text in enumerate(texts) if _RELATED.match(text)]
    if related:
        end = related[0] + 1
        while end < len(texts) and (_RELATED.match(texts[end]) or not texts[end].strip()):
            end += 1
        # A blank line behind the run belongs to the comments: it parts them.
        while not texts[end - 1].strip():
            end -= 1
        return end
    notes = (at for at, text in enumerate(texts) if _NOTE.match(text))
    if (first := next(notes, None)) is not None:
        return first + 1
    mend = "shows no end of an article. Put a line that begins with ※ between article and comments."
    raise Unreadable(mend, f"line {max(1, len(texts))}")


def _peek(lines: Iterator[Line]) -> tuple[Iterator[Line], bool]:
    """The same lines (of leading blank ones, one), and whether all are blank."""
    blank: list[Line] = []
    for line in lines:
        if line.data.strip():
            return chain(blank, [line], lines), False
        blank = [line]
    return iter(()), True


def _draft(texts: list[str], options: Options) -> tuple[ArticleDraft, tuple[Notice, ...]]:
    sources: list[str] = []
    related: list[str] = []
    rest: list[str] = []
    credit = texts.pop().strip() if _NOTE.match(texts[-1]) or _CREDIT.match(texts[-1]) else ""
    for text in texts:
        if found := _SOURCE.match(text):
            sources.append(found[1].strip())
        elif found := _RELATED.match(text):
            related.append(found[1].strip()[:TITLE_LIMIT])
        elif text.strip():
            rest.append(text.strip())
    body, cut_body = cut("body", "\n".join(rest), ARTICLE_BODY_LIMIT)
    source, cut_source = cut("source", "\n".join(sources), TITLE_LIMIT)
    credit, cut_credit = cut("credit", credit, TITLE_LIMIT)
    if not (options.url or options.filename):
        raise Unreadable("does not say which article it is. Name its address with --url.")
    try:
        draft = ArticleDraft(
            external_id="" if options.url else options.filename,
            url=options.url,
            title=_title(rest),
            body=body,
            source=source,
            related=tuple(related[:RELATED_LIMIT]),
            credit=credit,
        )
    except Refused as refused:
        raise Unreadable(str(refused), "line 1") from None
    return draft, cut_body + cut_source + cut_credit


def _title(rest: list[str]) -> str:
    """The first heading: a short line that is no sentence. Else the lead, cut."""
    headings = (text for text in rest if len(text) <= _HEADING_LIMIT and not _SENTENCE_END.search(text))
    return next(headings, rest[0][:_HEADING_LIMIT] if rest else "")
