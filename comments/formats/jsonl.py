"""Our own JSONL: one article or comment a line, as a JSON object of texts.

    {"type": "article", "id": "a1", "url": "https://…", "title": "…", "body": "…", "published_at": "…",
     "source": "…", "related": ["…"], "credit": "…", "closed": false}
    {"type": "comment", "id": "c7", "article": "a1", "parent": "c3", "author_name": "…", "author_email": "…",
     "author_url": "…", "author_id": "…", "ip": "…", "user_agent": "…", "body": "…", "posted_at": "…",
     "kind": "comment", "number": 12, "identity": true, "state": "approved"}

Lines come in any order. Required are `type`, `id`, `body` and a comment's
`article` (an article's `url` may stand for its `id`); any other key may be
left out or null. `comments.exports` writes all of them. Who writes this format can
mend it, so what is wrong is a problem of its line, with two exceptions that
cost less than the row: a body over the limit is cut, and a client's address
that is none is dropped, each with a notice.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import BinaryIO, NoReturn, TypeVar

from comments.drafts import (
    ARTICLE_BODY_LIMIT,
    BODY_LIMIT,
    ArticleDraft,
    CommentDraft,
    Kind,
    Refused,
    SourceState,
)
from comments.formats.base import Notice, Options, Problem, Row
from comments.formats.lines import Line, read_lines, utf8
from comments.formats.values import address, cut, iso_time

# The longest article with every character escaped as a surrogate pair (twelve
# bytes) takes 6 MB; the rest is room for its other fields.
LINE_LIMIT = 8 * 1024 * 1024

_REQUIRED = {"article": ("id", "body"), "comment": ("id", "article", "body")}
_OPTIONAL = {
    "article": ("url", "title", "published_at", "source", "credit"),
    "comment": (
        *("parent", "author_name", "author_email", "author_url", "author_id", "ip", "user_agent"),
        *("posted_at", "kind", "state"),
    ),
}
# What is no text, all of it optional.
_OTHER = {"article": ("related", "closed"), "comment": ("number", "identity")}
_KINDS = {"": Kind.COMMENT} | {kind.value: kind for kind in Kind}
# What others call the same: our own API, and most systems that comments are brought from.
_STATES = {state.value: state for state in SourceState} | {
    "published": SourceState.APPROVED,
    "held": SourceState.PENDING,
    "rejected": SourceState.TRASH,
    "deleted": SourceState.TRASH,
}
Named = TypeVar("Named", Kind, SourceState)
_TYPED = re.compile(rb'"type"\s*:\s*"(article|comment)"')


class Jsonl:
    """The reader of our own JSONL."""

    slug = "jsonl"
    title = "Sekisho JSONL"
    policy = "enforce"

    def sniff(self, head: bytes) -> bool:
        """A line of an object that calls itself an article or a comment."""
        first = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        return first == b"{" and _TYPED.search(head) is not None

    def read(self, stream: BinaryIO, options: Options) -> Iterator[Row | Problem]:
        """One row or problem for each line that is not blank."""
        for line in read_lines(stream, LINE_LIMIT):
            if line.data.strip() or not line.whole:
                yield read_row(line, options)


def read_row(line: Line, options: Options) -> Row | Problem:
    """What one line is."""
    place, kind = f"line {line.number}", _kind(line)
    try:
        draft, notices = _draft(_object(line), options)
    except Refused as refused:
        return Problem.of(refused, place=place, kind=kind, raw=line.raw)
    return Row(place=place, draft=draft, notices=notices)


def _kind(line: Line) -> str:
    """What a line that may be broken calls itself, from its first sign of it."""
    found = _TYPED.search(line.data)
    return "articles" if found and found[1] == b"article" else "comments"


def _object(line: Line) -> dict[str, object]:
    """The line's JSON object. Raises `Refused`."""
    if not line.whole:
        mend = f"is longer than {LINE_LIMIT // 2**20} MiB. Write one article or comment a line."
        raise Refused("line", "", mend, code="line-too-long")
    try:
        text = utf8(line)
    except ValueError as error:
        raise Refused("line", "", str(error), code="encoding") from None
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise Refused("line", "", "is nested too deeply. A row is a flat object.", code="json") from None
    except json.JSONDecodeError as error:
        mend = f"is no JSON: {error.msg} at character {error.pos + 1}."
        raise Refused("line", "", mend, code="json") from None
    if not isinstance(value, dict):
        raise Refused("line", "", f"is {_name(value)}. Write a JSON object, {{…}}.", code="json")
    return value


def _draft(
    row: dict[str, object], options: Options
) -> tuple[ArticleDraft | CommentDraft, tuple[Notice, ...]]:
    texts = _texts(row)
    if texts["type"] == "article":
        return _article(texts, row, options)
    return _comment(texts, row, options)


