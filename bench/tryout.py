"""Try-outs of one rule and of the default rule set over stored comments, by two Celery workers.

    python -m bench.tryout [--quick] [--json]

100,000 mixed comments, a third with quotes, at 2,500 articles, screened by the
default rules, a twentieth decided by people. *One rule* is a draft of the
insult list's, beside its version in force; *flood* needs facts about earlier
comments, *quotes* traces what is quoted; *rule set* is all default rules. Each
is timed from its start to its end, with its counts and samples; the median of
three. Nothing else runs meanwhile. *Findings as stored* are those that the
rule set gives again to the letter.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.stand import figures, main, say, stand

if TYPE_CHECKING:
    from moderation.backtest import Period
    from moderation.models import Tryout

    Begin = Callable[[Period], Tryout]

POLL_SECONDS = 0.02


def run(*, quick: bool = False) -> dict[str, Any]:
    """Rates in comments a second."""
    return figures("bench.tryout", *(["--quick"] if quick else []))


def measure(quick: bool) -> dict[str, Any]:
    """The figures, on a stand of their own."""
    comments, rounds = (4_000, 1) if quick else (100_000, 3)
    with stand(durable=True) as standing:
        standing.start("worker")
        standing.wait_for_worker()
        _fill(comments)
        _screen()
        _decide()
        found: dict[str, Any] = {}
        for name, begin in _kinds().items():
            rates, tryout = [], None
            for _ in range(rounds):
                rate, tryout = _timed(begin)
                rates.append(rate)
                say(f"tryout, {name}: {rate:,.0f} a second")
            found[f"{name}, two workers, a second"] = median(rates)
        assert tryout is not None
        return found | _reproduced(tryout)


def _fill(comments: int) -> None:
    """So many comments of readers, not yet judged."""
    from bench import data
    from comments import bulk

    rng = random.Random(data.SEED)
    world = data.make_world(max(comments // 40, 20), rng)
    bodies = data.mixed_bodies(world, world.articles, rng, comments)
    data.copy(data.rows(world, world.articles, bodies, data.START, timedelta(seconds=20), rng))
    bulk.execute("VACUUM (ANALYZE)")
    say(f"tryout: {comments:,} comments stored")


def _screen() -> None:
    """Have the workers judge all of them."""
    from comments import bulk
    from moderation.doorbell import ring

    bulk.execute(
        """INSERT INTO moderation_pending (comment_id, lane, since, request_id)
           SELECT id, 0, now(), '' FROM comments_comment WHERE status = 'received' ORDER BY id"""
    )
    while bulk.fetch("SELECT 1 FROM moderation_pending LIMIT 1"):
        ring()
        time.sleep(POLL_SECONDS)
    say("tryout: screened")


def _decide() -> None:
    """A person decides every twentieth comment, four of five times as a rejection."""
    from django.contrib.auth.models import User

    from comments import bulk

    by = User.objects.create_user("bench").pk
    bulk.execute(
        """INSERT INTO moderation_decision
               (comment_id, revision, from_status, to_status, cause, by_id, facts, created_at)
           SELECT id, 1, status, CASE WHEN id %% 100 = 0 THEN 'published' ELSE 'rejected' END,
               'person', %s, '{}', now()
           FROM comments_comment WHERE id %% 20 = 0""",
        [by],
    )
    bulk.execute("VACUUM (ANALYZE)")


def _kinds() -> dict[str, Begin]:
    from moderation import backtest
    from moderation.models import Rule, RuleSet

    insults, flood = Rule.objects.get(slug="words-insults"), Rule.objects.get(slug="flood-author")
    quotes = Rule.objects.get(slug="quote-missing")
    insults.applies_to, flood.params, quotes.params = "new", {"seconds": 600}, {"tell": ["missing"]}
    return {
        "one rule": lambda period: backtest.try_rule(insults, period),
        "flood": lambda period: backtest.try_rule(flood, period),
        "quotes": lambda period: backtest.try_rule(quotes, period),
        "rule set": lambda period: backtest.try_rule_set(RuleSet.objects.latest("pk"), period),
    }


def _timed(begin: Begin) -> tuple[float, Tryout]:
    """Comments a second, from the start to the end."""
    from bench import data
    from moderation.backtest import OPEN, Period

    period = Period(data.START, data.START + timedelta(days=3_650))
    started = time.perf_counter()
    tryout = begin(period)
    while tryout.status in OPEN:
        time.sleep(POLL_SECONDS)
        tryout.refresh_from_db()
    if tryout.status != "done":
        raise RuntimeError(f"the try-out ended as {tryout.status}: {tryout.error}")
    return tryout.counts["tried"] / (time.perf_counter() - started), tryout


def _reproduced(tryout: Tryout) -> dict[str, Any]:
    from moderation.backtest import Counts

    counts = Counts.from_json(tryout.counts)
    say(f"tryout: {counts.same:,} findings as stored; others: {dict(counts.differing)}")
    compared = counts.same + sum(counts.differing.values())
    return {"findings as stored, of those compared": counts.same / max(compared, 1)}


if __name__ == "__main__":
    sys.exit(main(__doc__, measure, sys.argv[1:]))
