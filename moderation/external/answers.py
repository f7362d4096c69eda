"""Answers of services as rows, and who is asking about what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction

from comments import bulk
from moderation.checks.facts import ServiceAnswer

if TYPE_CHECKING:
    from moderation.facts import Row

# Services whose answers are kept with a decision: its facts have room for 1 KB.
MOST_SERVICES = 8

# A failure counts for the screening that it belongs to; whoever puts the comment
# on the list again wants the service asked again.
_ANSWERS = """
SELECT a.comment_id, a.service, a.hit, a.score, a.label, a.failure
FROM unnest(%s::bigint[], %s::int[]) AS k(id, revision)
JOIN moderation_externalanswer a ON a.comment_id = k.id AND a.revision = k.revision
LEFT JOIN moderation_pending p ON p.comment_id = k.id
WHERE a.failure = '' OR a.asked_at >= p.since
"""

_NOTHING = asdict(ServiceAnswer())


def answers_about(rows: Sequence[Row]) -> dict[int, dict[str, ServiceAnswer]]:
    """`{comment: {service: its answer about the present text}}`."""
    found: dict[int, dict[str, ServiceAnswer]] = defaultdict(dict)
    for comment, service, *answer in bulk.fetch(
        _ANSWERS, [[row.id for row in rows], [row.revision for row in rows]]
    ):
        found[comment][service] = ServiceAnswer(*answer)
    return found


def as_facts(answers: Mapping[str, ServiceAnswer]) -> dict[str, dict[str, Any]]:
    """Answers as a decision keeps them; what is empty is left out."""
    return {
        service: {name: value for name, value in asdict(answer).items() if value != _NOTHING[name]}
        for service, answer in sorted(answers.items())[:MOST_SERVICES]
    }


def from_facts(facts: Mapping[str, Mapping[str, Any]]) -> dict[str, ServiceAnswer]:
    """The reverse of `as_facts`."""
    return {service: ServiceAnswer(**answer) for service, answer in facts.items()}


def reserve(comments: Sequence[int], seconds: float) -> None:
    """Keep others from these pending comments, locked by the caller, for so long.

    A worker that dies while it asks leaves them to the next when the time is over.
    """
    bulk.execute(
        """UPDATE moderation_pending SET asking_until = clock_timestamp() + make_interval(secs => %s)
           WHERE comment_id = ANY(%s)""",
        [seconds, list(comments)],
    )


class Answered(NamedTuple):
    """A row of what came back."""

    comment: int
    revision: int
    service: str
    answer: ServiceAnswer
    milliseconds: int


_COLUMNS = {
    "comment_id": "bigint",
    "revision": "int",
    "service": "text",
    "hit": "bool",
    "score": "smallint",
    "label": "text",
    "failure": "text",
    "milliseconds": "int",
}
# An answer is never overwritten: two workers may ask about the same text, if one was taken for dead.
_CONFLICT = """ON CONFLICT (comment_id, revision, service) DO UPDATE
    SET hit = excluded.hit, score = excluded.score, label = excluded.label, failure = excluded.failure,
        milliseconds = excluded.milliseconds, asked_at = clock_timestamp()
    WHERE moderation_externalanswer.failure <> ''"""


def keep(answered: Sequence[Answered], comments: Sequence[int]) -> None:
    """Store answers, and give the comments back to whoever claims them."""
    ids = sorted(comments)
    rows = [
        (each.comment, each.revision, each.service, *astuple(each.answer), each.milliseconds)
        for each in sorted(answered, key=itemgetter(0, 1, 2))
    ]
    with transaction.atomic():
        bulk.insert("moderation_externalanswer", _COLUMNS, rows, conflict=_CONFLICT)
        # Locked in their order by a statement of its own, as everywhere.
        bulk.fetch(
            "SELECT FROM moderation_pending WHERE comment_id = ANY(%s) ORDER BY comment_id FOR UPDATE", [ids]
        )
        bulk.execute("UPDATE moderation_pending SET asking_until = NULL WHERE comment_id = ANY(%s)", [ids])
