"""The rule sets that an installation can start with, read from `seeds/`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from moderation.engine import ActiveRule
from moderation.rule_files.schema import SECTIONS, RuleFile, read
from moderation.rules import build_check

# What each preset is made of: a later file's rules stand for those of the same slug before it.
PRESETS: Mapping[str, tuple[str, ...]] = {
    "balanced": ("reasons.yaml", "words.yaml", "presets/balanced.yaml"),
    "strict": ("reasons.yaml", "words.yaml", "presets/balanced.yaml", "presets/strict.yaml"),
}
DEFAULT = "balanced"


def preset(name: str, folder: Path | None = None) -> RuleFile:
    """The entries of a preset. Raises `Faulty`, or `OSError` where a file is not there."""
    folder = folder or settings.BASE_DIR / "seeds"
    made = RuleFile()
    for file in PRESETS[name]:
        layer = read([(file, (folder / file).read_bytes())])
        for section in SECTIONS:
            made.section(section).update(layer.section(section))
            replaced = {(section, slug) for slug in layer.section(section)}
            made.places = {key: place for key, place in made.places.items() if key[:2] not in replaced}
        made.places |= layer.places
    return made


def active_rules(file: RuleFile) -> list[ActiveRule]:
    """The rules of a file, numbered as they stand, ready to run without a database.

    Raises `WrongParameters`, or `KeyError` for a word list that the file does not have.
    """
    return [
        ActiveRule(
            version=number,
            check=build_check(
                rule.check,
                dict(rule.params),
                file.word_lists[rule.word_list].words if rule.word_list else None,
            ),
            action=rule.action,
            enforced=rule.mode == "enforce",
            severity=rule.severity,
            reason=number,
            only_new=rule.applies_to == "new",
            not_staff=rule.applies_to == "not_staff",
            rule=number,
        )
        for number, rule in enumerate(file.rules.values(), start=1)
        if rule.mode != "off"
    ]
