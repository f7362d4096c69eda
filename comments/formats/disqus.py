"""Disqus's XML export: threads (pages with comments), then posts (the comments).

Posts name their thread and their parent by `dsq:id`. A post may stand before
its thread or name one that is nowhere; such posts wait, so many as fit.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO

from comments.drafts import (
    ARTICLE_BODY_LIMIT,
    BODY_LIMIT,
    TITLE_LIMIT,
    ArticleDraft,
    CommentDraft,
    Refused,
    SourceState,
    canonical_url,
)
from comments.formats.base import Notice, Options, Problem, Row, Unreadable
from comments.formats.foreign import deleted, identity, person
from comments.formats.plain import one_line, plain
from comments.formats.values import address, cut, iso_time
from comments.formats.xmlstream import Elements, Names, looks_like_xml, nothing, read_xml

Fields = dict[str, str]
Notices = tuple[Notice, ...]

# Characters of threads' ids and addresses kept for the posts: some 300,000
# threads, more than the largest newspaper's, in some 80 MB.
THREADS_LIMIT = 24_000_000
# Characters of posts that wait for their thread.
HELD_LIMIT = 16_000_000

_ROOT = re.compile(rb"<(\w+:)?disqus[\s>]")
_DSQ_ID = "{http://disqus.com/disqus-internals}id"
_FIELDS = {
    *("id", "message", "createdAt", "isDeleted"),
    *("link", "title", "isClosed"),
    *("isSpam", "isApproved", "ipAddress"),
}
_AUTHOR = {"name", "email", "username", "isAnonymous"}
# A flag is no longer than this; what is longer is none, whatever it goes on with.
_FLAG = 20
_FLAGS = {"true": True, "false": False, "1": True, "0": False}

_NO_DATE: Notices = (Notice("no-date", "createdAt is not given: the time of arrival stands for it."),)


class Disqus:
    """The reader of Disqus exports."""

    slug = "disqus"
    title = "Disqus XML"
    policy = "flag"

    def sniff(self, head: bytes) -> bool:
        """XML whose root is Disqus's."""
        head = head.replace(b"\0", b"")
        return looks_like_xml(head) and _ROOT.search(head[:8192]) is not None

    def read(self, stream: BinaryIO, options: Options) -> Iterator[Row | Problem]:
        """Each thread as an article, each post as a comment; see `docs/formats.md`."""
        return read_xml(stream, _Elements(options))


class _Elements(Elements):
    root = "disqus"
    title = "a Disqus export"
    groups = frozenset({"author", "thread", "parent"})

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._numbers = {"thread": 0, "post": 0}
        self._fields: Fields = {}
        self._of_record = Names(lambda _tag, name: name if name in _FIELDS or name in self.groups else "")
        self._of_author = Names(lambda _tag, name: f"author.{name}" if name in _AUTHOR else "")
        self._place = "before the first thread"
        # The names of the articles, by their thread's id.
        self._threads: dict[str, str] = {}
        self._threads_size = self._held_size = 0
        self._held: list[tuple[str, Fields]] = []
        # Threads without anything, given out if a post names them.
        self._bare: dict[str, Row] = {}

    def found(self, name: str, attributes: dict[str, str], /) -> None:
        if self.depth == 2 and name in self._numbers:
            self._begin(name, attributes.get(_DSQ_ID, "").strip())

    def opened(self, name: str, attributes: dict[str, str], /) -> None:
        if name == "author":
            self.enter(self._of_author, self._fields, nothing)
        else:
            self._fields.setdefault(name, attributes.get(_DSQ_ID, "").strip())

    def place(self) -> str:
        return self._place

    def finish(self) -> None:
        """Give out the posts whose thread did not come."""
        for place, fields in self._held:
            self._post(place, fields, self._threads.get(fields["thread"], ""))
        self._held = []

    def _begin(self, name: str, key: str) -> None:
        self._numbers[name] += 1
        self._fields = {"dsq:id": key}
        self._place = f"{name} {self._numbers[name]}" + (f" (id {key[:40]})" if key else "")
        self.enter(self._of_record, self._fields, self._end_thread if name == "thread" else self._end_post)

    def _end_thread(self) -> None:
        self._thread(_stripped(self._fields))

    def _end_post(self) -> None:
        fields = _stripped(self._fields)
        thread = fields.get("thread", "")
        if not thread or thread in self._threads or self._held_size > HELD_LIMIT:
            self._post(self._place, fields, self._threads.get(thread, ""))
            return
        self._held.append((self._place, fields))
        self._held_size += sum(map(len, fields.values()))

    def _thread(self, fields: Fields) -> None:
        try:
            self.check(fields)
            draft, notices = article_draft(fields, self.options)
        except Refused as refused:
            self.give(Problem.of(refused, place=self._place, kind="articles", raw=_raw(fields)))
            return
        key, name = fields["dsq:id"], draft.url or draft.external_id
        if key and key not in self._threads:
            self._threads[key] = name
            self._threads_size += len(key) + len(name)
        if self._threads_size > THREADS_LIMIT:
            raise Unreadable("has more threads than fit in memory. Export it in parts.", self._place)
        row = Row(place=self._place, draft=draft, notices=notices)
        if draft.url or draft.title or draft.body:
            self.give(row)
        else:
            self._bare[name] = row

    def _post(self, place: str, fields: Fields, article: str) -> None:
        try:
            self.check(fields)
            draft, notices = comment_draft(fields, article, self.options)
        except Refused as refused:
            self.give(Problem.of(refused, place=place, kind="comments", raw=_raw(fields)))
            return
        if article in self._bare:
            self.give(self._bare.pop(article))
        self.give(Row(place=place, draft=draft, notices=notices))


