"""`docs/benchmarks.md` from a run's results: the figures are never copied by hand."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"

_HEAD = """\
# Benchmarks

Written by `make bench ARGS=--document`, on {machine}. A part that was not run again keeps its figures,
with their day. Absolute figures are those of that machine; a ratio compares with a baseline of the same
run, and is what to look at. An entry that falls short of what it has to reach is marked **short**.
"""


def render(
    results: Mapping[str, Any], parts: Sequence[str], bounds: Sequence[tuple[str, str, float, bool]]
) -> str:
    """The document for the results of the parts that were run."""
    asked = {(part, figure): (bound, least) for part, figure, bound, least in bounds}
    sections = [_HEAD.format(**results)]
    for part in parts:
        if part not in results:
            continue
        table = ["| figure | measured | asked |", "|---|---:|---:|", *_rows(part, results[part], asked)]
        day = f"Measured on {results['days'][part]}."
        sections.append("\n\n".join([f"## {part.capitalize()}", _about(part), day, "\n".join(table) + "\n"]))
    return "\n".join(sections)


def _about(part: str) -> str:
    """What a part's module says of itself, without its command lines."""
    text = inspect.getdoc(importlib.import_module(f"bench.{part}")) or ""
    return "\n\n".join(block for block in text.split("\n\n") if not block.startswith("    "))


def _rows(
    part: str, figures: Mapping[str, Any], asked: Mapping[tuple[str, str], tuple[float, bool]]
) -> Iterator[str]:
    for figure, value in figures.items():
        bound, least = asked.get((part, figure), (None, True))
        wanted = "" if bound is None else f"{'≥' if least else '≤'} {bound:,}"
        if bound is not None and misses(value, bound, least):
            wanted += ", **short**"
        yield f"| {figure} | {_number(value)} | {wanted} |"


def misses(value: float, bound: float, least: bool) -> bool:
    """Whether a figure is on the wrong side of what it has to reach."""
    return value < bound if least else value > bound


def _number(value: Any) -> str:
    """Three significant digits: a fourth would be the machine's mood."""
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 else f"{value:.1e}"
