"""A slice of stored comments → what the rules say of them now, and what people said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from comments import bulk
from moderation.backtest.counts import Counts
from moderation.backtest.drafts import Tried
from moderation.backtest.past import NOTHING, Past, Told, past_of
from moderation.checks.base import Needs
from moderation.engine import ActiveRule, Context, Hit, Strictness, Verdict, evaluate, strictness_of
from moderation.facts import COLUMNS, JOINS, Claimed, Row, bare, stored_before, with_quotes
from moderation.history import staff_among
from moderation.models import Lane
from moderation.scoring import Comparison, Judged, Kind, Score, judged_by, kind_of, total
from moderation.standing import with_standing


class Slice(NamedTuple):
    """Comments received in [since, until) whose ids are from `first` to `last`; of all sites if None."""

    first: int
    last: int
    since: datetime
    until: datetime
    site: int | None


# Nobody waits for them: they are read as they stand, without locks.
_ROWS = f"""
SELECT c.erased_at IS NOT NULL, c.id, {int(Lane.AGAIN)}, '', {COLUMNS}
FROM comments_comment c
{JOINS}
WHERE c.id BETWEEN %s AND %s AND c.received_at >= %s AND c.received_at < %s
    AND c.withdrawn_at IS NULL {{site}}
ORDER BY c.id
"""  # noqa: S608 - it is made of our own columns


def rows_of(wanted: Slice) -> tuple[list[Row], int]:
    """The comments of a slice whose text is still there, and how many were erased."""
    site, chosen = ("", []) if wanted.site is None else ("AND c.site_id = %s", [wanted.site])
    found = bulk.fetch(
        _ROWS.format(site=site), [wanted.first, wanted.last, wanted.since, wanted.until, *chosen]
    )
    rows = [Row(*values) for erased, *values in found if not erased]
    return rows, len(found) - len(rows)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the rules of a try-out say of one comment."""

    claimed: Claimed
    past: Past
    verdict: Verdict

    def hits_of(self, version: int) -> list[Hit]:
        return [hit for hit in self.verdict.hits if hit.rule.version == version]

    def told(self, version: int, action: str) -> list[Told]:
        """What is to be compared with the findings as they are stored, where the rule did `action`."""
        return [told(hit)._replace(action=action) for hit in self.hits_of(version)]


def told(hit: Hit) -> Told:
    """A hit as its finding would be stored."""
    return Told(
        hit.rule.action,
        "enforce" if hit.rule.enforced else "observe",
        hit.finding.code,
        [[span.field, span.start, span.end] for span in hit.finding.spans],
        dict(hit.finding.data),
        list(hit.finding.evidence),
    )


def answers(rows: Sequence[Row], tried: Tried, pasts: Mapping[int, Past] | None = None) -> Iterator[Answer]:
    """What the rules say of each comment, with the facts as of the time that it was sent.

    `pasts` are what was decided on them, read if not given. In any order; as
    many queries for one comment as for thousands, and those for quotes by
    article.
    """
    rules = tried.rules
    needs = needs_of(rules)
    pasts = past_of({row.id: row.revision for row in rows}) if pasts is None else pasts
    staff = staff_among(rows) if needs.staff else set()
    claimed = [
        bare(
            row,
            staff=row.id in staff,
            published_before=pasts.get(row.id, NOTHING).published_before,
            external=pasts.get(row.id, NOTHING).external,
            **pasts.get(row.id, NOTHING).kept_facts,
            **before,
        )
        for row, before in zip(rows, stored_before(rows, needs), strict=True)
    ]
    if needs.standing:
        # Where no rule had asked for it at the time, by what has been decided since on what came before.
        claimed = with_standing(claimed)
    for each in with_quotes(claimed) if needs.quotes else claimed:
        verdict = evaluate(rules, each.submission, each.context)
        yield Answer(each, pasts.get(each.row.id, NOTHING), verdict)


def needs_of(rules: Sequence[ActiveRule]) -> Needs:
    """The facts that the rules ask for: more are not gathered."""
    needs = Needs(staff=any(rule.not_staff for rule in rules))
    for rule in rules:
        needs |= rule.check.needs
    return needs


class Sample(NamedTuple):
    """A comment to show, and why."""

    comment: int
    revision: int
    kind: Kind
    judged: Judged
    place: int
    findings: list[dict[str, object]]


# Of one sample: a page shows no more.
MOST_FINDINGS = 10


def count(found: Sequence[Answer], tried: Tried, erased: int) -> tuple[Counts, list[Sample]]:
    """The counts of a slice, and every comment of it that a person could be shown."""
    drafts = {rule.version for rule in tried.drafts}
    against = {rule.version for rule in tried.against}
    parts: list[Comparison] = []
    rules = dict.fromkeys((rule.version for rule in tried.drafts), Score())
    samples: list[Sample] = []
    for each in found:
        if not each.verdict.hits:
            continue
        judged = judged_by(each.past.by_people)
        effective = _effective(each.verdict.hits, each.claimed.context, alone=tried.alone)
        draft, in_force = bool(effective & drafts), bool(effective & against)
        parts.append(Comparison.of(draft, in_force, judged))
        for version in {hit.rule.version for hit in each.verdict.hits} & drafts:
            rules[version] += Score.of(judged)
        if kind := kind_of(draft, in_force, judged):
            samples.append(_sample(each, kind, judged, drafts if draft else against))
    failed = sum(bool(each.verdict.failures) for each in found)
    return Counts(len(found), erased, failed, total(parts), rules), samples


def _effective(hits: Sequence[Hit], context: Context, *, alone: bool) -> set[int]:
    """The rules that hit, as far as they count: of a set those that would stop or flag the comment."""
    return {hit.rule.version for hit in hits if alone or strictness_of(hit, context) > Strictness.PUBLISH}


def _sample(each: Answer, kind: Kind, judged: Judged, shown: set[int]) -> Sample:
    row = each.claimed.row
    findings = [_shown(hit) for hit in each.verdict.hits if hit.rule.version in shown]
    return Sample(row.id, row.revision, kind, judged, place(row.id), findings[:MOST_FINDINGS])


def _shown(hit: Hit) -> dict[str, object]:
    """A hit without what a person typed: that is in the comment, as long as it is there."""
    finding = told(hit)
    return {
        "rule": hit.rule.version,
        "check": hit.rule.check.slug,
        "action": finding.action,
        "mode": finding.mode,
        "code": finding.code,
        "spans": finding.spans,
        "data": dict(finding.data),
    }


def place(comment: int) -> int:
    """A comment's place among the samples: as good as drawn by lot, and always the same."""
    digest = blake2b(comment.to_bytes(8, "big"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def least(samples: Sequence[Sample], most: int, limits: Mapping[str, int]) -> list[Sample]:
    """Of each kind the samples with the least places, `most` at most, and below the kind's limit."""
    kept: list[Sample] = []
    for kind in Kind:
        of_kind = [each for each in samples if each.kind is kind]
        if kind in limits:
            of_kind = [each for each in of_kind if each.place < limits[kind]]
        kept += sorted(of_kind, key=lambda each: (each.place, each.comment))[:most]
    return kept