def article_draft(thread: Fields, options: Options) -> tuple[ArticleDraft, Notices]:
    """A thread's article. Raises `Refused`.

    It is known by its address: Disqus's numbers mean nothing to the site, and
    what the site itself called the page (`id`) is often not its own id.
    """
    key, url = thread["dsq:id"], _url(thread)
    if not (key or url):
        mend = "is missing, and so is the link: nothing names this thread."
        raise Refused("dsq:id", "", mend, code="required")
    title, cut_title = cut("title", one_line(thread.get("title", "")), TITLE_LIMIT)
    body, cut_body = cut("body", plain(thread.get("message", "")), ARTICLE_BODY_LIMIT)
    notices: Notices = cut_title + cut_body
    if not url:
        notices += (Notice("no-url", "The thread has no address: Disqus's number alone names its article."),)
    created = None
    if text := thread.get("createdAt"):
        try:
            created, assumed = iso_time("createdAt", text, options.zone)
            notices += assumed
        except Refused as refused:
            notices += (Notice("bad-date", f"createdAt {refused.mend} The article is kept without it."),)
    closed = {_FLAGS.get(thread.get(flag, "").lower()) for flag in ("isClosed", "isDeleted")}
    draft = ArticleDraft(
        external_id="" if url else identity("disqus", key),
        url=url,
        title=title,
        body=body,
        published_at=created,
        closed=True in closed or (False if False in closed else None),
        partial=True,
    )
    return draft, notices


def comment_draft(post: Fields, article: str, options: Options) -> tuple[CommentDraft, Notices]:
    """A post on `article`. Raises `Refused`."""
    if not article:
        thread = post.get("thread", "")[:40]
        mend = f"{thread!r} is nowhere in the file." if thread else "is missing: it names the article."
        raise Refused("thread", thread, mend, code="unknown-article" if thread else "required")
    key = post["dsq:id"] or (f"id:{post['id']}" if post.get("id") else "")
    if not key:
        mend = "is missing: without it a second run would double the post."
        raise Refused("dsq:id", "", mend, code="required")
    state, unknown = _state(*(post.get(flag, "")[:_FLAG] for flag in ("isSpam", "isDeleted", "isApproved")))
    body, cut_body = cut("body", plain(post.get("message", "")), BODY_LIMIT)
    if state is SourceState.TRASH and (refused := deleted(body)):
        raise refused
    posted, undated = None, _NO_DATE
    if text := post.get("createdAt"):
        posted, undated = iso_time("createdAt", text, options.zone)
    who = person(post.get("author.name", ""), post.get("author.email", ""), html=True)
    username = post.get("author.username", "")
    named = username and _FLAGS.get(post.get("author.isAnonymous", "").lower()) is not True
    ip, dropped = address(post.get("ipAddress", ""))
    parent = post.get("parent", "")
    draft = CommentDraft(
        external_id=identity(key),
        article=article,
        parent=identity(parent) if parent else "",
        author_name=who.name,
        author_email=who.email,
        author_id=identity("disqus", username) if named else "",
        ip=ip,
        body=body,
        posted_at=posted,
        state=state,
    )
    return draft, unknown + cut_body + undated + who.notices + dropped


def _url(thread: Fields) -> str:
    """The thread's link, else its id where that is an address."""
    for given in (thread.get("link", ""), thread.get("id", "")):
        try:
            return canonical_url(given)
        except Refused:
            continue
    return ""


@lru_cache(256)
def _state(spam: str, deleted: str, approved: str) -> tuple[SourceState, Notices]:
    """Disqus's own verdict by its flags. One that says neither yes nor no waits for a person."""
    given = {"isSpam": spam.lower(), "isDeleted": deleted.lower(), "isApproved": approved.lower()}
    odd = [name for name, text in given.items() if text and text not in _FLAGS]
    flags = {name: _FLAGS.get(text) for name, text in given.items()}
    notices = tuple(
        Notice("unknown-state", f"{name} is neither true nor false: taken as pending.") for name in odd
    )
    if flags["isSpam"]:
        return SourceState.SPAM, notices
    if flags["isDeleted"]:
        return SourceState.TRASH, notices
    if odd or flags["isApproved"] is False:
        return SourceState.PENDING, notices
    return (SourceState.APPROVED if any(given.values()) else SourceState.NONE), notices


def _stripped(fields: Fields) -> Fields:
    return {name: text.strip() for name, text in fields.items()}


def _raw(fields: Fields) -> str:
    return json.dumps(fields, ensure_ascii=False)
