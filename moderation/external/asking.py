"""Which comments services are to be asked about, and asking them: outside of every transaction.

A worker claims comments as always. Those of which a service has said nothing
yet it reserves, asks about them when the claim has ended, keeps what came
back, and claims them again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import structlog

from comments import bulk, counters
from moderation.checks.external import External
from moderation.checks.facts import ServiceAnswer
from moderation.external import answers
from moderation.external.answers import Answered
from moderation.external.calling import Batch, call
from moderation.external.credentials import secret_of
from moderation.external.protocols import About, Request, Unasked, answer_of, request_of

if TYPE_CHECKING:
    from moderation.engine import ActiveRule
    from moderation.facts import Claimed, Row

log = structlog.get_logger(__name__)

# Comments that a worker asks about at once, each over a connection of its own, so
# that each has the whole deadline. What waits beyond them others may take.
AT_ONCE = 32
# Beyond the deadline, for what is no waiting: the comments are reserved for so long.
SLACK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Question:
    """A comment, and the rules whose services are asked about it; one rule a service."""

    row: Row
    checks: tuple[External, ...]


def unasked(claimed: Iterable[Claimed], rules: Sequence[ActiveRule]) -> list[Question]:
    """The comments about which a service must be asked before they can be judged, live ones first. Pure."""
    external = [(rule, rule.check) for rule in rules if isinstance(rule.check, External)]
    found = []
    for each in claimed if external else ():
        known = each.submission.external
        wanted: dict[str, External] = {}
        for rule, check in external:
            if check.service not in known and rule.concerns(each.context) and check.applies(each.submission):
                wanted[check.service] = _more_patient(check, wanted.get(check.service))
        if wanted and not (each.judged or each.kept):
            found.append(Question(each.row, tuple(wanted.values())))
    return sorted(found, key=lambda question: (question.row.lane, question.row.id))


def _more_patient(check: External, other: External | None) -> External:
    return other if other and other.deadline_ms > check.deadline_ms else check


def reserve(questions: Sequence[Question]) -> list[Question]:
    """Keep others from the first of these until they have been asked about; in the claim's transaction."""
    chosen = list(questions[:AT_ONCE])
    if chosen:
        longest = max(check.deadline_ms for question in chosen for check in question.checks)
        answers.reserve([question.row.id for question in chosen], longest / 1000 + SLACK_SECONDS)
    return chosen


def ask(questions: Sequence[Question], now: datetime) -> None:
    """Ask what was reserved, keep the answers, and give the comments back. No transaction is open."""
    about = _about([question.row for question in questions])
    found: list[Answered] = []
    asked: list[_Asked] = []
    for check, rows in _by_service(questions):
        made = [(row, _request(check, about[row.id], now)) for row in rows]
        sent = [(row, request) for row, request in made if isinstance(request, Request)]
        found += [_answered(row, check, no) for row, no in made if isinstance(no, ServiceAnswer)]
        if sent:
            asked.append(_Asked(check, [row for row, _ in sent], [request for _, request in sent]))
    for each, replies in zip(asked, call([each.batch for each in asked]), strict=True):
        found += [_answered(row, each.check, *reply) for row, reply in zip(each.rows, replies, strict=True)]
    answers.keep(found, [question.row.id for question in questions])
    _tell(found)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What goes to one service."""

    check: External
    rows: Sequence[Row]
    requests: Sequence[Request]

    @property
    def batch(self) -> Batch:
        read = partial(answer_of, self.check)
        return Batch(self.check.service, self.requests, self.check.deadline_ms / 1000, read)


def _by_service(questions: Sequence[Question]) -> list[tuple[External, list[Row]]]:
    """Each service, as the most patient of its rules has it, and the comments it is asked about."""
    wanted: dict[str, tuple[External, list[Row]]] = {}
    for question in questions:
        for check in question.checks:
            known, rows = wanted.get(check.service, (None, []))
            wanted[check.service] = _more_patient(check, known), [*rows, question.row]
    return list(wanted.values())


def _answered(row: Row, check: External, answer: ServiceAnswer, milliseconds: int = 0) -> Answered:
    return Answered(row.id, row.revision, check.service, answer, milliseconds)


def _request(check: External, about: About, now: datetime) -> Request | ServiceAnswer:
    try:
        return request_of(check, about, secret_of(check), now)
    except Unasked as no:
        return ServiceAnswer(failure=no.failure)
    except Exception:
        # Whatever a text does to what is sent, its comment must not come back for ever.
        log.exception("external-failed", comment=about.id)
        return ServiceAnswer(failure="error")


class _Beside(NamedTuple):
    """What a claim does not read of a comment."""

    public_id: str
    user_agent: str
    site: str
    article: str
    article_url: str


_BESIDE = """
SELECT c.id, c.public_id::text, c.user_agent, s.slug, coalesce(a.external_id, ''), a.url
FROM comments_comment c
JOIN comments_article a ON a.id = c.article_id
JOIN comments_site s ON s.id = c.site_id
WHERE c.id = ANY(%s)
"""


def _about(rows: Sequence[Row]) -> dict[int, About]:
    """What services could be told of each comment; one query."""
    found = bulk.fetch(_BESIDE, [[row.id for row in rows]])
    beside = {key: _Beside(*values) for key, *values in found}
    return {row.id: _about_row(row, beside[row.id]) for row in rows}


def _about_row(row: Row, beside: _Beside) -> About:
    return About(
        id=beside.public_id,
        revision=row.revision,
        site=beside.site,
        kind=row.kind,
        language=row.language,
        body=row.body,
        posted_at=row.posted_at,
        live=row.live,
        reply=row.parent_id is not None,
        author_name=row.author_name,
        author_email=row.author_email,
        author_url=row.author_url,
        author_verified=row.author_verified,
        address=str(row.ip or "").partition("/")[0],
        user_agent=beside.user_agent,
        article=beside.article,
        article_title=row.article_title,
        article_url=beside.article_url,
    )


def _tell(found: Sequence[Answered]) -> None:
    """Count what came back, and log what did not: once for all, not for each comment."""
    outcomes = Counter((each.service, each.answer.failure) for each in found)
    for (service, failure), number in outcomes.items():
        counters.add(counters.EXTERNAL_ANSWERS, service, failure or "answered", by=number)
        if failure:
            log.warning("external-no-answer", service=service, failure=failure, comments=number)
