"""Tables: CSV, TSV or semicolons, with a line of headers, a comment a row."""

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import BinaryIO

from comments.drafts import (
    BODY_LIMIT,
    ID_LIMIT,
    TITLE_LIMIT,
    ArticleDraft,
    CommentDraft,
    Refused,
    SourceState,
)
from comments.formats.base import Notice, Options, Problem, Row, Unreadable
from comments.formats.columns import found, resolve
from comments.formats.foreign import Met, content_id, identity, person
from comments.formats.records import DELIMITERS, Record, Records
from comments.formats.times import any_time
from comments.formats.values import address, cut

Notices = tuple[Notice, ...]

_WORDS = {
    SourceState.NONE: "",
    SourceState.APPROVED: "1 approve approved publish published true yes 公開 公開済み 承認 承認済み 表示",
    SourceState.PENDING: "0 hold held pending unapproved false no 未承認 承認待ち 保留 審査中",
    SourceState.SPAM: "spam スパム 迷惑",
    SourceState.TRASH: "trash deleted rejected removed hidden 削除 削除済み ゴミ箱 却下 非表示 非公開",
}
_STATES = {word: state for state, words in _WORDS.items() for word in (words.split() or [""])}
# In what a table is commonly saved; only its first line is tried.
_ENCODINGS = ("utf-8", "cp932", "euc_jp")


class Table:
    """The reader of tables."""

    slug = "csv"
    title = "CSV or TSV with a line of headers"
    policy = "flag"

    def sniff(self, head: bytes) -> bool:
        """A first line whose columns we know by name: the body and another."""
        line = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
        for encoding in _ENCODINGS:
            try:
                headers = split(line.decode(encoding).rstrip("\r"), {})[1]
            except UnicodeDecodeError:
                continue
            known = found(headers)
            if "body" in known and len(known) > 1:
                return True
        return False

    def read(self, stream: BinaryIO, options: Options) -> Iterator[Row | Problem]:
        """The comments in their order, each article before its first."""
        records = Records(stream, options.encoding or "utf-8")
        delimiter, _ = split(records.first_line(), options.columns)
        rows = records.read(delimiter)
        header = next(rows, None)
        if header is None:
            raise Unreadable("is empty.")
        if header.fault:
            raise Unreadable(header.fault[1], "line 1")
        reader = _Reader(header.fields, options)
        for record in rows:
            yield from reader.record(record)


def split(line: str, given: Mapping[str, str]) -> tuple[str, list[str]]:
    """The delimiter that makes most sense of a line of headers, and the headers."""
    best: tuple[tuple[int, int], str, list[str]] = ((-1, 0), ",", [])
    for delimiter in DELIMITERS:
        try:
            headers = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            continue
        told = {header.strip() for header in headers} & set(given.values())
        score = (len(found(headers)) + len(told), len(headers))
        if score > best[0]:
            best = (score, delimiter, headers)
    return best[1], best[2]


