"""A sample of what was decided without a person goes to the desk, so that it is known how right that was.

Whether a comment is in it hangs on its public id alone, by a keyed hash: the
sample can be drawn again from the comments, and nobody outside can tell who
is in it. The comment's status stays as it is.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from comments import bulk
from moderation.engine import Cause, Strictness
from moderation.models import Lane

if TYPE_CHECKING:
    from moderation.services.writing import Judged


def is_sampled(public_id: UUID, per_mille: int, secret: bytes) -> bool:
    """Whether the comment is among so many of a thousand; of a larger share all of a smaller one are part."""
    digest = hmac.digest(secret, f"audit\0{public_id}".encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "big") * 1000 < per_mille << 64


def sample(judged: Sequence[Judged]) -> list[Judged]:
    """The same, those marked that are in the sample: live ones that rules rejected or nothing stopped."""
    decided = {
        each.claimed.row.id: each
        for each in judged
        if each.claimed.row.lane == Lane.LIVE and not each.severity and _by_rules(each)
    }
    shares = _shares({each.claimed.row.site_id for each in decided.values()}) if decided else {}
    wanted = {key: shares[each.claimed.row.site_id][_rejected(each)] for key, each in decided.items()}
    drawn = _drawn({key: share for key, share in wanted.items() if share})
    return [replace(each, audit=True) if each.claimed.row.id in drawn else each for each in judged]


def _by_rules(judged: Judged) -> bool:
    causes = judged.verdict.causes
    return judged.verdict.strictness is Strictness.PUBLISH or causes[:1] == (Cause.RULES,)


def _rejected(judged: Judged) -> bool:
    return judged.verdict.strictness is Strictness.REJECT


def _shares(sites: set[int]) -> dict[int, tuple[int, int]]:
    """`{site: (share of publications, share of rejections)}`, per mille."""
    usual = settings.AUDIT_PUBLISHED_PER_MILLE, settings.AUDIT_REJECTED_PER_MILLE
    rows = bulk.fetch(
        """SELECT s.id, coalesce(g.audit_published, %s), coalesce(g.audit_rejected, %s)
           FROM unnest(%s::bigint[]) AS s(id) LEFT JOIN moderation_safeguards g ON g.site_id = s.id""",
        [*usual, sorted(sites)],
    )
    return {site: (published, rejected) for site, published, rejected in rows}


def _drawn(wanted: dict[int, int]) -> set[int]:
    if not wanted:
        return set()
    secret = settings.SECRET_KEY.encode()
    rows = bulk.fetch("SELECT id, public_id FROM comments_comment WHERE id = ANY(%s)", [list(wanted)])
    return {key for key, public_id in rows if is_sampled(public_id, wanted[key], secret)}
