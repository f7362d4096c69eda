"""Comments on their way from the reader of a source to whoever stores them.

They wait in the database as compressed JSON: no code can travel in it, and
what a draft has once been checked for is not checked again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import zstandard

from comments.drafts import CommentDraft, Kind, SourceState
from comments.formats.base import Notice, Row

# The lowest level halves the time of the default and writes a tenth more.
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Handed:
    """A comment's row with its place, its article and the key that it is to be stored under.

    `forward` says that no earlier row of the source is the parent that it names.
    """

    position: int
    comment_id: int
    article_id: int
    forward: bool
    row: Row
    draft: CommentDraft

    @property
    def kind(self) -> str:
        return self.row.kind

    @property
    def place(self) -> str:
        return self.row.place


class OtherVersion(Exception):
    """A chunk that this version of the program must leave to a newer one."""


_FIELDS = tuple(field.name for field in fields(CommentDraft))
# What an older version had no field for.
_DEFAULTS = {field.name: field.default for field in fields(CommentDraft) if field.default is not MISSING}
_POSTED_AT, _IP = _FIELDS.index("posted_at"), _FIELDS.index("ip")
_KIND, _STATE = _FIELDS.index("kind"), _FIELDS.index("state")
_KINDS = {kind.value: kind for kind in Kind}
_STATES = {state.value: state for state in SourceState}


def pack(comments: Sequence[Handed]) -> bytes:
    """The comments as bytes."""
    told = json.dumps(
        {"fields": _FIELDS, "comments": [_told(each) for each in comments]},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    # Half of a surrogate pair may stand in a row's place: what a person named a file or a thread.
    return zstandard.ZstdCompressor(level=_LEVEL).compress(told.encode("utf-8", "surrogatepass"))


def unpack(payload: bytes) -> list[Handed]:
    """What `pack` was given. Raises `OtherVersion`."""
    told = json.loads(zstandard.ZstdDecompressor().decompress(payload).decode("utf-8", "surrogatepass"))
    given = tuple(told["fields"])
    if unknown := {*given} - {*_FIELDS}:
        raise OtherVersion(
            f"these comments were read by a newer version of Sekisho: this one would lose their {unknown}. "
            "A process of that version stores them."
        )
    for each in told["comments"] if given != _FIELDS else ():
        named = dict(zip(given, each[-1], strict=True))
        each[-1] = [named.get(name, _DEFAULTS.get(name)) for name in _FIELDS]
    return [_handed(each) for each in told["comments"]]


def _told(each: Handed) -> list[Any]:
    draft = each.draft
    values = [getattr(draft, name) for name in _FIELDS]
    if draft.posted_at is not None:
        values[_POSTED_AT] = draft.posted_at.isoformat()
    if draft.ip is not None:
        # A number is read back ten times as fast as a spelling.
        values[_IP] = (draft.ip.version, int(draft.ip))
    notices = [(notice.code, notice.text) for notice in each.row.notices]
    return [each.position, each.comment_id, each.article_id, each.forward, each.row.place, notices, values]


def _handed(told: list[Any]) -> Handed:
    position, comment_id, article_id, forward, place, notices, values = told
    values[_KIND], values[_STATE] = _KINDS[values[_KIND]], _STATES[values[_STATE]]
    if values[_POSTED_AT] is not None:
        values[_POSTED_AT] = datetime.fromisoformat(values[_POSTED_AT])
    if values[_IP] is not None:
        version, number = values[_IP]
        values[_IP] = (IPv4Address if version == 4 else IPv6Address)(number)
    # Not by its class, which would check it once more.
    draft = object.__new__(CommentDraft)
    for name, value in zip(_FIELDS, values, strict=True):
        object.__setattr__(draft, name, value)
    row = Row(place=place, draft=draft, notices=tuple(Notice(code, text) for code, text in notices))
    return Handed(position, comment_id, article_id, forward, row, draft)
