"""Staticman's files: a folder an article, a YAML or JSON file a comment, in a zip archive.

A folder on disk is handed over as an archive too (see `comments.imports.folder`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import BinaryIO
from urllib.parse import quote, urljoin
from zipfile import ZipFile

from comments.drafts import BODY_LIMIT, ArticleDraft, CommentDraft, Refused, SourceState, canonical_url
from comments.formats.archive import Member, data_of, members, names_in, opened
from comments.formats.base import RAW_LIMIT, Notice, Options, Problem, Row
from comments.formats.flatyaml import flat_yaml
from comments.formats.foreign import identity, json_object, person
from comments.formats.lines import Line, utf8
from comments.formats.times import any_time
from comments.formats.values import cut

Fields = dict[str, str]
Notices = tuple[Notice, ...]

# The fields are the site's own choice; these are what its themes call them.
_BODY = ("message", "comment", "body", "content", "text")
_NAME = ("name", "author", "author_name")
_SITE = ("url", "website", "author_url")
_DATE = ("date", "timestamp", "created", "created_at")
_BY_ID = ("replying_to_uid", "reply_to", "replyTo", "replyID", "parent_id", "parent")
_BY_PLACE = "replying_to"
_PAGE = ("_parent", "origin")
_POSITION = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?", re.ASCII)
_HASH = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{64}")
_LIKE_AN_ID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{16,64}")


class Staticman:
    """The reader of Staticman's folders."""

    slug = "staticman"
    title = "folder or zip of YAML or JSON files, a comment each (Staticman)"
    policy = "flag"

    def sniff(self, head: bytes) -> bool:
        """A zip archive with a YAML file, or with two of JSON."""
        if not head.startswith(b"PK\3\4"):
            return False
        names = [name.lower() for name in names_in(head)]
        yaml = any(name.endswith((".yml", ".yaml")) for name in names)
        return yaml or sum(name.endswith(".json") for name in names) > 1

    def read(self, stream: BinaryIO, options: Options) -> Iterator[Row | Problem]:
        """Folder by folder the article, then its comments by their files' names."""
        with opened(stream) as archive:
            for folder, files in groupby(members(archive), key=lambda member: member.folder):
                yield from _Folder(archive, folder, list(files), options).rows()


class _Folder:
    """One article's files. They are read twice: a reply may stand before what it answers."""

    def __init__(self, archive: ZipFile, folder: str, files: list[Member], options: Options) -> None:
        self._archive = archive
        self._files = files
        self._options = options
        self._name = _article_name(folder)
        self._url = ""
        # Ids of its comments, and `{position: id}` as themes count them: `3` the third that
        # answers nobody, by file name, `3-1` the first answer to it.
        self._ids: set[str] = set()
        self._places: dict[str, str] = {}
        self._look()

    def _look(self) -> None:
        counted: Counter[str] = Counter()
        for member in self._files:
            try:
                fields = _fields(data_of(self._archive, member), member)
            except Refused:
                continue
            key = _key(fields, member)
            self._ids.add(key)
            self._url = self._url or _page_url(fields)
            answered = fields.get(_BY_PLACE, "").strip()
            counted[answered] += 1
            self._places[f"{answered}-{counted[answered]}" if answered else str(counted[""])] = key

    def rows(self) -> Iterator[Row | Problem]:
        article = self._article()
        name = article.external_id or article.url
        yield Row(place=self._files[0].folder or "/", draft=article)
        for member in self._files:
            raw = ""
            try:
                data = data_of(self._archive, member)
                raw = data[:RAW_LIMIT].decode("utf-8", "replace")
                draft, notices = self._comment(_fields(data, member), member, name)
            except Refused as refused:
                yield Problem.of(refused, place=member.path, kind="comments", raw=raw)
                continue
            yield Row(place=member.path, draft=draft, notices=notices)

    def _article(self) -> ArticleDraft:
        """By the URL that a comment names, else by the folder's path on the site, else by that alone."""
        if self._url:
            return ArticleDraft(url=self._url, partial=True)
        if self._options.url:
            path = f"{quote(self._name)}/" if self._name else ""
            return ArticleDraft(url=urljoin(self._options.url, path), partial=True)
        return ArticleDraft(external_id=identity(self._name or self._options.filename or "/"), partial=True)

    def _comment(self, fields: Fields, member: Member, article: str) -> tuple[CommentDraft, Notices]:
        body, cut_body = cut("body", _first(fields, _BODY).strip(), BODY_LIMIT)
        email = fields.get("email", "").strip()
        hashed = _HASH.fullmatch(email) is not None
        told = Notice("hashed-email", "email is a hash and no address: it was dropped.")
        who = person(_first(fields, _NAME), "" if hashed else email, _first(fields, _SITE))
        posted, dated = _time(_first(fields, _DATE), self._options)
        parent = self._parent(fields)
        draft = CommentDraft(
            external_id=identity(self._name, _key(fields, member)),
            article=article,
            parent=identity(self._name, parent) if parent else "",
            author_name=who.name,
            author_email=who.email,
            author_url=who.site,
            body=body,
            posted_at=posted,
            state=SourceState.APPROVED,
        )
        return draft, cut_body + dated + ((told,) if hashed else ()) + who.notices

    def _parent(self, fields: Fields) -> str:
        """The id of the comment that is answered, be it here or not; `""` for none."""
        given = _first(fields, _BY_ID).strip()
        if given:
            return given
        place = fields.get(_BY_PLACE, "").strip()
        if place in self._ids and place not in self._places:
            return place
        if place:
            return self._places.get(place, f"#{place}")
        # Themes disagree on what `_parent` is: the comment that is answered, or the page.
        page = fields.get("_parent", "").strip()
        return page if page in self._ids or _LIKE_AN_ID.fullmatch(page) else ""


def _article_name(folder: str) -> str:
    """What names the article: the folder's path behind the last `comments`."""
    parts = [part for part in folder.split("/") if part not in {"", "."}]
    at = len(parts) - parts[::-1].index("comments") if "comments" in parts else 0
    return "/".join(parts[at:])


def _page_url(fields: Fields) -> str:
    for field in _PAGE:
        try:
            return canonical_url(fields.get(field, ""))
        except Refused:
            continue
    return ""


def _fields(data: bytes, member: Member) -> Fields:
    """A file's scalars as texts. Raises `Refused`."""
    line = Line(1, 0, data.removeprefix(b"\xef\xbb\xbf"))
    if member.name.lower().endswith(".json"):
        return {key: value for key, value in json_object(line).items() if isinstance(value, str)}
    try:
        return flat_yaml(utf8(line))
    except Refused:
        raise
    except ValueError as error:
        raise Refused("file", "", str(error), code="encoding") from None


def _key(fields: Fields, member: Member) -> str:
    """The comment's id within its article: its own, else its file's name."""
    return fields.get("_id", "").strip() or fields.get("id", "").strip() or member.name.rpartition(".")[0]


def _first(fields: Fields, names: Sequence[str]) -> str:
    return next((fields[name] for name in names if fields.get(name, "").strip()), "")


def _time(text: str, options: Options) -> tuple[datetime | None, Notices]:
    if not text:
        return None, (Notice("no-date", "date is not given: the time of arrival stands for it."),)
    return any_time("date", text, options.zone)
