"""A service as the Lead of its rule sees it: how it answered lately, a try, and what waits for an answer."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from django.db import transaction

from comments import bulk
from moderation.checks.external import External, Protocol
from moderation.checks.facts import ServiceAnswer
from moderation.external.calling import Batch, Reply, call
from moderation.external.credentials import secret_of
from moderation.external.protocols import About, Unasked, answer_of, request_of
from moderation.rules import renew_rule_set
from moderation.services import screen_again

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LATELY = timedelta(hours=24)
# Comments that one press of the button has asked about again.
MOST = 50_000


@dataclass(frozen=True, slots=True)
class Health:
    """How a service has answered lately; `obstacle` is why it cannot be asked at all, `typical` in ms."""

    service: str
    host: str
    obstacle: str
    answered: int
    failures: Mapping[str, int]
    typical: int | None
    waiting: int


_LATELY = """
SELECT failure, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY milliseconds)
FROM moderation_externalanswer WHERE service = %s AND asked_at > %s GROUP BY failure ORDER BY count(*) DESC
"""


def health_of(check: External, user: User, now: datetime) -> Health:
    """Two queries."""
    found = bulk.fetch(_LATELY, [check.service, now - LATELY])
    answered = [(count, typical) for failure, count, typical in found if not failure]
    try:
        obstacle = "" if secret_of(check) else "no-secret"
    except Unasked as no:
        obstacle = no.failure
    return Health(
        service=check.service,
        host=urlsplit(check.address).hostname or "",
        obstacle=obstacle,
        answered=sum(count for count, _ in answered),
        failures={failure: count for failure, count, _ in found if failure},
        typical=answered[0][1] if answered else None,
        waiting=len(waiting_for(check, user)),
    )


_WAITING = """
SELECT k.comment_id FROM moderation_case k
JOIN comments_comment c ON c.id = k.comment_id
JOIN moderation_externalanswer a
    ON a.comment_id = c.id AND a.revision = c.revision AND a.service = %s AND a.failure <> ''
WHERE k.closed_at IS NULL AND (%s OR c.site_id IN (
    SELECT site_id FROM comments_membership WHERE user_id = %s))
ORDER BY k.comment_id LIMIT %s
"""


def waiting_for(check: External, user: User) -> list[int]:
    """Comments with an open case of which the service said nothing, at the sites that he sees."""
    params = [check.service, user.is_superuser, user.pk, MOST]
    return [comment for (comment,) in bulk.fetch(_WAITING, params)]


@transaction.atomic
def ask_again(comments: Sequence[int], *, by: User) -> int:
    """Have these comments screened again, the service asked anew; how many.

    In a rule set of the same versions, for what one has decided it does not decide again.
    """
    renew_rule_set(by)
    return screen_again(comments)


_SAMPLE = About(
    id="00000000-0000-7000-8000-000000000000",
    revision=1,
    site="test",
    kind="comment",
    language="ja",
    body="接続テストのコメントです。",
    posted_at=datetime(2026, 1, 1, tzinfo=UTC),
    author_name="テスト",
    author_email="test@example.com",
    address="192.0.2.1",
    user_agent="Sekisho",
    article="test",
    article_title="テスト",
    article_url="https://example.com/",
    test=True,
)
_NO_SECRETS = {Protocol.AKISMET: "–", Protocol.SIGNED: b64encode(bytes(32)).decode()}


def try_service(check: External, now: datetime) -> Reply:
    """Ask about a comment that nobody wrote, whether or not the service is left alone just now."""
    try:
        request = request_of(check, replace(_SAMPLE, posted_at=now), secret_of(check), now)
    except Unasked as no:
        return Reply(ServiceAnswer(failure=no.failure), 0)
    batch = Batch(check.service, [request], check.deadline_ms / 1000, partial(answer_of, check))
    ((reply,),) = call([batch], {})
    return reply


def sample_of(check: External, now: datetime) -> str:
    """What a try sends, for people to read; the key is no part of it."""
    secret = _NO_SECRETS[Protocol(check.protocol)]
    body = request_of(check, replace(_SAMPLE, posted_at=now), secret, now).body.decode()
    if check.protocol == Protocol.SIGNED:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    return "\n".join(f"{name}: {value}" for name, value in parse_qsl(body) if name != "api_key")
