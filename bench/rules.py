"""Screening with fifty rules of the whole catalogue, against the same with ten of the default rules.

    python -m bench.rules [--quick] [--json]

Mixed comments, a third with quotes, at 500 articles a round, by two real Celery
workers, in turn with either rule set. The fifty rules walk the catalogue again
and again with its default parameters and flag what they find; 5,000 words and
500 patterns are shared among those that take them. The check that asks
services outside is left out: it would measure the network.
"""

from __future__ import annotations

import random
import sys
from dataclasses import fields
from datetime import timedelta
from itertools import cycle, islice
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.checked import busy
from bench.checks import PATTERNS, RULES, WORDS
from bench.stand import figures, main, say, stand

if TYPE_CHECKING:
    from moderation.rule_files.schema import RuleFile

# The first default rules, before the catalogue grew.
TEN = (
    *("name-missing", "email-missing", "quote-missing", "links-many", "words-threats", "words-insults"),
    *("words-spam", "repeated-by-author", "flood-author", "flood-address"),
)
ARTICLES = 500
# Nearly all of the readers here write for the first time: observed, as the presets have it.
OBSERVED = frozenset({"first_comment"})


def run(*, quick: bool = False) -> dict[str, Any]:
    """Rates in comments a second, and their ratio."""
    return figures("bench.rules", *(["--quick"] if quick else []))


def measure(quick: bool) -> dict[str, Any]:
    """The figures, on a stand of their own."""
    comments, rounds = (1_000, 1) if quick else (20_000, 3)
    with stand(durable=True) as standing:
        from bench import data, screening
        from comments import bulk
        from moderation.rule_files.store import Options, put_in_force

        rng = random.Random(data.SEED)
        world = data.make_world(ARTICLES * rounds * 2, rng)
        lots = (world.articles[at : at + ARTICLES] for at in range(0, len(world.articles), ARTICLES))
        # Lots are stored behind what is there, and at first nothing is.
        step = timedelta(seconds=3)
        data.copy(data.rows(world, world.articles[:1], ["最初の一件です。"], data.START, step, rng))
        bulk.execute("UPDATE comments_comment SET status = 'published'")
        rates: dict[str, list[float]] = {"ten": [], "fifty": []}
        for _ in range(rounds):
            for name, rules in (("ten", _ten()), ("fifty", _fifty())):
                put_in_force(rules, Options(prune=True), note="bench")
                with screening.worker(standing, 2):
                    count, _ = screening.store(world, next(lots), comments, rng)
                    rates[name].append(count / screening.screen(count))
                say(f"rules, {name}: {rates[name][-1]:,.0f} comments a second")
    return {
        "ten rules, two workers, a second": median(rates["ten"]),
        "fifty rules, two workers, a second": median(rates["fifty"]),
        "fifty rules to ten": median(
            fifty / ten for fifty, ten in zip(rates["fifty"], rates["ten"], strict=True)
        ),
    }


def _ten() -> RuleFile:
    from moderation.presets import DEFAULT, preset

    found = preset(DEFAULT)
    found.rules = {slug: found.rules[slug] for slug in TEN}
    return found


def _fifty() -> RuleFile:
    """The catalogue in turn, as bench.checks has it, as the entries of a file."""
    from moderation.checks import CHECKS
    from moderation.checks.base import OF_WORD_LIST, takes_words
    from moderation.checks.external import External
    from moderation.checks.form_time import FormTime
    from moderation.rule_files.schema import RuleEntry, RuleFile, WordListEntry

    kinds = list(islice(cycle(kind for kind in CHECKS if kind is not External), RULES))
    lists = sum(map(takes_words, kinds))
    patterns = PATTERNS // sum("patterns" in {each.name for each in fields(kind)} for kind in kinds)
    made = RuleFile()
    for number, kind in enumerate(kinds):
        # No comment here came by a form, and no newsroom holds all that it gets for that.
        check = FormTime() if kind is FormTime else busy(kind, WORDS // lists, patterns)
        slug = f"bench-{number}"
        listed = slug if takes_words(kind) else None
        if listed:
            made.word_lists[slug] = WordListEntry(slug, slug, check.words)  # type: ignore[attr-defined]
        made.rules[slug] = RuleEntry(
            slug,
            slug,
            slug,
            kind.slug,
            "spam",
            params={
                each.name: _plain(getattr(check, each.name))
                for each in fields(check)
                if not (listed and each.name in OF_WORD_LIST)
            },
            word_list=listed,
            mode="observe" if kind.slug in OBSERVED else "enforce",
        )
    return made


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


if __name__ == "__main__":
    sys.exit(main(__doc__, measure, sys.argv[1:]))
