"""HTML to plain text, as a reader would see it and could quote from it.

The archives of blogs hold HTML; quotes, words and links are looked for in
plain text. Block elements end lines, a paragraph stands between blank lines,
a `<blockquote>` becomes `> ` lines, a link keeps its address behind its words
and a picture its description, scripts and styles go.
"""

import re
import threading
from typing import Any

from lxml import etree

# Most comments have no more markup than this; what it means is told without a parser.
_SIMPLE = re.compile(r"[^<]*+(?:<br ?/?>[^<]*+|<p>[^<]*+(?:<br ?/?>[^<]*+)*+</p>[^<]*+)*+")
_ENTITY = re.compile("&(amp|lt|gt|quot|#0?39);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "#39": "'", "#039": "'"}
_HIDDEN = {"script", "style", "noscript", "template", "iframe", "object", "head"}
_PARAGRAPHS = {
    "p",
    "blockquote",
    "ul",
    "ol",
    "pre",
    "table",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
}
_LINES = {
    "br",
    "div",
    "li",
    "tr",
    "dt",
    "dd",
    "article",
    "section",
    "header",
    "footer",
    "aside",
    "figcaption",
}
_RUNS = re.compile(r"\n{3,}")
# Deeper quotes than this are one depth to a reader, and cost a marker a line.
_DEEPEST = 20


def plain(html: str) -> str:
    """The text of a fragment of HTML, with LF line ends and no blank edges.

    Line feeds between the tags are kept: WordPress stores the paragraphs of
    comments and classic posts as blank lines. Never raises; linear in time.
    """
    html = html.replace("\r\n", "\n").replace("\r", "\n")
    if "<" in html or "&" in html:
        simple = _simple(html)
        html = _parsed(html) if simple is None else simple
    if "\n" not in html:
        return html.strip()
    text = "\n".join([line.rstrip() for line in html.split("\n")])
    return (_RUNS.sub("\n\n", text) if "\n\n\n" in text else text).strip()


def _simple(html: str) -> str | None:
    """The text of paragraphs and lines, as `_parsed` would have it but for blank lines; None for all else."""
    if _SIMPLE.fullmatch(html) is None or "\0" in html:
        return None
    text, known = html, 0
    if "<" in html:
        text = html.replace("<p>", "\n\n").replace("</p>", "\n\n")
        text = text.replace("<br>", "\n").replace("<br />", "\n").replace("<br/>", "\n")
    if "&" in html:
        text, known = _ENTITY.subn(lambda found: _ENTITIES[found[1]], text)
    if known != html.count("&"):
        return None
    try:
        html.encode()
    except UnicodeEncodeError:
        return None
    return text


def _parsed(html: str) -> str:
    """The text of any HTML."""
    # To make a parser takes longer than to parse a comment.
    parser = getattr(_OF_THREAD, "parser", None) or _new_parser()
    # A carrier tag keeps the parser from taking leading text for a document's head.
    parser.feed(f"<div>{html}</div>".encode("utf-8", "replace"))
    text: str = parser.close()
    return text


_OF_THREAD = threading.local()


def _new_parser() -> Any:
    # The stubs know neither what a target may take nor what it makes of it.
    sink: Any = _Text()
    _OF_THREAD.parser = etree.HTMLParser(target=sink, encoding="utf-8", huge_tree=True)
    return _OF_THREAD.parser


def one_line(html: str) -> str:
    """The text of a title or a name: one line, single spaces."""
    return " ".join((plain(html) if "<" in html or "&" in html else html).split())


class _Text:
    """Collects text from the parser's events; no tree, so no depth to exceed."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._out: list[str] = []
        self._quotes = 0
        self._hidden = 0
        self._links: list[tuple[str, int]] = []
        self._line_open = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        self._break(tag)
        if tag == "blockquote":
            self._quotes += 1
        elif tag == "a":
            self._links.append((attributes.get("href", "").strip(), len(self._out)))
        elif tag == "img":
            self.data(attributes.get("alt", "").strip() or attributes.get("src", "").strip())

    def end(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        if tag == "a" and self._links:
            self._close_link()
        if tag != "br":
            self._break(tag)
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)

    def data(self, text: str) -> None:
        if self._hidden:
            return
        mark = "> " * min(self._quotes, _DEEPEST)
        for at, line in enumerate(text.split("\n")):
            if at:
                self._end_line()
            if line:
                self._out.append(line if self._line_open else mark + line)
                self._line_open = True

    def comment(self, text: str) -> None:
        """A block editor's marks; not for readers."""

    def close(self) -> str:
        text = "".join(self._out)
        self._clear()
        return text

    def _close_link(self) -> None:
        """Add the address, unless the link's words are the address or it is no web address."""
        href, start = self._links.pop()
        words = "".join(self._out[start:]).strip()
        if href.startswith(("http://", "https://")) and href.rstrip("/") not in words:
            self.data(f" {href} " if not words else f" ( {href} )")

    def _break(self, tag: str) -> None:
        if self._hidden or tag not in _PARAGRAPHS | _LINES:
            return
        if self._line_open or tag == "br":
            self._end_line()
        if tag in _PARAGRAPHS and not self._quotes:
            self._out.append("\n")

    def _end_line(self) -> None:
        self._out.append("\n")
        self._line_open = False
