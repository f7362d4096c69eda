"""Isso's generic JSON: an array of threads, each with its comments.

[{"id": "/posts/1/", "title": "…", "comments": [{"id": 7, "parent": null, "author": "…", "email": "…",
  "website": "…", "remote_addr": "…", "created": "2005-02-24 04:03:37", "text": "…"}]}]
"""

import json
import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import unquote_plus

from comments.drafts import BODY_LIMIT, CommentDraft, Refused
from comments.formats.base import Notice, Options, Problem, Row
from comments.formats.foreign import content_id, identity, json_object, person, text
from comments.formats.isso import page
from comments.formats.jsonstream import elements
from comments.formats.plain import plain
from comments.formats.times import any_time
from comments.formats.values import cut

_KEYS = (b'"comments"', b'"text"', b'"author"', b'"created"')
# As a form would send it: `Fish+%26+chips`.
_QUOTED = re.compile(r"\S*(%[0-9A-Fa-f]{2}|\w\+\w)\S*")


class IssoJson:
    """The reader of Isso's generic JSON."""

    slug = "isso-json"
    title = "Isso's generic JSON"
    policy = "flag"

    def sniff(self, head: bytes) -> bool:
        """An array of objects that have Isso's own keys."""
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        return re.match(rb"\[\s*\{", text) is not None and all(key in text for key in _KEYS)

    def read(self, stream: BinaryIO, options: Options) -> Iterator[Row | Problem]:
        """Each thread's article, then its comments. A thread of over 8 MiB is one problem."""
        for element in elements(stream):
            place = f"thread {element.line.number}"
            try:
                thread = json_object(element.line)
                uri = text(thread, "id").strip()
                title, notices = _title(text(thread, "title"))
                article = page(uri, title, options)
                found = thread.get("comments")
                if not isinstance(found, list):
                    raise Refused("comments", "", "is no array, […].", code="wrong-type")
            except Refused as refused:
                yield Problem.of(refused, place=place, kind="articles", raw=element.line.raw)
                continue
            yield Row(place=place, draft=article, notices=notices)
            name = article.external_id or article.url
            for number, row in enumerate(found, 1):
                yield _row(row, f"{place}, comment {number}", uri, name, options)


def _title(title: str) -> tuple[str, tuple[Notice, ...]]:
    """A title that was quoted as for an address is read as it was meant."""
    if not _QUOTED.fullmatch(title):
        return title, ()
    return unquote_plus(title), (
        Notice("decoded-title", "title was quoted as for an address: it was decoded."),
    )


def _row(row: object, place: str, uri: str, article: str, options: Options) -> Row | Problem:
    try:
        if not isinstance(row, dict):
            raise Refused("row", "", "is no JSON object, {…}.", code="json")
        draft, notices = _comment(row, uri, article, options)
    except Refused as refused:
        return Problem.of(refused, place=place, kind="comments", raw=json.dumps(row, ensure_ascii=False))
    return Row(place=place, draft=draft, notices=notices)


def _comment(
    row: dict[str, object], uri: str, article: str, options: Options
) -> tuple[CommentDraft, tuple[Notice, ...]]:
    """A comment, known within its thread by its id, or by what it says where that is none (0)."""
    number, parent = text(row, "id").strip(), text(row, "parent").strip()
    body, cut_body = cut("body", plain(text(row, "text")), BODY_LIMIT)
    created = text(row, "created")
    posted, assumed = any_time("created", created, options.zone)
    who = person(text(row, "author"), text(row, "email"), text(row, "website"))
    known = number.strip("0") != ""
    draft = CommentDraft(
        external_id=identity(uri, number) if known else content_id(uri, created, who.name, body),
        article=article,
        parent=identity(uri, parent) if parent.strip("0") else "",
        author_name=who.name,
        author_email=who.email,
        author_url=who.site,
        body=body,
        posted_at=posted,
    )
    return draft, cut_body + assumed + who.notices
