"""What each check costs, and fifty rules of them, over Japanese comments of 280 characters.

    python -m bench.checks [--json] [--quick]

A seeded mixture: plain sentences, and some with links, quotes, figures in full
width, half-width kana, faces, laughter, English and all kinds of trouble, with
the facts that each check works on (`bench.checked`); each finds something, and
how often is told. No database: checks are pure. Each figure is processor time,
a percentile over the comments of the best of several rounds, which is the one
least disturbed by what else the machine does. The fifty rules walk `CHECKS`
again and again, with 5,000 words and 500 patterns shared among those that take
them; there the folded text is the stored one, and everything else is found anew
for each comment.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from itertools import cycle, islice
from statistics import quantiles
from time import thread_time_ns

from bench.checked import busy, comments, hits
from moderation.checks import CHECKS
from moderation.checks.base import Check, Submission
from moderation.engine import ActiveRule, Context, evaluate

RULES, WORDS, PATTERNS = 50, 5_000, 500


def fifty_rules() -> list[ActiveRule]:
    """Fifty enforced rules over all checks in turn."""
    kinds = list(islice(cycle(CHECKS), RULES))
    lists = sum(_takes(kind, "words") for kind in kinds), sum(_takes(kind, "patterns") for kind in kinds)
    words, patterns = (total // max(1, count) for total, count in zip((WORDS, PATTERNS), lists, strict=True))
    return [
        ActiveRule(version, busy(kind, words, patterns), "hold", enforced=True, severity=2, reason=1)
        for version, kind in enumerate(kinds)
    ]


def _takes(kind: type[Check], name: str) -> bool:
    return name in {field.name for field in fields(kind)}


def _nanoseconds(
    call: Callable[[Submission], object], ready: Callable[[], Sequence[Submission]], rounds: int
) -> list[int]:
    """The least time of each comment over the rounds; `ready` makes the comments of a round."""
    best: list[int] = []
    for _ in range(rounds):
        times = []
        for comment in ready():
            begun = thread_time_ns()
            call(comment)
            times.append(thread_time_ns() - begun)
        best = list(map(min, best, times)) if best else times
    return best


def _percentiles(times: Sequence[int], unit: float) -> tuple[float, float]:
    cuts = quantiles(times, n=20)
    return cuts[9] / unit, cuts[18] / unit


def _run(check: Check) -> Callable[[Submission], object]:
    def call(comment: Submission) -> None:
        if check.applies(comment):
            for _ in check.check(comment):
                pass

    return call


def run(*, quick: bool = False) -> dict[str, float]:
    """Microseconds a comment by check, and milliseconds of fifty rules."""
    rounds = 2 if quick else 9
    some = comments(100 if quick else 500)
    for comment in some:
        _ = comment.folded.places, comment.folded_name.places, comment.targets
    figures: dict[str, float] = {}
    sums = [0] * len(some)
    for kind in CHECKS:
        check = busy(kind, WORDS, PATTERNS)
        figures[f"{kind.slug}: % hit"] = 100 * hits(check, some) / len(some)
        times = _nanoseconds(_run(check), lambda: some, rounds)
        sums = [total + time for total, time in zip(sums, times, strict=True)]
        figures[f"{kind.slug}: µs, p50"], figures[f"{kind.slug}: µs, p95"] = _percentiles(times, 1_000)
    figures["sum of all checks: µs, p50"], figures["sum of all checks: µs, p95"] = _percentiles(sums, 1_000)
    rules, context = fifty_rules(), Context(site=1, floor="open")
    folds = [comment.folded.text for comment in some]

    def fresh() -> list[Submission]:
        return [replace(comment, stored_fold=text) for comment, text in zip(some, folds, strict=True)]

    times = _nanoseconds(lambda comment: evaluate(rules, comment, context), fresh, rounds)
    figures["50 rules: ms, p50"], figures["50 rules: ms, p95"] = _percentiles(times, 1_000_000)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--quick", action="store_true", help="little of it: only to see that it runs")
    options = parser.parse_args()
    figures = run(quick=options.quick)
    if options.json:
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}, ensure_ascii=False))
        return
    for name, value in figures.items():
        print(f"{value:9.3f}  {name}")


if __name__ == "__main__":
    main()
