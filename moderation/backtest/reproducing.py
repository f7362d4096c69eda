"""Whether a stored version's findings come out again as they are stored, and if not, why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from comments import bulk
from moderation.backtest.judging import Answer
from moderation.backtest.past import Decided, sets_with, stored_findings
from moderation.checks.base import Needs
from moderation.engine import ActiveRule
from moderation.text import FOLDER_VERSION


class Cause(StrEnum):
    """Why findings are not, or could not be, as they are stored. The first of these that fits."""

    # This version never looked at the present text: it waits, or other rules were in force.
    NOT_SCREENED = "not-screened"
    # The version saw a text that the comment had before.
    EDITED = "edited"
    # The check has been made better since; or what folds texts.
    CHECK = "check"
    FOLDER = "folder"
    # The check raised then, or does now.
    FAILED = "failed"
    # A comment that stands before it arrived after it was judged.
    LATE = "late"
    # A comment before it, or its article, was edited, erased, hidden or shown since.
    SOURCES = "sources"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reproduced:
    """Hits of stored versions that came out to the letter, and the others by cause."""

    same: int
    differing: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Different:
    answer: Answer
    decision: Decided
    rule: ActiveRule

    @property
    def asks(self) -> bool:
        """Whether the check asks for facts beyond the comment."""
        return self.rule.check.needs != Needs()


def reproduce(found: Sequence[Answer], rules: Sequence[ActiveRule]) -> Reproduced:
    """Compare what stored versions say with what is stored that they said.

    A hit is counted if it is stored or was found now; texts that are clean
    both times are not. Three queries, and up to three more if something differs.
    """
    stored_rules = [rule for rule in rules if rule.version > 0]
    if not stored_rules or not found:
        return Reproduced(0, {})
    versions = [rule.version for rule in stored_rules]
    looks = [look for each in found for look in (each.past.screened, each.past.earlier) if look]
    sets = sets_with({look.rule_set for look in looks if look.rule_set}, versions)
    screened = [each.past.screened.id for each in found if each.past.screened]
    stored = stored_findings(screened, versions)
    same, causes, different = 0, Counter[str](), list[_Different]()
    for each in found:
        hit = {found_now.rule.version for found_now in each.verdict.hits}
        decision = each.past.screened
        seen = sets.get(decision.rule_set or 0, ()) if decision else ()
        for rule in stored_rules:
            if decision is None or rule.version not in seen:
                causes.update(_not_seen(each, rule, sets))
                continue
            then = stored.get((decision.id, rule.version))
            if then is None and rule.version not in hit:
                continue
            if then == each.told(rule.version, decision.action_of(rule.version, rule.action)):
                same += 1
            else:
                different.append(_Different(each, decision, rule))
    causes.update(_causes(different))
    return Reproduced(same, dict(causes))


def _not_seen(each: Answer, rule: ActiveRule, sets: Mapping[int, set[int]]) -> Iterable[Cause]:
    """Why a text that the rule hits now was not seen by this version; nothing of one that it passes."""
    earlier = each.past.earlier
    if earlier and rule.version in sets.get(earlier.rule_set or 0, ()):
        return [Cause.EDITED]
    return [Cause.NOT_SCREENED] if each.hits_of(rule.version) else []


def _causes(different: Sequence[_Different]) -> list[Cause]:
    known = [_by_version(each) for each in different]
    unclear = [each for each, cause in zip(different, known, strict=True) if cause is None]
    since = changed_since(_judged_at(each for each in unclear if each.asks))
    # A check that asks for no facts sees the comment and its article's title alone.
    of_title = _articles_since(_judged_at(each for each in unclear if not each.asks))
    return [
        cause or (since if each.asks else of_title).get(each.answer.claimed.row.id, Cause.UNKNOWN)
        for each, cause in zip(different, known, strict=True)
    ]


def _judged_at(different: Iterable[_Different]) -> dict[int, datetime]:
    return {each.answer.claimed.row.id: each.decision.at for each in different}


def _by_version(each: _Different) -> Cause | None:
    """The causes that the decision itself tells of."""
    check = each.rule.check
    if each.decision.version_of(check.slug) != check.version:
        return Cause.CHECK
    if each.decision.folder != FOLDER_VERSION:
        return Cause.FOLDER
    if any(failure.rule.version == each.rule.version for failure in each.answer.verdict.failures):
        return Cause.FAILED
    return Cause.FAILED if each.decision.cause == "check-failed" else None


# The nearest rows that are looked at for what changed since, of an article, and of an author, an
# address or a text: no rule counts more of the latter, and few quotes reach further back.
_NEAR_ARTICLE, _NEAR = 2_000, 200


def _nearest(match: str, most: int) -> str:
    return f"""(
        SELECT b.id, b.received_at, b.erased_at, b.withdrawn_at FROM comments_comment b
        WHERE {match} AND (b.posted_at, b.id) < (c.posted_at, c.id)
        ORDER BY b.posted_at DESC LIMIT {most})"""  # noqa: S608 - our own words


# What may have changed a fact: comments before this one at its article, by its
# author, from its address or with its text. What was decided in the same batch
# was not known to it.
_SINCE = f"""
SELECT k.id,
    bool_or(e.received_at > k.decided_at),
    bool_or(e.erased_at > k.decided_at OR e.withdrawn_at > k.decided_at
        OR EXISTS (SELECT 1 FROM comments_commentrevision v
            WHERE v.comment_id = e.id AND v.created_at > k.decided_at)
        OR EXISTS (SELECT 1 FROM moderation_decision d
            WHERE d.comment_id = e.id AND d.created_at >= k.decided_at
              AND (d.from_status = 'rejected') <> (d.to_status = 'rejected')))
FROM unnest(%s::bigint[], %s::timestamptz[]) AS k(id, decided_at)
JOIN comments_comment c ON c.id = k.id
CROSS JOIN LATERAL (
    {_nearest("b.article_id = c.article_id", _NEAR_ARTICLE)}
    UNION {_nearest("b.author_key = c.author_key AND b.site_id = c.site_id", _NEAR)}
    UNION {_nearest("b.ip = c.ip AND b.site_id = c.site_id", _NEAR)}
    UNION {_nearest("b.fingerprint = c.fingerprint AND b.fingerprint <> 0 AND b.site_id = c.site_id", _NEAR)}
) e
GROUP BY k.id
"""  # noqa: S608 - our own words
_ARTICLES_SINCE = """
SELECT k.id FROM unnest(%s::bigint[], %s::timestamptz[]) AS k(id, decided_at)
JOIN comments_comment c ON c.id = k.id
WHERE EXISTS (SELECT 1 FROM comments_articlerevision r
    WHERE r.article_id = c.article_id AND r.number > 1 AND r.created_at > k.decided_at)
"""


def changed_since(judged: Mapping[int, datetime]) -> dict[int, Cause]:
    """What became of the facts of comments after they were judged, as far as it is known.

    Of `{comment: when it was judged}`; two queries, none for no comments.
    """
    if not judged:
        return {}
    causes = _articles_since(judged)
    for comment, late, changed in bulk.fetch(_SINCE, [list(judged), list(judged.values())]):
        if late:
            causes[comment] = Cause.LATE
        elif changed:
            causes[comment] = Cause.SOURCES
    return causes


def _articles_since(judged: Mapping[int, datetime]) -> dict[int, Cause]:
    """Those whose article was edited after they were judged; one query, none for no comments."""
    params = [list(judged), list(judged.values())]
    rows = bulk.fetch(_ARTICLES_SINCE, params) if judged else ()
    return {comment: Cause.SOURCES for (comment,) in rows}
