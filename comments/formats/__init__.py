"""Import formats: one a file, found by content."""

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from comments.formats.base import Format, Options, Problem, Row, Unreadable
from comments.formats.commento import Commento
from comments.formats.disqus import Disqus
from comments.formats.encoding import as_utf8
from comments.formats.isso import Isso
from comments.formats.issojson import IssoJson
from comments.formats.jsonl import Jsonl
from comments.formats.movabletype import MovableType
from comments.formats.packing import HEAD
from comments.formats.pagetext import PageText
from comments.formats.remark42 import Remark42
from comments.formats.staticman import Staticman
from comments.formats.table import Table
from comments.formats.wxr import Wxr

# In the order of detection: page text comes last, for it has the least to be told by.
FORMATS: tuple[Format, ...] = (
    Jsonl(),
    Wxr(),
    Disqus(),
    MovableType(),
    Remark42(),
    Commento(),
    Isso(),
    IssoJson(),
    Staticman(),
    Table(),
    PageText(),
)


__all__ = ["FORMATS", "HEAD", "by_slug", "detect", "read"]


def detect(head: bytes) -> Format:
    """The format of a stream that begins with `head` (HEAD bytes). Raises `Unreadable`."""
    for form in FORMATS:
        if form.sniff(head[:HEAD]):
            return form
    if not head.strip():
        raise Unreadable("is empty.")
    known = ", ".join(f"{form.slug} ({form.title})" for form in FORMATS)
    raise Unreadable(f"is of no format that we know. Name it with --format if it is one of {known}.")


def by_slug(slug: str) -> Format:
    """The format that is called `slug`. Raises `Unreadable`, naming those there are."""
    for form in FORMATS:
        if form.slug == slug:
            return form
    raise Unreadable(f"there is no format {slug!r}. Known are {', '.join(form.slug for form in FORMATS)}.")


def read(form: Format, stream: BinaryIO, options: Options) -> Iterator[Row | Problem]:
    """The rows of a stream in the encoding that the options name.

    XML and tables are decoded by their readers; every other format reads UTF-8.
    """
    if isinstance(form, Wxr | Disqus | Table):
        return form.read(stream, options)
    return form.read(as_utf8(stream, options.encoding), replace(options, encoding=""))
