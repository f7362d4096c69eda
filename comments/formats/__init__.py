"""Import formats: one a file, found by content."""

from comments.formats.base import Format, Unreadable
from comments.formats.commento import Commento
from comments.formats.disqus import Disqus
from comments.formats.isso import Isso
from comments.formats.issojson import IssoJson
from comments.formats.jsonl import Jsonl
from comments.formats.movabletype import MovableType
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

# How many bytes of a stream `detect` wants to see.
HEAD = 64 * 1024


def detect(head: bytes) -> Format:
    """The format of a stream that begins with `head`. Raises `Unreadable`."""
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
