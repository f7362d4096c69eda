"""Which open cases are alike: the same text, nearly the same, or one source within a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any, NamedTuple

from comments import bulk
from moderation.near_text import BANDS, band_keys, own_text, similarity
from moderation.text import FOLDER_VERSION

# As `NearDuplicate.percent` has it by default.
ALIKE = 80
# What one source sends within this is looked at together.
A_DAY = timedelta(days=1)
# Comments that are looked at of each key, text and source, the newest: of many that are alike each is like
# the newest, or like one that is.
LOOKED_AT = 8
# The network of one IPv6 subscriber (RFC 6177); an IPv4 address is taken whole, for its /24 is a town's.
_SUBSCRIBER = 64


class Waiting(NamedTuple):
    """An open case with what others are compared with."""

    id: int
    group_id: int | None
    site_id: int
    comment_id: int
    posted_at: datetime
    author_key: Any
    ip: Any
    fingerprint: int
    body: str
    folded: str


_WAITING = f"""
SELECT k.id, k.group_id, k.site_id, c.id, c.posted_at, c.author_key, c.ip, c.fingerprint, c.body,
    CASE WHEN c.folder_version = {FOLDER_VERSION} THEN c.folded ELSE '' END
FROM moderation_case k JOIN comments_comment c ON c.id = k.comment_id
WHERE k.id = ANY(%s) AND k.closed_at IS NULL ORDER BY k.id
"""  # noqa: S608
_NEWEST = "ORDER BY c.posted_at DESC, c.{0} DESC LIMIT %(most)b"
_KEYS = [f"key{number}" for number in range(1, BANDS + 1)]
_OF_KEY = f"""(SELECT c.comment_id FROM moderation_nearkeys c
    WHERE c.{{0}} = k.{{0}} AND c.site_id = k.site_id {_NEWEST.format("comment_id")})"""  # noqa: S608
_OF = f"""(SELECT c.id FROM comments_comment c WHERE {{}} AND c.site_id = k.site_id {_NEWEST.format("id")})"""  # noqa: S608
_SAME_DAY = "c.posted_at BETWEEN k.posted_at - %(day)b AND k.posted_at + %(day)b"
# An author is a source, else the address that he sent from.
_PROBES = (
    *(_OF_KEY.format(key) for key in _KEYS),
    _OF.format("c.fingerprint = k.fingerprint AND c.fingerprint <> 0"),
    _OF.format(f"c.author_key = k.author_key AND {_SAME_DAY}"),
    _OF.format(f"c.ip = k.address AND c.author_key IS NULL AND {_SAME_DAY}"),
    _OF.format(f"c.ip BETWEEN k.lowest AND k.highest AND c.author_key IS NULL AND {_SAME_DAY}"),
)
_COLUMNS = {
    "id": "bigint",
    "site_id": "bigint",
    "posted_at": "timestamptz",
    "fingerprint": "bigint",
    "author_key": "uuid",
    "address": "inet",
    "lowest": "inet",
    "highest": "inet",
    **dict.fromkeys(_KEYS, "bigint"),
}
_ARRAYS = ", ".join(f"%({name})b::{kind}[]" for name, kind in _COLUMNS.items())
# OFFSET 0 keeps each case from being found in any way but by its comment, whatever the statistics say.
_CANDIDATES = f"""
SELECT k.id, o.id FROM unnest({_ARRAYS})
    AS k({", ".join(_COLUMNS)})
CROSS JOIN LATERAL ({" UNION ".join(_PROBES)}) e(comment_id)
CROSS JOIN LATERAL (
    SELECT o.id FROM moderation_case o WHERE o.comment_id = e.comment_id AND o.closed_at IS NULL OFFSET 0) o
WHERE o.id <> k.id
ORDER BY k.id, o.id
"""  # noqa: S608


def waiting(cases: Iterable[int]) -> dict[int, Waiting]:
    """The open cases of comments among these, by id."""
    return {row[0]: Waiting(*row) for row in bulk.fetch(_WAITING, [sorted(cases)])}


def pairs_alike(cases: Sequence[Waiting]) -> tuple[list[tuple[int, int]], dict[int, Waiting]]:
    """Pairs of a case and another open one that is like it, and all cases that are in a pair."""
    if not cases:
        return [], {}
    texts = {each.id: own_text(each.body, each.folded) for each in cases}
    none = (None,) * BANDS
    rows = [
        (
            each.id,
            each.site_id,
            each.posted_at,
            each.fingerprint,
            each.author_key,
            *_network(each),
            *(keys or none),
        )
        for each, keys in zip(cases, band_keys(list(texts.values())), strict=True)
    ]
    columns = dict(zip(_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
    found = bulk.fetch(_CANDIDATES, columns | {"most": LOOKED_AT, "day": A_DAY})
    known = {each.id: each for each in cases}
    known |= waiting({other for _, other in found} - known.keys())
    texts |= {key: own_text(each.body, each.folded) for key, each in known.items() if key not in texts}
    pairs = [(one, other) for one, other in found if other in known]
    return [pair for pair in pairs if why_alike(*_both(pair, known), *_both(pair, texts))], known


def why_alike(one: Waiting, other: Waiting, text: str, other_text: str) -> str:
    """`same`, `near` or `source`; empty where neither text nor source is."""
    if one.fingerprint and one.fingerprint == other.fingerprint:
        return "same"
    if text and similarity(text, other_text) >= ALIKE:
        return "near"
    return "source" if _one_source(one, other) else ""


def _one_source(one: Waiting, other: Waiting) -> bool:
    if abs(one.posted_at - other.posted_at) > A_DAY:
        return False
    if one.author_key or other.author_key:
        return bool(one.author_key == other.author_key)
    return one.ip is not None and other.ip is not None and _network(one) == _network(other)


def _network(case: Waiting) -> tuple[Any, Any, Any]:
    """The address that tells its source, if it is of IPv4, and the bounds of its network, if of IPv6."""
    if case.ip is None or case.author_key:
        return None, None, None
    address = ip_address(str(case.ip).partition("/")[0])
    if not isinstance(address, IPv6Address):
        return address, None, None
    least = int(address) >> _SUBSCRIBER << _SUBSCRIBER
    return None, IPv6Address(least), IPv6Address(least | (1 << _SUBSCRIBER) - 1)


def _both(pair: tuple[int, int], of_case: dict[int, Any]) -> Iterator[Any]:
    return (of_case[key] for key in pair)
