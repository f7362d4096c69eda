"""Whether a rule may reject by itself: what people have said of its hits, or a reason that is recorded."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from comments import bulk
from moderation.backtest import score_of_tryouts
from moderation.checks import BY_SLUG
from moderation.models import Action, Mode, Rule, RuleVersion
from moderation.scoring import Score

if TYPE_CHECKING:
    from collections.abc import Sequence

# How sure one has to be before a machine alone keeps people from being read: of fifty hits that people
# judged, the lower bound of the share of right ones (Wilson, 95 %) at 0.95, which is 73 of 73.
JUDGED, LOWER = 50, 0.95
# Hits that are looked at, the newest first: more would tell nothing new.
LOOKED_AT = 5_000

# What the last person said of the very text that was hit; what was taken back does not count.
_SCORE = """
SELECT count(*) FILTER (WHERE p.to_status = 'rejected'), count(*) FILTER (WHERE p.to_status = 'published'),
    count(*) FILTER (WHERE p.to_status IS NULL)
FROM (
    SELECT DISTINCT d.comment_id, d.revision FROM (
        SELECT decision_id FROM moderation_finding WHERE rule_version_id = ANY(%s)
        ORDER BY id DESC LIMIT %s) f
    JOIN moderation_decision d ON d.id = f.decision_id
) h
LEFT JOIN LATERAL (
    SELECT d.to_status FROM moderation_decision d
    WHERE d.comment_id = h.comment_id AND d.revision = h.revision AND d.by_id IS NOT NULL
      AND d.cause <> 'undo' AND NOT EXISTS (
        SELECT FROM moderation_decision u
        WHERE u.comment_id = d.comment_id AND u.supersedes_id = d.id AND u.cause = 'undo')
    ORDER BY d.id DESC LIMIT 1
) p ON true
"""


def rejects(rule: Rule | RuleVersion) -> bool:
    """Whether it rejects by itself."""
    return rule.action == Action.REJECT and rule.mode == Mode.ENFORCE


def asks_for_reason(rule: Rule, *, new_words: bool = False) -> Score | None:
    """What is known of a rule that would reject from now on, if that is too little; None if nothing is asked.

    `rule` has its new terms, and is not saved yet. One that rejects already is
    asked anew where it looks for something else, or elsewhere: what was known
    or said of it was of another. With `new_words` its list is saved with it,
    and nothing is known of what it will hit.
    """
    versions = RuleVersion.objects.filter(rule=rule.pk).select_related("word_list_version")
    before = versions.order_by("-number").first()
    if not rejects(rule) or (before and rejects(before) and _looks_for_the_same(before, rule)):
        return None
    known = Score() if new_words else score(rule)
    return None if known.judged >= JUDGED and known.interval.low >= LOWER else known


def score(rule: Rule) -> Score:
    """What people said of what `rule` hits: live, or in a try-out of it, whichever knows more.

    A try-out hits what was hit live, too, so the two are not added.
    """
    live = live_score(_seeing_the_same(rule)) if rule.pk else Score()
    return max(live, score_of_tryouts(rule), key=lambda known: known.judged)


def live_score(versions: Sequence[int]) -> Score:
    """What people said of the hits of these versions."""
    ((right, wrong, unseen),) = bulk.fetch(_SCORE, [list(versions), LOOKED_AT])
    return Score(right, wrong, unseen)


def _looks_for_the_same(version: RuleVersion, rule: Rule) -> bool:
    """Whether it has the same word list, whatever its words, and the same of all else that it hits by."""
    words = version.word_list_version
    return _terms(version) == _terms(rule) and rule.word_list_id == (words and words.word_list_id)


def _seeing_the_same(rule: Rule) -> list[int]:
    words = rule.word_list.versions.order_by("-number").first() if rule.word_list else None
    found = RuleVersion.objects.filter(rule=rule.pk, word_list_version=words)
    return [version.pk for version in found if _terms(version) == _terms(rule)]


def _terms(rule: Rule | RuleVersion) -> tuple[object, ...]:
    """What it hits by beside words. A parameter that is not given has the check's default."""
    check = BY_SLUG.get(rule.check_slug)
    params = {each.name: each.default for each in fields(check)} if check else {}
    params |= {
        name: tuple(value) if isinstance(value, list) else value for name, value in rule.params.items()
    }
    return rule.check_slug, params, rule.applies_to, rule.site_id
