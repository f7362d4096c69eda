"""The rule sets that an installation can start with, read from `seeds/`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from moderation.rule_files.schema import SECTIONS, RuleFile, read

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
