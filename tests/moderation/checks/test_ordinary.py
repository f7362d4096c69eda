"""Ordinary comments are not hit: those of the corpus of quotes and of the demo."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from moderation.checks.base import Submission
from moderation.presets import preset
from moderation.rules import build_check
from tests.moderation.checks.cases import submission

SEEDS = Path(__file__).parents[3] / "seeds"
# Checks that look at the text, name and address alone; the others need a history, sources or a list.
ALONE = {
    "disposable_email",
    "disguised_links",
    "hidden_characters",
    "language",
    "length",
    "link_domains",
    "link_share",
    "mixed_scripts",
    "name_link",
    "personal_data",
    "repeated_characters",
    "shouting",
    "staff_name",
}
RULES = [
    {"slug": slug, "check": rule.check, "params": dict(rule.params)}
    for slug, rule in preset("balanced").rules.items()
    if rule.check in ALONE and rule.mode == "enforce"
]


def lines(name: str) -> Iterator[dict[str, Any]]:
    with (SEEDS / name).open(encoding="utf-8") as rows:
        yield from map(json.loads, rows)


@cache
def ordinary() -> tuple[Submission, ...]:
    """More than a thousand comments, Japanese and English."""
    found = [
        submission(comment["body"], language=row["language"], author_name=comment["author"])
        for row in lines("corpus/quotes.jsonl")
        for comment in (row["comments"] if row["type"] == "scene" else [row["comment"]])
    ]
    demo = json.loads((SEEDS / "demo" / "comments.json").read_text("utf-8"))["comments"]
    archive = [row for row in lines("demo/archive.jsonl") if row.get("type") != "article"]
    for comment in (*demo, *archive):
        given = {name: comment.get(name, "") for name in ("author_name", "author_email")}
        found.append(submission(comment["body"], **given))
    return tuple(found)


def test_there_are_enough_of_both_languages() -> None:
    japanese = sum(not comment.body.isascii() for comment in ordinary())
    assert japanese > 500
    assert len(ordinary()) - japanese > 300


def test_most_of_these_checks_have_an_enforced_rule() -> None:
    assert {rule["check"] for rule in RULES} >= ALONE - {"language", "length", "link_share", "shouting"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["slug"])
def test_no_enforced_rule_hits_an_ordinary_comment(rule: dict[str, Any]) -> None:
    check = build_check(rule["check"], rule["params"])
    hit = [
        comment.body
        for comment in ordinary()
        if check.applies(comment) and next(check.check(comment), None) is not None
    ]
    assert hit == []
