"""How often each word of a list was hit, from the evidence that findings keep."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from comments import bulk
from moderation.models import Rule, RuleVersion
from moderation.text import fold
from moderation.word_lists import check_of

if TYPE_CHECKING:
    from moderation.checks.words import Words
    from moderation.models import WordList

DAYS = 90
# Different ways in which the words were typed; those after them were typed once or twice each.
_MOST_TEXTS = 5_000

_TYPED = """
SELECT e.text, count(*)
FROM moderation_finding f
JOIN moderation_decision d ON d.id = f.decision_id
JOIN moderation_evidence e ON e.finding_id = f.id
WHERE f.rule_version_id = ANY(%s) AND d.created_at >= %s
GROUP BY e.text ORDER BY count(*) DESC, e.text LIMIT %s
"""


def check_of_list(words: WordList, lines: list[str]) -> Words:
    """The check as the list's rules have it: it takes kana for the same where one of them does."""
    params = Rule.objects.filter(word_list=words).values_list("params", flat=True)
    settings = list(params)
    return check_of(
        lines,
        disguised=not settings or any(each.get("disguised", True) for each in settings),
        kana=any(each.get("kana", False) for each in settings),
    )


def hits(words: WordList, check: Words, *, now: datetime) -> Counter[str]:
    """Hits of the last `DAYS` by folded word.

    What was typed is matched with the list of today. What was erased since is
    not counted, and of one comment no more places than a finding keeps.
    """
    since = now - timedelta(days=DAYS)
    typed = bulk.fetch(_TYPED, [_versions(words, since), since, _MOST_TEXTS])
    counts: Counter[str] = Counter()
    for text, count in typed:
        for _, _, word in check.matches(fold(text)):
            counts[word] += count
    return counts


def _versions(words: WordList, since: datetime) -> list[int]:
    """The rule versions with this list that were in force after `since`."""
    rows = RuleVersion.objects.filter(word_list_version__word_list=words)
    of_rule: dict[int, list[tuple[int, datetime]]] = {}
    for rule, pk, created in rows.order_by("rule", "number").values_list("rule_id", "pk", "created_at"):
        of_rule.setdefault(rule, []).append((pk, created))
    superseded = {
        pk for versions in of_rule.values() for (pk, _), (_, until) in pairwise(versions) if until < since
    }
    return [pk for versions in of_rule.values() for pk, _ in versions if pk not in superseded]
