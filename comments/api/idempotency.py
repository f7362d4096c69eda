"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a retry gets the first answer.

An answer is kept with what it answers for, in one transaction, for 24 hours.
A refused request stored nothing and keeps nothing: it is judged afresh.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from comments import bulk
from comments.api.problems import Kind, Problem, parameter

if TYPE_CHECKING:
    from rest_framework.request import Request

KEPT = timedelta(hours=24)
# Printable ASCII, as the header's own grammar (a string of RFC 8941) has it.
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Retry:
    """A request that may be sent again: its key, and the digest of what it asks."""

    key: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A first answer and the digest of the request that it answered."""

    payload: bytes
    status_code: int
    answer: dict[str, Any]


def retry_of(request: Request) -> Retry | None:
    """The request's key and payload; None without a key. Raises `Problem`.

    The quotation marks that the draft asks for may be left out, as most do.
    """
    header: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if header is None:
        return None
    key = header[1:-1] if len(header) > 1 and header[0] == header[-1] == '"' else header
    if not _KEY.fullmatch(key):
        mend = "must be 1 to 255 printable ASCII characters without blanks, a UUID say."
        raise parameter("Idempotency-Key", header, mend)
    head = f"{request.method} {request.path}\n".encode()
    return Retry(key, hashlib.sha256(head + request.body).digest())


def kept(site_id: int, retry: Retry, now: datetime) -> Kept | None:
    """The answer kept under the key. Raises `Problem` if it is another request's."""
    rows = bulk.fetch(
        """SELECT payload, status_code, answer::text FROM comments_idempotencykey
           WHERE site_id = %s AND key = %s AND created_at > %s""",
        [site_id, retry.key, now - KEPT],
    )
    if not rows:
        return None
    payload, status_code, answer = rows[0]
    if bytes(payload) != retry.payload:
        raise Problem(
            Kind.KEY_REUSED,
            "The key stands for a request with another body. Send a new key with a new request.",
        )
    return Kept(bytes(payload), status_code, json.loads(answer))


def keep(site_id: int, retry: Retry, status_code: int, answer: dict[str, Any], now: datetime) -> bool:
    """Keep the answer; False if another request under the key was first.

    The unique index makes the second of two wait until the first has
    committed. A row older than 24 hours that was not purged yet is taken over.
    """
    return bool(
        bulk.execute(
            """INSERT INTO comments_idempotencykey AS k
                   (site_id, key, payload, status_code, answer, created_at)
               VALUES (%s, %s, %s, %s, %s::jsonb, %s)
               ON CONFLICT (site_id, key) DO UPDATE
               SET payload = excluded.payload, status_code = excluded.status_code,
                   answer = excluded.answer, created_at = excluded.created_at
               WHERE k.created_at <= %s""",
            [site_id, retry.key, retry.payload, status_code, json.dumps(answer), now, now - KEPT],
        )
    )


def purge(now: datetime, batch: int = 5_000) -> int:
    """Delete answers older than 24 hours, a batch a statement; how many there were."""
    total = 0
    while True:
        deleted = bulk.execute(
            """DELETE FROM comments_idempotencykey WHERE id IN (
                   SELECT id FROM comments_idempotencykey WHERE created_at <= %s
                   ORDER BY created_at LIMIT %s)""",
            [now - KEPT, batch],
        )
        total += deleted
        if deleted < batch:
            return total
