"""The default reasons, word lists and rules of a new installation, read from `seeds/`.

What is there already, by its slug, is kept as it is: it may have been changed
by the people who work with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from moderation.models import Reason, Rule, WordList
from moderation.rules import save_rules, save_word_list


@dataclass(frozen=True, slots=True)
class Loaded:
    """The slugs of one kind that were added, and of those that were there."""

    kind: str
    added: tuple[str, ...]
    kept: tuple[str, ...]


@transaction.atomic
def load(folder: Path) -> list[Loaded]:
    """Add what `reasons.yaml` and `rules.yaml` name and the database does not have.

    Raises `KeyError` or `ValueError` where the files are at fault; then
    nothing is added.
    """
    reasons = yaml.safe_load((folder / "reasons.yaml").read_text(encoding="utf-8"))
    rules = yaml.safe_load((folder / "rules.yaml").read_text(encoding="utf-8"))
    return [
        _load_reasons(reasons),
        _load_word_lists(rules["word_lists"], folder),
        _load_rules(rules["rules"]),
    ]


def _load_reasons(rows: Sequence[Mapping[str, Any]]) -> Loaded:
    new, loaded = _sort_out("reasons", rows, Reason.objects.values_list("slug", flat=True))
    Reason.objects.bulk_create(Reason(**row) for row in new)
    return loaded


def _load_word_lists(rows: Sequence[Mapping[str, Any]], folder: Path) -> Loaded:
    new, loaded = _sort_out("word lists", rows, WordList.objects.values_list("slug", flat=True))
    for row in new:
        words = (folder / row["file"]).read_text(encoding="utf-8")
        save_word_list(WordList(slug=row["slug"], name=row["name"], words=words))
    return loaded


def _load_rules(rows: Sequence[Mapping[str, Any]]) -> Loaded:
    new, loaded = _sort_out("rules", rows, Rule.objects.values_list("slug", flat=True))
    reasons, lists = Reason.objects.in_bulk(field_name="slug"), WordList.objects.in_bulk(field_name="slug")
    rules = [
        Rule(
            check_slug=row["check"],
            reason=reasons[row["reason"]],
            word_list=lists[row["word_list"]] if "word_list" in row else None,
            **{name: value for name, value in row.items() if name not in {"check", "reason", "word_list"}},
        )
        for row in new
    ]
    if rules:
        save_rules(rules, note="seeds")
    return loaded


def _sort_out(
    kind: str, rows: Sequence[Mapping[str, Any]], there: Iterable[str]
) -> tuple[list[Mapping[str, Any]], Loaded]:
    known = set(there)
    new = [row for row in rows if row["slug"] not in known]
    kept = [row["slug"] for row in rows if row["slug"] in known]
    return new, Loaded(kind, tuple(row["slug"] for row in new), tuple(kept))
