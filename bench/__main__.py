"""All figures of the project, each a ratio to a baseline of the same run where it can be.

    make bench [ARGS="--quick --only screening"]

Writes bench/results.json and prints a table; a part that is not run keeps its
figures there. `--quick` measures little, to see that everything runs; its
figures mean nothing. `--document` makes docs/benchmarks.md of bench/results.json.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path
from typing import Any

from bench.document import DOCUMENT, misses, render

RESULTS = Path(__file__).with_name("results.json")
# Each has `run(quick=…)`, which gives `{figure: number}` from a process of its own.
PARTS = (
    "posting",
    "screening",
    "latency",
    "outage",
    "micro",
    "checks",
    "quotes",
    "importing",
    "tryout",
    "rules",
    "keypress",
    "desk",
)
# What the figures have to reach; (part, figure, bound, whether it is the least).
BOUNDS = (
    ("tryout", "one rule, two workers, a second", 5_000, True),
    ("tryout", "rule set, two workers, a second", 2_000, True),
    ("rules", "fifty rules to ten", 0.6, True),
    ("posting", "32 clients, 1000 articles: ratio", 0.7, True),
    ("posting", "32 clients, 1 article: ratio", 0.7, True),
    ("screening", "two workers, a second", 3_500, True),
    ("screening", "two workers to COPY", 0.08, True),
    ("screening", "two workers to one", 1.4, True),
    ("screening", "held snapshot to none", 0.9, True),
    ("micro", "patterns: CPU ms of the worst catastrophic one, 30,000 characters", 50, False),
    ("checks", "50 rules: ms, p95", 1.0, False),
    ("quotes", "10000 comments: ms a quote, index included", 0.7, False),
    ("quotes", "10000 comments: times faster than the baseline", 50, True),
    ("quotes", "10000 comments: ms of a new one, warm, worst", 20, False),
    ("quotes", "10000 comments: ms of a new one, cold, worst", 100, False),
    ("quotes", "100000 comments: bytes a character, with folded texts", 32, False),
    ("quotes", "a quote at 100000 to one at 1000", 1.5, False),
    ("quotes", "hostile: ms of the worst", 50, False),
    ("keypress", "read for 0.25 s: ms, median", 100, False),
    *(
        ("importing", f"{name}: {figure}", bound, least)
        for name in ("WXR", "Disqus")
        for figure, bound, least in (
            ("stored, a second", 10_000, True),
            ("stored to COPY", 0.2, True),
            ("decided, a second", 3_000, True),
            ("command, MiB", 150, False),
            ("command, MiB with 10 times the rows", 150, False),
        )
    ),
    ("desk", "slowest: ms, p95", 100, False),
    ("desk", "slowest: ratio", 1.3, False),
    ("desk", "pages with other numbers of queries", 0, False),
)


def main() -> int:
    """Run the parts, write their figures, print the table; 1 if a bound is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="little of everything: only to see that it runs")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; may be given again")
    parser.add_argument("--document", action="store_true", help="also write docs/benchmarks.md")
    options = parser.parse_args()
    results: dict[str, Any] = ({} if options.quick else _kept()) | {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "quick": options.quick,
    }
    for name in options.only or PARTS:
        print(f"{name} …", file=sys.stderr, flush=True)
        results[name] = importlib.import_module(f"bench.{name}").run(quick=options.quick)
        results["days"] = {**results.get("days", {}), name: f"{datetime.now(UTC):%Y-%m-%d}"}
        # At once: what comes next may fail after a quarter of an hour.
        RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if options.document and not options.quick:
        DOCUMENT.write_text(render(results, PARTS, BOUNDS), encoding="utf-8")
    for name in options.only or PARTS:
        _show(name, results[name])
    missed = list(_missed(results))
    print("\n".join(missed))
    return 1 if missed and not options.quick else 0


def _kept() -> dict[str, Any]:
    """What earlier runs have measured in earnest."""
    kept: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    return {} if kept.get("quick") else kept


def _show(name: str, figures: dict[str, Any]) -> None:
    print(f"\n{name}")
    for figure, value in figures.items():
        shown = f"{value:12,.3f}" if isinstance(value, float) else f"{value!s:>12}"
        print(f"{shown}  {figure}")


def _missed(results: dict[str, Any]) -> list[str]:
    found = []
    for part, figure, bound, least in BOUNDS:
        value = results.get(part, {}).get(figure)
        if value is not None and misses(value, bound, least):
            found.append(f"MISSED: {part}, {figure}: {value:,.3f}, asked for {bound:,}")
    return found


if __name__ == "__main__":
    sys.exit(main())