class _Reader:
    def __init__(self, headers: tuple[str, ...], options: Options) -> None:
        self._options = options
        self._width = len(headers)
        self._columns = resolve(headers, options.columns, with_url=bool(options.url))
        self._met = Met()
        self._first = self._remarks(headers)

    def _remarks(self, headers: tuple[str, ...]) -> Notices:
        """What holds for the whole table; the first row carries it."""
        notices: list[Notice] = []
        used = set(self._columns.values())
        if unused := [name.strip() for at, name in enumerate(headers) if at not in used and name.strip()]:
            notices.append(Notice("unused-columns", f"Not read: {', '.join(unused)}."[:1000]))
        if "id" not in self._columns:
            told = "No column holds ids: a row is known by its article, author, time and text."
            notices.append(Notice("no-id", told))
        if "posted_at" not in self._columns:
            notices.append(Notice("no-date", "No column holds times: the time of arrival stands for them."))
        return tuple(notices)

    def record(self, record: Record) -> Iterator[Row | Problem]:
        place = f"line {record.number}"
        try:
            texts = self._texts(record)
            article = self._article(texts)
            name = article.external_id or article.url
            if self._met.first(name):
                yield self._row(place, article, ())
            draft, notices = self._comment(texts, name)
        except Refused as refused:
            yield Problem.of(refused, place=place, kind="comments", raw=record.raw)
            return
        odd = Notice("odd-quotes", 'Text stood behind a closing quote ("): it was kept without the quotes.')
        yield self._row(place, draft, notices + ((odd,) if record.odd else ()))

    def _row(self, place: str, draft: ArticleDraft | CommentDraft, notices: Notices) -> Row:
        notices, self._first = self._first + notices, ()
        return Row(place=place, draft=draft, notices=notices)

    def _texts(self, record: Record) -> dict[str, str]:
        """The fields by our names, without blank edges. Raises `Refused`."""
        if record.fault:
            raise Refused("row", "", record.fault[1], code=record.fault[0])
        fields = record.fields
        if len(fields) < self._width or any(field.strip() for field in fields[self._width :]):
            code = "too-few-fields" if len(fields) < self._width else "too-many-fields"
            mend = f"has {len(fields)} fields, but the first line names {self._width}."
            raise Refused("row", "", f"{mend} Put fields with a delimiter in quotes.", code=code)
        return {field: fields[place].strip() for field, place in self._columns.items()}

    def _article(self, texts: dict[str, str]) -> ArticleDraft:
        name, url = texts.get("article", ""), texts.get("url", "")
        if "://" in name:
            name, url = "", name
        url = url or ("" if name else self._options.url)
        if not (name or url):
            raise Refused("article", "", "is missing: the row names no article.", code="required")
        title, _ = cut("title", " ".join(texts.get("title", "").split()), TITLE_LIMIT)
        return ArticleDraft(external_id=identity(name), url=url, title=title, partial=True)

    def _comment(self, texts: dict[str, str], article: str) -> tuple[CommentDraft, Notices]:
        body, cut_body = cut("body", texts["body"].replace("\r\n", "\n"), BODY_LIMIT)
        who = person(texts.get("author_name", ""), texts.get("author_email", ""), texts.get("author_url", ""))
        posted: datetime | None = None
        dated: Notices = ()
        if "posted_at" in texts:
            posted, dated = _time(texts["posted_at"], self._options)
        state, unknown = _state(texts.get("state", ""))
        ip, bad_ip = address(texts.get("ip", ""))
        draft = CommentDraft(
            external_id=_id(texts, article),
            article=article,
            parent=identity(_parent(texts.get("parent", ""))),
            author_name=who.name,
            author_email=who.email,
            author_url=who.site,
            author_id=texts.get("author_id", "")[: ID_LIMIT + 1],
            ip=ip,
            number=_number(texts.get("number", "")),
            body=body,
            posted_at=posted,
            state=state,
        )
        return draft, cut_body + dated + unknown + bad_ip + who.notices


def _id(texts: dict[str, str], article: str) -> str:
    if "id" not in texts:
        said = [texts.get(name, "") for name in ("author_name", "author_email", "posted_at", "body")]
        return content_id(article, *said)
    if not texts["id"]:
        raise Refused("id", "", "is missing: without it a second run would double the row.", code="required")
    return identity(texts["id"])


def _parent(text: str) -> str:
    """Tables write 0 for no parent, as WordPress does."""
    return "" if text == "0" else text


def _time(text: str, options: Options) -> tuple[datetime | None, Notices]:
    if not text:
        return None, (Notice("no-date", "posted_at is empty: the time of arrival stands for it."),)
    return any_time("posted_at", text, options.zone)


def _number(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise Refused("number", text[:80], "is no whole number.", code="range")
    return int(text)


def _state(text: str) -> tuple[SourceState, Notices]:
    known = _STATES.get(text.casefold())
    if known is not None:
        return known, ()
    return SourceState.PENDING, (Notice("unknown-state", "state is unknown: taken as pending."),)
