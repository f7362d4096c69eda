"""`manage.py load_rules`: the default reasons, word lists and rules into the database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from moderation.seeding import load

HELP = """Add the default reasons, word lists and rules that are not there yet.

What is there is kept as it is, however it was changed: to run this again harms nothing. The new rules
are in force at once; without any rule, every comment is held for a person."""


class Command(BaseCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--folder",
            type=Path,
            default=settings.BASE_DIR / "seeds",
            help="Where reasons.yaml, rules.yaml and words/ are (seeds/).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for loaded in load(options["folder"]):
            added = f": {', '.join(loaded.added)}" if loaded.added else ""
            self.stdout.write(
                f"{loaded.kind}: {len(loaded.added)} added, {len(loaded.kept)} there already{added}"
            )
