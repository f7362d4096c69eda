"""WordPress WXR 1.0 to 1.2, and the dialect that Disqus takes in: an RSS file
whose items are posts with comments.

Elements are told by their local name, for the namespaces changed with every
version (and are sometimes wrong); `excerpt:encoded` alone is told from
`content:encoded` by its namespace. Memory is bounded by one item's fields.
"""

import json
from collections.abc import Iterator
from typing import BinaryIO

from comments.drafts import ArticleDraft, Refused
from comments.formats.base import Options, Problem, Row
from comments.formats.wordpress import article_draft, comment_draft, is_article, ping
from comments.formats.xmlstream import Elements, Names, looks_like_xml, nothing, read_xml

_ITEM = {
    *("title", "link", "encoded", "post_id", "post_date", "post_date_gmt"),
    *("comment_status", "status", "post_type"),
    "thread_identifier",  # Disqus's dialect
}
_COMMENT = {
    *("comment_id", "comment_author", "comment_author_email", "comment_author_url", "comment_author_IP"),
    *("comment_date", "comment_date_gmt", "comment_content", "comment_approved", "comment_type"),
    *("comment_parent", "comment_user_id"),
}
# Other vocabularies use these names for other things (`atom:link`, `media:title`).
_BARE = {"title", "link"}


class Wxr:
    """The reader of WordPress exports."""

    slug = "wxr"
    title = "WordPress WXR"
    policy = "flag"

    def sniff(self, head: bytes) -> bool:
        """XML that names WordPress's export namespace."""
        head = head.replace(b"\0", b"")  # UTF-16 declares itself in two bytes a letter.
        return looks_like_xml(head) and b"wordpress.org/export/" in head

    def read(self, stream: BinaryIO, options: Options) -> Iterator[Row | Problem]:
        """Each post or page, then its comments; see `docs/formats.md`."""
        return read_xml(stream, _Items(options))


def _in_item(tag: str, name: str) -> str:
    """Other vocabularies use the names of `_BARE` for other things (`atom:link`, `media:title`)."""
    if name == "comment":
        return name
    taken = name in _ITEM and not (name in _BARE and tag != name)
    return name if taken and not (name == "encoded" and "/excerpt" in tag) else ""


def _in_comment(_tag: str, name: str) -> str:
    """Disqus's dialect says in `dsq:remote` who had signed in at the site, and by which id."""
    return name if name in _COMMENT else "signed-in" if name == "remote" else ""


class _Items(Elements):
    """Makes rows of items and their comments."""

    root = "rss"
    title = "a WordPress export"
    groups = frozenset({"comment", "signed-in"})

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._items = self._comments = 0
        self._item: dict[str, str] = {}
        self._comment: dict[str, str] = {}
        self._article: ArticleDraft | None = None
        self._article_done = False
        self._of_item = Names(_in_item)
        self._of_comment = Names(_in_comment)
        self._of_remote = Names(lambda _tag, name: "remote" if name == "id" else "")

    def found(self, name: str, _attributes: dict[str, str], /) -> None:
        if name == "item":
            self._open_item()

    def opened(self, name: str, _attributes: dict[str, str], /) -> None:
        if name == "comment":
            self._open_comment()
        else:
            self.enter(self._of_remote, self._comment, nothing)

    def place(self) -> str:
        return f"item {self._items}" if self._items else "before the first item"

    def _open_item(self) -> None:
        self._items += 1
        self._comments = 0
        self._item, self._article, self._article_done = {}, None, False
        self.enter(self._of_item, self._item, self._close_item)

    def _open_comment(self) -> None:
        self._comments += 1
        self._comment = {}
        if not self._article_done:
            self._make_article()
        self.enter(self._of_comment, self._comment, self._close_comment)

    def _close_item(self) -> None:
        if not self._article_done and is_article(self._item):
            self._make_article()

    def _make_article(self) -> None:
        """The item's article, from what stood before its first comment."""
        self._article_done = True
        item, place = self._item, f"item {self._items}"
        try:
            self.check(item)
            draft, notices = article_draft(item, self.options.zone)
        except Refused as refused:
            self.give(Problem.of(refused, place=place, kind="articles", raw=_raw(item)))
            return
        self._article = draft
        self.give(Row(place=place, draft=draft, notices=notices))

    def _close_comment(self) -> None:
        fields = self._comment
        number = fields.get("comment_id", "").strip()[:40]
        place = f"item {self._items}, comment {self._comments}" + (f" (id {number})" if number else "")
        try:
            self.check(fields)
            draft, notices = comment_draft(fields, self._article, self.options.zone)
        except Refused as refused:
            kind = "pings" if ping(fields) else "comments"
            self.give(Problem.of(refused, place=place, kind=kind, raw=_raw(fields)))
            return
        self.give(Row(place=place, draft=draft, notices=notices))


def _raw(fields: dict[str, str]) -> str:
    """The element's fields, for the person who mends it."""
    return json.dumps(fields, ensure_ascii=False)