def _article(
    texts: dict[str, str], row: dict[str, object], options: Options
) -> tuple[ArticleDraft, tuple[Notice, ...]]:
    body, shortened = cut("body", texts["body"], ARTICLE_BODY_LIMIT)
    time, assumed = _time("published_at", texts, options)
    draft = ArticleDraft(
        external_id=texts["id"],
        url=texts["url"],
        title=texts["title"],
        body=body,
        published_at=time,
        source=texts["source"],
        credit=texts["credit"],
        related=_list("related", row),
        closed=_flag("closed", row),
    )
    return draft, shortened + assumed


def _comment(
    texts: dict[str, str], row: dict[str, object], options: Options
) -> tuple[CommentDraft, tuple[Notice, ...]]:
    body, shortened = cut("body", texts["body"], BODY_LIMIT)
    time, assumed = _time("posted_at", texts, options)
    ip, dropped = address(texts["ip"])
    draft = CommentDraft(
        external_id=texts["id"],
        article=texts["article"],
        parent=texts["parent"],
        author_name=texts["author_name"],
        author_email=texts["author_email"],
        author_url=texts["author_url"],
        author_id=texts["author_id"],
        ip=ip,
        user_agent=texts["user_agent"],
        body=body,
        posted_at=time,
        kind=_one_of("kind", texts["kind"], _KINDS),
        number=_number("number", row),
        identity=_flag("identity", row) is not False,
        state=_one_of("state", texts["state"], _STATES),
    )
    return draft, shortened + assumed + dropped


def _one_of(key: str, text: str, known: Mapping[str, Named]) -> Named:
    if text not in known:
        names = ", ".join(name for name in known if name)
        raise Refused(key, text[:80], f"is no {key}. Write one of {names}, or leave it out.", code=key)
    return known[text]


def _list(key: str, row: dict[str, object]) -> tuple[str, ...]:
    value = row.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Refused(key, "", f"is {_name(value)}. Write an array of texts.", code="wrong-type")
    return tuple(value)


def _flag(key: str, row: dict[str, object]) -> bool | None:
    value = row.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise Refused(key, "", f"is {_name(value)}. Write true or false.", code="wrong-type")


def _number(key: str, row: dict[str, object]) -> int | None:
    value = row.get(key)
    if value is None:
        return None
    if not isinstance(value, _Number) or not value.digits.isdigit():
        raise Refused(key, "", f"is {_name(value)}. Write a whole number from 1.", code="wrong-type")
    return int(value.digits)


def _time(field: str, texts: dict[str, str], options: Options) -> tuple[datetime | None, tuple[Notice, ...]]:
    return iso_time(field, texts[field], options.zone) if texts[field] else (None, ())


def _texts(row: dict[str, object]) -> dict[str, str]:
    """The row's fields as texts, empty where not given. Raises `Refused`."""
    kind = row.get("type")
    if not isinstance(kind, str) or kind not in _REQUIRED:
        raise Refused("type", kind, 'write "article" or "comment".', code="type")
    required, optional, other = _REQUIRED[kind], _OPTIONAL[kind], _OTHER[kind]
    if kind == "article" and row.get("url"):
        required, optional = ("body",), (*optional, "id")
    allowed = {"type", *required, *optional, *other}
    if unknown := [key for key in row if key not in allowed]:
        mend = f"is no field of {_article_of(kind)}. Leave it out; known are {', '.join(sorted(allowed))}."
        raise Refused(_shown(unknown[0]), "", mend, code="unknown-field")
    texts = dict.fromkeys(optional, "") | {
        key: _text(key, value, key in optional) for key, value in row.items() if key not in other
    }
    for key in required:
        if not texts.get(key) and not (kind == "article" and key == "body" and key in texts):
            code = "blank" if key == "body" and key in texts else "required"
            raise Refused(key, "", f"is missing: {_article_of(kind)} needs it.", code=code)
    return texts


def _text(key: str, value: object, optional: bool) -> str:
    if isinstance(value, str):
        return value
    if value is None and optional:
        return ""
    raise Refused(key, "", f"is {_name(value)}. Write a text in quotes.", code="wrong-type")


def _article_of(kind: str) -> str:
    return "an article" if kind == "article" else "a comment"


def _shown(key: str) -> str:
    """A foreign key's name, fit for a sentence."""
    return repr(key[:40])


class _Number:
    """Stands for every number: hardly a field is one, and ten thousand digits take
    Python seconds to convert."""

    def __init__(self, digits: str) -> None:
        self.digits = digits[:20]


def _name(value: object) -> str:
    """What a JSON value is, for a sentence."""
    names = {str: "a text", list: "an array", dict: "an object", bool: "true or false", _Number: "a number"}
    return names.get(type(value), "null")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in fields if keys.count(key) > 1)
        raise Refused(_shown(twice), "", "stands twice in one row. Keep one.", code="duplicate-key")
    return fields


def _no_constant(name: str) -> NoReturn:
    raise Refused("line", "", f"is no JSON: {name} is not part of it.", code="json")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_Number, parse_float=_Number, parse_constant=_no_constant
)
