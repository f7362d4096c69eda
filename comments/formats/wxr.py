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
from comments.formats.xmlstream import Elements, looks_like_xml, read_xml

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


class _Items(Elements):
    """Makes rows of items and their comments."""

    root = "rss"
    title = "a WordPress export"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._items = self._comments = 0
        self._item: dict[str, str] | None = None
        self._item_depth = 0
        self._comment: dict[str, str] | None = None
        self._article: ArticleDraft | None = None
        self._article_done = False
        self._field = ""
        # Within `dsq:remote`: Disqus's dialect says there who signed in at the site.
        self._remote = False

    def open(self, tag: str, name: str, _attributes: dict[str, str], /) -> None:
        if self._item is None:
            if name == "item":
                self._open_item()
            return
        level = self.depth - self._item_depth
        if level == 1 and name == "comment":
            self._open_comment()
        elif level == 2 and name == "remote":
            self._remote = self._comment is not None
        elif self._wanted(tag, name, level):
            self._field = name
            self.collect()

    def shut(self, name: str, /) -> None:
        if self._item is None:
            return
        level = self.depth - self._item_depth
        if level == 3 and self._remote and self._comment is not None and self._field == name:
            self._comment["remote"] = self.collected()
            self._field = ""
        elif level == 2 and name == "remote":
            self._remote = False
        elif self._field == name and level == (2 if self._comment is not None else 1):
            (self._item if self._comment is None else self._comment)[name] = self.collected()
            self._field = ""
        elif level == 1 and name == "comment":
            self._close_comment()
        elif level == 0:
            self._close_item()

    def place(self) -> str:
        return f"item {self._items}" if self._items else "before the first item"

    def _wanted(self, tag: str, name: str, level: int) -> bool:
        """Whether an element holds a field; the first of a name counts."""
        if level == 3:
            return self._remote and name == "id"
        if level == 2:
            return self._comment is not None and name in _COMMENT and name not in self._comment
        if level != 1 or name not in _ITEM or self._item is None or name in self._item:
            return False
        return not (name in _BARE and tag != name) and not (name == "encoded" and "/excerpt" in tag)

    def _open_item(self) -> None:
        self._items += 1
        self._comments = 0
        self._item, self._item_depth = {}, self.depth
        self._article, self._article_done = None, False

    def _open_comment(self) -> None:
        self._remote = False
        self._comments += 1
        self._comment = {}
        if not self._article_done:
            self._make_article()

    def _close_item(self) -> None:
        if self._item is not None and not self._article_done and is_article(self._item):
            self._make_article()
        self._item = None

    def _make_article(self) -> None:
        """The item's article, from what stood before its first comment."""
        self._article_done = True
        item, place = self._item or {}, f"item {self._items}"
        try:
            self.check(item)
            draft, notices = article_draft(item, self.options.zone)
        except Refused as refused:
            self.give(Problem.of(refused, place=place, kind="articles", raw=_raw(item)))
            return
        self._article = draft
        self.give(Row(place=place, draft=draft, notices=notices))

    def _close_comment(self) -> None:
        fields, self._comment = self._comment or {}, None
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
