"""A site as WordPress's export (WXR 1.2), for those who leave."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from comments.drafts import Kind
from comments.exports.jsonl import state_of
from comments.exports.selection import Selection, chosen
from comments.models import Article, Comment, Floor, Status

_NAMESPACES = {
    "excerpt": "http://wordpress.org/export/1.2/excerpt/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "wp": "http://wordpress.org/export/1.2/",
}
# What XML 1.0 has no way to write.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_STATES = {"approved": "1", "pending": "0", "spam": "spam", "trash": "trash"}
_NEVER = "0000-00-00 00:00:00"
# Bytes gathered before they are given out.
_AT_ONCE = 256 * 1024


def as_wxr(selection: Selection) -> Iterator[bytes]:
    """The document, an item an article with its comments in it."""
    out, zone = io.BytesIO(), ZoneInfo(selection.site.zone)
    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration()
        with file.element("rss", {"version": "2.0"}, nsmap=_NAMESPACES), file.element("channel"):
            for name, text in _channel(selection):
                _write(file, name, text)
            yield from _items(selection, file, out, zone)
    yield out.getvalue()


def _items(selection: Selection, file: Any, out: io.BytesIO, zone: tzinfo) -> Iterator[bytes]:
    rows = chosen(selection)
    row = next(rows, None)
    while row is not None:
        with file.element("item"):
            if isinstance(row, Article):
                for name, text in _article(row, zone):
                    _write(file, name, text)
            row = next(rows, None)
            while isinstance(row, Comment):
                with file.element(_tag("wp:comment")):
                    for name, text in _comment(row, zone, personal=selection.personal):
                        _write(file, name, text)
                row = next(rows, None)
                if out.tell() > _AT_ONCE:
                    yield _taken(out, file)
        file.write("\n")
        if out.tell() > _AT_ONCE:
            yield _taken(out, file)


def _taken(out: io.BytesIO, file: Any) -> bytes:
    """What has been written since the last time."""
    file.flush()
    data = out.getvalue()
    out.seek(0)
    out.truncate()
    return data


def _tag(name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}" if prefix else local


def _write(file: Any, name: str, text: str) -> None:
    with file.element(_tag(name)):
        file.write(_UNWRITABLE.sub("\ufffd", text))


def _channel(selection: Selection) -> list[tuple[str, str]]:
    return [
        ("title", selection.site.name),
        ("language", selection.site.language),
        ("wp:wxr_version", "1.2"),
        ("generator", "Sekisho"),
    ]


def _article(article: Article, zone: tzinfo) -> list[tuple[str, str]]:
    local, gmt = _times(article.published_at, zone)
    return [
        ("title", escape(article.title, quote=False)),
        ("link", article.url),
        ("content:encoded", escape(article.body, quote=False)),
        ("excerpt:encoded", ""),
        ("wp:post_id", str(article.pk)),
        ("wp:post_date", local),
        ("wp:post_date_gmt", gmt),
        ("wp:comment_status", "closed" if article.floor == Floor.CLOSED else "open"),
        ("wp:status", "publish"),
        ("wp:post_type", "post"),
    ]


def _comment(comment: Comment, zone: tzinfo, *, personal: bool) -> list[tuple[str, str]]:
    """WordPress's ids are numbers: those of our own rows."""
    local, gmt = _times(comment.posted_at, zone)
    return [
        ("wp:comment_id", str(comment.pk)),
        ("wp:comment_author", escape(comment.author_name, quote=False)),
        ("wp:comment_author_email", comment.author_email if personal else ""),
        ("wp:comment_author_url", comment.author_url),
        ("wp:comment_author_IP", str(comment.ip or "") if personal else ""),
        ("wp:comment_date", local),
        ("wp:comment_date_gmt", gmt),
        ("wp:comment_content", escape(comment.body, quote=False)),
        ("wp:comment_approved", _approved(comment)),
        ("wp:comment_type", comment.kind if comment.kind != Kind.COMMENT else "comment"),
        ("wp:comment_parent", str(comment.parent_id or 0)),
        ("wp:comment_user_id", "0"),
    ]


def _approved(comment: Comment) -> str:
    """What nobody has decided yet must not be published by the next system."""
    state = _STATES.get(state_of(comment), "0")
    return "0" if comment.status == Status.RECEIVED and state == "1" else state


def _times(time: datetime | None, zone: tzinfo) -> tuple[str, str]:
    """Local and GMT."""
    if time is None:
        return _NEVER, _NEVER
    return f"{time.astimezone(zone):%Y-%m-%d %H:%M:%S}", f"{time:%Y-%m-%d %H:%M:%S}"
