"""What the try-outs of a rule have told of it."""

from __future__ import annotations

from moderation.backtest.counts import Counts
from moderation.backtest.drafts import freeze_draft, thaw, version_of
from moderation.engine import ActiveRule
from moderation.models import Rule, Tryout, TryoutStatus
from moderation.rules import active
from moderation.scoring import Score

# The newest try-outs of a rule that are looked at: it was changed between them, or it would be the same.
LOOKED_AT = 20


def score_of_tryouts(rule: Rule) -> Score:
    """What people said of the hits of a rule as it stands in memory, by the try-out that knows most of it.

    Only by those that tried it as it is now, to their end and wherever it
    runs: the same check with the same parameters and words, for the same
    people at the same site, or at all.
    """
    done = Tryout.objects.filter(
        rule=rule.pk, rule_set=None, site=rule.site_id, status=TryoutStatus.DONE
    ).order_by("-pk")
    wanted = _what_it_sees(active(version_of(freeze_draft(rule))))
    known = [Score()]
    for tryout in done[:LOOKED_AT]:
        drafts = thaw(tryout).drafts
        if len(drafts) == 1 and _what_it_sees(drafts[0]) == wanted:
            known.append(Counts.from_json(tryout.counts).compared.draft)
    return max(known, key=lambda score: score.judged)


def _what_it_sees(rule: ActiveRule) -> tuple[object, ...]:
    return rule.check, rule.site, rule.only_new, rule.not_staff
