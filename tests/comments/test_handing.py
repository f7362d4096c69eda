"""Comments on their way to whoever stores them."""

import json
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest
import zstandard

from comments.drafts import CommentDraft, Kind, SourceState
from comments.formats.base import Notice, Row
from comments.imports.handing import Handed, OtherVersion, pack, unpack


def test_what_is_unpacked_is_what_was_packed() -> None:
    full = CommentDraft(
        body="港の灯台は🏮、\r\n直されました。\u2028以上",
        external_id="18:6",
        article="https://example.com/news/1",
        parent="18:5",
        kind=Kind.TRACKBACK,
        author_name='灯台守 "the keeper"',
        author_email="keeper@example.jp",
        author_url="https://example.jp/",
        author_id="wp:3",
        author_verified=True,
        ip=ip_address("2001:db8::1"),
        user_agent="Mozilla/5.0 \\ (X11)",
        posted_at=datetime(1999, 12, 31, 23, 59, 59, 123456, tzinfo=UTC),
        number=12,
        state=SourceState.PENDING,
        identity=False,
    )
    plain = CommentDraft(body="はい", external_id="7", ip=ip_address("192.0.2.1"))
    notices = (Notice("assumed-zone", "Asia/Tokyo"), Notice("cut-body", "It was cut."))
    handed = [
        Handed(2**40, 2**62, 7, True, Row(place="項目 3", draft=full, notices=notices), full),
        Handed(0, 1, 1, False, Row(place="line 1", draft=plain), plain),
    ]
    assert unpack(pack(handed)) == handed
    assert all(type(each.draft.kind) is Kind for each in unpack(pack(handed)))


def packed(fields: list[str], values: list[Any]) -> bytes:
    comments = [[0, 1, 1, False, "line 1", [], values]]
    told = json.dumps({"fields": fields, "comments": comments})
    return zstandard.ZstdCompressor().compress(told.encode())


def test_what_an_older_version_had_no_field_for_is_at_its_default() -> None:
    (each,) = unpack(packed(["body", "state", "kind"], ["はい", "pending", "comment"]))
    assert each.draft == CommentDraft(body="はい", state=SourceState.PENDING)


def test_what_only_a_newer_version_knows_is_left_to_it() -> None:
    with pytest.raises(OtherVersion, match="mood"):
        unpack(packed(["body", "kind", "state", "mood"], ["はい", "comment", "", "gloomy"]))


def test_a_place_that_no_text_column_holds_travels_too() -> None:
    draft = CommentDraft(body="はい", external_id="1")
    handed = [Handed(0, 1, 1, False, Row(place="港\ud800\0.json: line 1", draft=draft), draft)]
    assert unpack(pack(handed)) == handed
