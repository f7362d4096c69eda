"""`manage.py load_rules`: the default reasons, word lists and rules into the database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from moderation.presets import DEFAULT, PRESETS, preset
from moderation.rule_files.schema import SECTIONS
from moderation.rule_files.store import Options, What, put_in_force

HELP = """Add the default reasons, word lists and rules that are not there yet.

What is there is kept as it is, however it was changed: to run this again harms nothing. The new rules
are in force at once; without any rule, every comment is held for a person. `manage.py rules import
--preset` changes what is there, too, and tells before what that would be."""


class Command(BaseCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--folder",
            type=Path,
            default=settings.BASE_DIR / "seeds",
            help="Where reasons.yaml, words.yaml and presets/ are (seeds/).",
        )
        parser.add_argument("--preset", choices=PRESETS, default=DEFAULT, help="Which rules (%(default)s).")

    def handle(self, *args: Any, **options: Any) -> None:
        rules = preset(options["preset"], options["folder"])
        changes = put_in_force(rules, Options(add_only=True), note=f"preset {options['preset']}")
        for section in SECTIONS:
            of_section = [each for each in changes if each.section == section and each.what is not What.LEFT]
            added = [each.slug for each in of_section if each.what is What.ADDED]
            told = f": {', '.join(added)}" if added else ""
            self.stdout.write(
                f"{section.replace('_', ' ')}: {len(added)} added, "
                f"{len(of_section) - len(added)} there already{told}"
            )
